"""Requests that change something must come from our own pages.

Browsers say where a request comes from (``Sec-Fetch-Site``, else ``Origin``), so no token is needed and
pages stay cacheable. A request that says neither is not from a browser and carries nobody's cookies by
accident. Signed webhooks prove themselves and are let through by the views that verify them.
"""

from __future__ import annotations

from collections.abc import Callable
from urllib.parse import urlsplit

from django.conf import settings
from django.core.exceptions import DisallowedHost
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
    if origin is None:
        return True
    ours = (settings.SHOP_URL, f"{request.scheme}://{request.get_host()}")
    return whole_origin(origin) in {whole_origin(each) for each in ours}


def whole_origin(address: str) -> tuple[str, str, int]:
    """Scheme, host and port of an address; the scheme is '' when it has none or cannot be read."""
    try:
        parts = urlsplit(address)
        port = parts.port or {"http": 80, "https": 443}.get(parts.scheme, 0)
    except ValueError:
        return "", "", 0
    return parts.scheme, parts.hostname or "", port


class SameOriginMiddleware:
    """Answers 400 to a host name that is not ours, and 403 to a changing request from another site."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        try:
            request.get_host()
        except DisallowedHost:
            sentence = _("This shop does not go by that name. Open it at its own address.")
            return errors.page(request, 400, sentence=sentence)
        if request.method not in SAFE and not is_same_origin(request):
            sentence = _("The request came from another site. Open the shop's own page and do it there.")
            return errors.page(request, 403, sentence=sentence)
        return self.get_response(request)
