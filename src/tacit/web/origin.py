"""Requests that change something must come from our own pages.

Browsers say where a request comes from (``Sec-Fetch-Site``, else ``Origin``), so no token is needed and
pages stay cacheable. A request that says neither is not from a browser and carries nobody's cookies by
accident. Signed webhooks prove themselves and are let through by the views that verify them.
"""

from __future__ import annotations

from collections.abc import Callable
from urllib.parse import urlsplit

from django.http import HttpRequest, HttpResponseBase
from django.utils.translation import gettext as _

from tacit.web import errors

SAFE = frozenset({"GET", "HEAD", "OPTIONS", "TRACE"})


def is_same_origin(request: HttpRequest) -> bool:
    """Whether a changing request was sent by one of our pages, or by no browser at all."""
    site = request.headers.get("Sec-Fetch-Site")
    if site is not None:
        return site in {"same-origin", "none"}
    origin = request.headers.get("Origin")
    return origin is None or urlsplit(origin).netloc == request.get_host()


class SameOriginMiddleware:
    """Answers 403 to a changing request from another site."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        if request.method not in SAFE and not is_same_origin(request):
            sentence = _("The request came from another site. Open the shop's own page and do it there.")
            return errors.page(request, 403, sentence=sentence)
        return self.get_response(request)
