"""Browsers of returning shoppers: a plain cookie that says nothing but that one tap may be worth offering.

It is no identity and opens nothing. Product pages, which know nobody, are kept once with and once without the slot
that it asks for; what comes into the slot is asked for by who is signed in, and never kept.
"""

from __future__ import annotations

import re
from datetime import timedelta

from django.conf import settings
from django.http import HttpRequest, HttpResponseBase

COOKIE, YES = "returning", "1"
KEPT = timedelta(days=365)
_PRODUCT = re.compile(r"(/[a-z]{2,3}(-[a-z0-9]+)?)?/p/")


def has_slot(request: HttpRequest) -> bool:
    """Whether this is a product page asked for by such a browser."""
    return request.COOKIES.get(COOKIE) == YES and _PRODUCT.match(request.path) is not None


def note(response: HttpResponseBase) -> None:
    """From now on this browser is offered one tap."""
    response.set_cookie(
        COOKIE, YES, max_age=KEPT, httponly=True, samesite="Lax", secure=settings.SESSION_COOKIE_SECURE
    )


def forget(response: HttpResponseBase) -> None:
    """It signed out, or has nothing left to pay with in one tap."""
    response.delete_cookie(COOKIE, samesite="Lax")
