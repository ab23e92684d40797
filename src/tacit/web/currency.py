"""The currency a visitor reads prices in: one plain cookie, no session."""

from __future__ import annotations

from datetime import timedelta
from urllib.parse import urlsplit

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _

from tacit.checkout import actions
from tacit.core import clock
from tacit.web import parsing
from tacit.web.parsing import BadInput
from tacit.web.visitor import visitor_of

COOKIE = "currency"
KEPT = timedelta(days=365)


def currency_of(request: HttpRequest) -> str:
    """One of ``settings.SHOP_CURRENCIES``: what the cookie says, else the shop's first. Reads nothing else."""
    chosen = request.COOKIES.get(COOKIE, "")
    return chosen if chosen in settings.SHOP_CURRENCIES else settings.SHOP_CURRENCY


def change(request: HttpRequest) -> HttpResponse:
    """Show prices in another currency from now on, the cart's too where everything in it has one."""
    currency = parsing.text(request.POST, "currency", longest=3, required=True)
    if currency not in settings.SHOP_CURRENCIES:
        raise BadInput("currency", _("This shop does not sell in it. Choose a currency from the list."))
    back = _back(request)
    missing = actions.change_currency(visitor_of(request), currency=currency, now=clock.now())
    if missing:
        page = {"missing": missing, "currency": currency, "back": back}
        response = render(request, "web/currency_kept.html", page, status=409)
    else:
        response = HttpResponse(status=303, headers={"Location": back})
    response.set_cookie(COOKIE, currency, max_age=KEPT, samesite="Lax", secure=settings.SESSION_COOKIE_SECURE)
    return response


def _back(request: HttpRequest) -> str:
    """The page it was asked on. Kept pages know only their path; what was searched for, the browser says."""
    page = parsing.same_site_path(request.POST.get("next", ""), default="/")
    came = urlsplit(request.headers.get("Referer", ""))
    asked = f"{page}?{came.query}"
    whole = came.path == page and came.netloc == request.get_host() and bool(came.query)
    return parsing.same_site_path(asked, default=page) if whole else page
