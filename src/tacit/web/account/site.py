"""Whether passkeys can be offered at the address the shop was asked by."""

from __future__ import annotations

import ipaddress
from urllib.parse import urlsplit

from django.conf import settings
from django.http import HttpRequest

from tacit.accounts.types import Site


def site_of(request: HttpRequest) -> Site | None:
    """What passkeys made or used here are bound to; None where browsers have none.

    They are bound to the host name of TACIT_URL, which has to be a name (an IP address is none) behind https, or
    localhost. A demo is also known as localhost, whatever its TACIT_URL.
    """
    asked = urlsplit(f"//{request.get_host()}").hostname or ""
    shop = urlsplit(settings.SHOP_URL)
    if asked == shop.hostname:
        origin = _plain_origin(settings.SHOP_URL)
    elif settings.DEMO and asked == "localhost":
        origin = _plain_origin(f"{request.scheme}://{request.get_host()}")
    else:
        return None
    if _is_number(asked) or not (origin.startswith("https://") or asked == "localhost"):
        return None
    return Site(host=asked, origin=origin, name=settings.SHOP_NAME)


def _plain_origin(address: str) -> str:
    """As browsers write it: without the port that goes without saying."""
    parts = urlsplit(address)
    usual = {"http": 80, "https": 443}.get(parts.scheme)
    port = f":{parts.port}" if parts.port not in {None, usual} else ""
    return f"{parts.scheme}://{parts.hostname}{port}"


def _is_number(host: str) -> bool:
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True
