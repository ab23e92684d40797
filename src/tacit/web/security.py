"""What a browser may do with our answers: a constant, so that kept pages carry it as well as fresh ones."""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Callable, Sequence
from html import unescape
from urllib.parse import urlsplit

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseBase

PICTURE = "default-src 'none'; sandbox"
"""For SVG files, which are documents of their own when somebody opens them alone."""

PERMISSIONS = (
    "camera=(), geolocation=(), microphone=(), payment=(), usb=(), "
    "publickey-credentials-create=(self), publickey-credentials-get=(self)"
)
OWN = "same-origin"
"""Cross-Origin-Resource-Policy: no other site may take it in as a picture or script and learn from it."""
SHARED = "cross-origin"
"""The same for pictures that others may show."""

_STYLE = re.compile(r"<style[^>]*>(.*?)</style>", re.S | re.I)
_ATTRIBUTE = re.compile(r"""\sstyle\s*=\s*(?:"([^"]*)"|'([^']*)')""", re.I)


def policy(payment_pages: Sequence[str]) -> str:
    """The Content-Security-Policy of our pages. ``payment_pages``: addresses of providers' hosted pages, to
    which placing an order redirects: Chromium holds redirects after a form against ``form-action`` too."""
    targets = " ".join(["'self'", *sorted({origin(each) for each in payment_pages})])
    return (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; "
        f"frame-src 'self'; form-action {targets}; frame-ancestors 'none'; base-uri 'none'"
    )


def origin(address: str) -> str:
    """Scheme, host and port of an address."""
    parts = urlsplit(address)
    return f"{parts.scheme}://{parts.netloc}"


def styles_of(document: str) -> str:
    """``style-src`` that lets exactly the styles in ``document`` (HTML or SVG) apply, by their hashes."""
    found = [*_STYLE.findall(document)]
    found += [unescape(double or single) for double, single in _ATTRIBUTE.findall(document)]
    hashes = {base64.b64encode(hashlib.sha256(each.encode()).digest()).decode() for each in found}
    said = " ".join(f"'sha256-{each}'" for each in sorted(hashes))
    return f"style-src 'unsafe-hashes' {said}" if said else "style-src 'none'"


def alone(content: str, kind: str) -> HttpResponse:
    """A document that is not a page of ours (a mail), for a frame of ours: its styles apply, nothing else does."""
    response = HttpResponse(content, content_type=kind)
    sandbox = "sandbox allow-popups allow-top-navigation-by-user-activation"
    response["Content-Security-Policy"] = (
        f"default-src 'none'; {styles_of(content)}; frame-ancestors 'self'; {sandbox}"
    )
    response["X-Frame-Options"] = "SAMEORIGIN"
    response["Referrer-Policy"] = "no-referrer"
    return response


class SecurityHeaders:
    """Says it on every answer that says nothing itself."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response
        self.page = policy(settings.PAYMENT_PAGES)

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        response = self.get_response(request)
        headers = response.headers
        is_svg = headers.get("Content-Type", "").startswith("image/svg")
        headers.setdefault("Content-Security-Policy", PICTURE if is_svg else self.page)
        headers.setdefault("Permissions-Policy", PERMISSIONS)
        headers.setdefault("Cross-Origin-Resource-Policy", OWN)
        return response
