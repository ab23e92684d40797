"""What a browser may do with our answers: a constant, so that kept pages carry it as well as fresh ones."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from urllib.parse import urlsplit

from django.conf import settings
from django.http import HttpRequest, HttpResponseBase

SHOWS_A_MAIL = frozenset({"demo-message", "desk-message"})
"""Pages with a mail in a sandboxed frame. A frame made of ``srcdoc`` obeys its page's policy, and mails can
only be styled in themselves, so these pages allow inline styles; scripts stay forbidden."""

PICTURE = "default-src 'none'; style-src 'unsafe-inline'; sandbox"
"""For SVG files, which are documents of their own when somebody opens them alone."""

PERMISSIONS = "camera=(), geolocation=(), microphone=(), usb=()"


def policy(payment_pages: Sequence[str], *, styles: str = "'self'") -> str:
    """The Content-Security-Policy of our pages. ``payment_pages``: addresses of providers' hosted pages, to
    which placing an order redirects: Chromium holds redirects after a form against ``form-action`` too."""
    targets = " ".join(["'self'", *sorted({origin(each) for each in payment_pages})])
    return (
        f"default-src 'none'; script-src 'self'; style-src {styles}; img-src 'self'; connect-src 'self'; "
        f"frame-src 'self'; form-action {targets}; frame-ancestors 'none'; base-uri 'none'"
    )


def origin(address: str) -> str:
    """Scheme, host and port of an address."""
    parts = urlsplit(address)
    return f"{parts.scheme}://{parts.netloc}"


class SecurityHeaders:
    """Says it on every answer that says nothing itself."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response
        self.page = policy(settings.PAYMENT_PAGES)
        self.page_with_a_mail = policy(settings.PAYMENT_PAGES, styles="'self' 'unsafe-inline'")

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        response = self.get_response(request)
        match = request.resolver_match
        if match is not None and match.url_name in SHOWS_A_MAIL:
            said = self.page_with_a_mail
        elif response.headers.get("Content-Type", "").startswith("image/svg"):
            said = PICTURE
        else:
            said = self.page
        response.headers.setdefault("Content-Security-Policy", said)
        response.headers.setdefault("Permissions-Policy", PERMISSIONS)
        return response
