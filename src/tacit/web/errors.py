"""Pages that say what went wrong and how to go on."""

from __future__ import annotations

from collections.abc import Sequence

from django.conf import settings
from django.contrib.sessions.exceptions import SessionInterrupted
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.shortcuts import render
from django.template.loader import render_to_string
from django.utils.translation import gettext as _

from tacit.accounts.types import NotAllowed
from tacit.catalog.types import NoSuchProduct
from tacit.checkout.types.order import NoSuchOrder
from tacit.web import brand


def page(
    request: HttpRequest, status: int, *, sentence: str = "", field: str = "", title: str = ""
) -> HttpResponse:
    """An error page: a title of its status, what happened in a sentence, which input, and ways on."""
    titles = {
        400: _("That request cannot be read"),
        403: _("That is not possible from here"),
        404: _("There is nothing here"),
        405: _("This page cannot be used like that"),
        409: _("Something changed in the meantime"),
        422: _("Something does not fit"),
        429: _("That was too often"),
        500: _("Something went wrong on our side"),
    }
    words = {
        "title": title or titles[status],
        "sentence": sentence,
        "field": field,
        "status": status,
        "readings": (),  # an address that leads nowhere is not repeated
    }
    return render(request, "web/error.html", words, status=status)


def wrong_method(request: HttpRequest, allowed: Sequence[str]) -> HttpResponse:
    """405 with what is allowed."""
    sentence = _("Open it from the page before, or go back to the shop.")
    response = HttpResponseNotAllowed(allowed)
    response.content = page(request, 405, sentence=sentence).content
    return response


def not_found(request: HttpRequest, error: Exception | None = None) -> HttpResponse:
    """404, in words for what was looked for."""
    title, sentence = "", _("The address may be old or mistyped.")
    if isinstance(error, NoSuchProduct):
        title, sentence = (
            _("We do not sell this"),
            _("It may have been taken out of the shop. Others are here:"),
        )
    elif isinstance(error, NoSuchOrder):
        title = _("There is no such order")
        sentence = _("Open the link in your order mail once more; it must be complete to the last character.")
    elif isinstance(error, NotAllowed):
        sentence = _("If you work here, sign in with the address of a member of staff.")
    return page(request, 404, sentence=sentence, title=title)


def not_erased(request: HttpRequest) -> HttpResponse:
    """503: an erasure that cannot be written down does not happen."""
    sentence = _(
        "The shop cannot write it down right now, and what is not written down is not done. Try again later."
    )
    return page(request, 503, sentence=sentence, title=_("Nothing was erased"))


def handler400(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """Requests Django refuses: too large, too many fields, malformed, of a session that ended under way."""
    if isinstance(exception, SessionInterrupted):
        sentence = _("Sign in again and look whether it was done.")
        return page(request, 400, sentence=sentence, title=_("You were signed out in the meantime"))
    return page(request, 400, sentence=_("It is too large or damaged. Nothing was changed."))


def handler403(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    del exception
    sentence = _("Open it from the page before, or sign in again.")
    return page(request, 403, sentence=sentence)


def handler404(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    del exception
    return not_found(request)


def handler500(request: HttpRequest) -> HttpResponse:
    """Uses neither database nor context, so that it works when they do not."""
    del request
    return HttpResponse(
        render_to_string("web/500.html", {**brand.words(), "shop_mail": settings.SHOP_MAIL}), status=500
    )
