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
from tacit.web.visitor import visitor_of


def staff(view: Callable[..., HttpResponseBase], *methods: str) -> View:
    """``view(request, visitor, …)`` for staff only; others sign in, or find nothing here."""

    @wraps(view)
    def guarded(request: HttpRequest, *args: object, **kwargs: object) -> HttpResponseBase:
        visitor: Visitor = visitor_of(request)
        if visitor.person is None:
            on = request.get_full_path() if request.method == "GET" else reverse("desk")
            sign_in = f"{reverse('sign-in')}?{urlencode({'next': on})}"
            if asks_for_part(request):  # a sign-in page is no part of a list: the whole window goes there
                return HttpResponse(status=204, headers={"HX-Redirect": sign_in})
            return see_other(sign_in)
        if not visitor.staff:
            raise NotAllowed
        return view(request, visitor, *args, **kwargs)

    return page(guarded, *methods, keep=Keep.NOBODY)
