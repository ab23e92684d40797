"""What every page knows."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.http import HttpRequest

from tacit.web import brand
from tacit.web.language import Reading, readings


def shop(request: HttpRequest) -> dict[str, Any]:
    """The merchant's name and addresses, whether this is the demo, and the page's other languages."""
    return {
        **brand.words(),
        "legal": brand.legal,
        "legal_of_orders": brand.legal_of_orders,
        "shop_mail": settings.SHOP_MAIL,
        "shop_url": settings.SHOP_URL,
        "demo": settings.DEMO,
        "readings": _readings(request),
    }


def _readings(request: HttpRequest) -> list[Reading]:
    """The same page in each language; none for what was typed into a form, which going elsewhere would lose."""
    if request.method not in {"GET", "HEAD"} or getattr(request, "LANGUAGE_CODE", None) is None:
        return []
    return readings(request.path, query=request.META.get("QUERY_STRING", ""))
