"""What makes the shop the merchant's: style sheet of its colours, its mark, its texts; the same for every page."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from tacit.web import mark, security, texts, theme
from tacit.web.templatetags.shown import static_file

DEFAULT_NAME = "Nordwind"
"""The sample shop's, whose mark is static/tacit/mark.svg."""

_YEAR = "public, max-age=31536000, immutable"
_ASK_AGAIN = "public, no-cache"


@dataclass(frozen=True, slots=True)
class Brand:
    """``theme``: a style sheet, '' when the colours are base.css's. ``icon``: the merchant's mark or a letter
    in its place, None when it is the sample shop's. ``shown``: the mark to put beside the name."""

    theme: str
    theme_digest: str
    icon: mark.Mark | None
    shown: mark.Mark | None


def brand() -> Brand:
    """From the settings."""
    return _brand(settings.SHOP_NAME, settings.SHOP_ACCENT, settings.SHOP_GROUND, settings.SHOP_MARK)


@lru_cache(maxsize=8)
def _brand(name: str, accent: str, ground: str, own: mark.Mark | None) -> Brand:
    sheet = theme.stylesheet(accent, ground)
    icon = own
    if own is None and (name, accent) != (DEFAULT_NAME, theme.ACCENT):
        on_light = theme.light_accent(accent)
        icon = mark.initial(name, ground=on_light.plain, text=on_light.text)
    return Brand(sheet, hashlib.sha256(sheet.encode()).hexdigest()[:12], icon, own)


def words() -> dict[str, Any]:
    """For the templates: ``theme`` (address or ''), ``icon`` and ``mark`` (address, type, width or None)."""
    own = brand()
    return {
        "shop_name": settings.SHOP_NAME,
        "theme": f"/theme.css?v={own.theme_digest}" if own.theme else "",
        "icon": _address(own.icon) if own.icon else static_file("tacit/mark.svg"),
        "icon_kind": own.icon.kind if own.icon else mark.SVG,
        "mark": {"address": _address(own.shown), "width": own.shown.width, "height": mark.HEIGHT}
        if own.shown
        else None,
        "mark_alone": settings.SHOP_MARK_ALONE and own.shown is not None,
    }


def _address(shown: mark.Mark) -> str:
    return f"/mark?v={shown.digest}"


def title_of(name: str) -> str:
    """What a text of the merchant's is called in links."""
    return {
        "about": _("About us"),
        "imprint": _("Imprint"),
        "terms": _("Terms"),
        "privacy": _("Privacy"),
        "returns": _("Returns and withdrawal"),
    }[name]


def legal() -> list[tuple[str, str]]:
    """(address, name) of the merchant's texts that there are, in the language of the page."""
    return [(reverse(name), title_of(name)) for name in texts.names(settings.SHOP_PAGES)]


def legal_of_orders() -> list[tuple[str, str]]:
    """Those that belong beside the button of an order: terms, withdrawal, privacy."""
    wanted = {reverse(name) for name in ("terms", "returns", "privacy")}
    return [(address, name) for address, name in legal() if address in wanted]


def text(name: str) -> texts.Text | None:
    """One of the merchant's texts in the language of the page; None when there is none."""
    return texts.text(
        settings.SHOP_PAGES,
        name,
        language=get_language() or settings.LANGUAGE_CODE,
        first=settings.LANGUAGE_CODE,
        words={
            "shop_name": settings.SHOP_NAME,
            "shop_mail": settings.SHOP_MAIL,
            "shop_url": settings.SHOP_URL,
        },
    )


def theme_css(request: HttpRequest) -> HttpResponse:
    """The merchant's colours; for a year when asked for by their digest."""
    own = brand()
    return _file(request, own.theme.encode(), "text/css; charset=utf-8", own.theme_digest)


def mark_file(request: HttpRequest) -> HttpResponse:
    """The merchant's mark, or the letter in its place."""
    own = brand().icon
    if own is None:
        raise Http404
    return _file(request, own.content, own.kind, own.digest)


def preview_file(request: HttpRequest) -> HttpResponse:
    """The picture for links to the shop."""
    own = settings.SHOP_PREVIEW
    if own is None:
        raise Http404
    return _file(request, own.content, own.kind, own.digest)


def _file(request: HttpRequest, content: bytes, kind: str, digest: str) -> HttpResponse:
    if request.method not in {"GET", "HEAD"}:
        return HttpResponseNotAllowed(["GET", "HEAD"])
    response = HttpResponse(content, content_type=kind)
    response["Cache-Control"] = _YEAR if request.GET.get("v") == digest else _ASK_AGAIN
    response["X-Content-Type-Options"] = "nosniff"
    if kind == mark.SVG:
        response["Content-Security-Policy"] = f"{security.PICTURE}; {security.styles_of(content.decode())}"
    if kind.startswith("image/"):
        response["Cross-Origin-Resource-Policy"] = security.SHARED
    return response
