"""Who may come to the desk."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps

from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.urls import reverse
from django.utils.http import urlencode

from tacit.accounts.types import NotAllowed, Visitor
from tacit.web.answering import Keep, View, page
from tacit.web.buying import see_other
from tacit.web.desk.in_place import asks_for_part
from tacit.web.visitor import visitor_of, works_here


def staff(view: Callable[..., HttpResponseBase], *methods: str) -> View:
    """``view(request, visitor, …)`` for staff who showed their second factor; others sign in, or find nothing here."""

    @wraps(view)
    def guarded(request: HttpRequest, *args: object, **kwargs: object) -> HttpResponseBase:
        visitor: Visitor = visitor_of(request)
        if visitor.person is None:
            return _led_to("sign-in", request)
        if not visitor.staff:
            if works_here(request):
                return _led_to("second-factor", request)
            raise NotAllowed
        return view(request, visitor, *args, **kwargs)

    return page(guarded, *methods, keep=Keep.NOBODY)


def _led_to(page_name: str, request: HttpRequest) -> HttpResponse:
    on = request.get_full_path() if request.method == "GET" else reverse("desk")
    address = f"{reverse(page_name)}?{urlencode({'next': on})}"
    if asks_for_part(request):  # a whole page is no part of a list: the window goes there
        return HttpResponse(status=204, headers={"HX-Redirect": address})
    return see_other(address)
