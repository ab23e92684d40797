"""Browsers that signed in before may always ask for a code, however many strangers ask for that address.

A signed cookie keeps a mark of each address, never the address itself.
"""

from __future__ import annotations

from datetime import timedelta

from django.conf import settings
from django.http import HttpRequest, HttpResponse

from tacit.accounts import queries

COOKIE = "known"
KEPT = timedelta(days=365)
MOST = 5
"""Addresses one browser is known for; the newest stay."""
_SALT = "tacit.web.known-browser"


def is_known(request: HttpRequest, email: str) -> bool:
    """Whether this browser proves that it signed in as ``email`` before."""
    mark = queries.browser_mark(email)
    return bool(mark) and mark in _marks(request)


def keep(request: HttpRequest, response: HttpResponse, email: str) -> None:
    """Let this browser be known for ``email``."""
    mark = queries.browser_mark(email)
    marks = [mark, *(each for each in _marks(request) if each != mark)][:MOST]
    response.set_signed_cookie(
        COOKIE,
        ".".join(marks),
        salt=_SALT,
        max_age=KEPT,
        httponly=True,
        samesite="Lax",
        secure=settings.SESSION_COOKIE_SECURE,
    )


def _marks(request: HttpRequest) -> list[str]:
    kept = request.get_signed_cookie(COOKIE, default="", salt=_SALT, max_age=KEPT)
    return kept.split(".") if kept else []
