"""Links that prove: whoever holds an order's link may see that order."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from urllib.parse import urlsplit

from django.conf import settings
from django.http import HttpRequest
from django.urls import reverse

from tacit.checkout.queries import is_order_signature, order_signature
from tacit.web import basket_link

signature, is_signed = order_signature, is_order_signature


class OrderLinks:
    """Addresses of pages for messages: the port ``core.mail.Links``."""

    def order(self, number: str) -> str:
        """Where this order's owner reaches it: a signed, absolute link."""
        return settings.SHOP_URL + order_path(number)

    def payment_return(self, number: str) -> str:
        """Where a payment provider sends the buyer of this order back to; absolute."""
        return return_address(number)

    def product(self, slug: str) -> str:
        """The page of a product in the language of the moment; absolute."""
        return settings.SHOP_URL + reverse("product", args=[slug])

    def basket(self, items: Mapping[str, int]) -> str:
        """Where a cart with ``items`` (SKU → quantity) opens; absolute. It never places an order."""
        return settings.SHOP_URL + reverse("go", args=[basket_link.written(items)])

    def home(self) -> str:
        return f"{settings.SHOP_URL}/"


def order_path(number: str) -> str:
    """The signed link to an order, from the root of this site."""
    return reverse("order", args=[number, signature(number)])


def return_address(number: str, *, origin: str = "") -> str:
    """Where a payment provider sends the buyer of this order back to; absolute. ``origin``: TACIT_URL unless given."""
    return (origin or settings.SHOP_URL) + reverse("order-return", args=[number, signature(number)])


def returning_to(request: HttpRequest) -> Callable[[str], str]:
    """``return_address`` for who asks.

    A demo goes by several names (127.0.0.1, localhost), each with cookies of its own: its buyers come back to the one
    they came by. Every other shop has one address, whatever a request calls it.
    """
    if settings.DEMO and (host := request.get_host()) != urlsplit(settings.SHOP_URL).netloc:
        return partial(return_address, origin=f"{request.scheme}://{host}")
    return return_address
