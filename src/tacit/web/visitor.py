"""Who sent this request, as far as it proves it."""

from __future__ import annotations

import re
import time
from datetime import timedelta
from uuid import UUID

from django.conf import settings
from django.http import HttpRequest, HttpResponse

from tacit.accounts.types import Visitor

CART_COOKIE = f"{settings.COOKIE_PREFIX}cart"
CART_KEPT = timedelta(days=60)
STRONG = "strong"
STRONG_FOR = timedelta(days=7)
"""How long staff work at the desk before they show their second factor again."""
_CART = re.compile(r"[A-Za-z0-9_\-]{16,32}\Z")


def visitor_of(request: HttpRequest, *, order: str = "") -> Visitor:
    """The visitor. ``order``: the number of an order whose signed link was checked.

    Reads the session only when there is a session cookie, so that pages for everybody stay the same for all.
    """
    token = request.COOKIES.get(CART_COOKIE, "")
    cart = token if _CART.match(token) else ""
    if settings.SESSION_COOKIE_NAME in request.COOKIES:
        user = request.user
        if user.is_authenticated:
            staff = bool(user.is_staff) and is_strong(request)
            return Visitor(person=UUID(str(user.pk)), cart=cart, order=order, staff=staff)
    return Visitor(cart=cart, order=order)


def works_here(request: HttpRequest) -> bool:
    """Whether a member of staff is signed in, with or without their second factor."""
    return settings.SESSION_COOKIE_NAME in request.COOKIES and bool(getattr(request.user, "is_staff", False))


def is_strong(request: HttpRequest) -> bool:
    """Whether a second factor was shown in this session, lately enough by the world's clock."""
    shown = request.session.get(STRONG)
    return isinstance(shown, int) and 0 <= time.time() - shown < STRONG_FOR.total_seconds()


def make_strong(request: HttpRequest, *, new_key: bool = True) -> None:
    """A second factor was shown just now. ``new_key``: so that a copy of the key from before is worth nothing."""
    request.session[STRONG] = int(time.time())
    if new_key:
        request.session.cycle_key()


def client_of(request: HttpRequest) -> str:
    """The network address that asks: behind a proxy (TACIT_PROXY) the one that the proxy itself noted last."""
    if settings.BEHIND_PROXY:
        return request.headers.get("X-Forwarded-For", "").rpartition(",")[2].strip()
    return str(request.META.get("REMOTE_ADDR", ""))


def keep_cart(response: HttpResponse, token: str) -> None:
    """Let this browser keep the cart."""
    response.set_cookie(
        CART_COOKIE,
        token,
        max_age=CART_KEPT,
        httponly=True,
        samesite="Lax",
        secure=settings.SESSION_COOKIE_SECURE,
    )
