"""What every page knows."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.http import HttpRequest


def shop(request: HttpRequest) -> dict[str, Any]:
    """The merchant's name and address, and whether this is the demo."""
    del request
    return {"shop_name": settings.SHOP_NAME, "shop_mail": settings.SHOP_MAIL, "demo": settings.DEMO}
