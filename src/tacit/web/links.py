"""Links that prove: whoever holds an order's link may see that order."""

from __future__ import annotations

from base64 import urlsafe_b64encode
from collections.abc import Mapping

from django.conf import settings
from django.urls import reverse
from django.utils.crypto import constant_time_compare, salted_hmac

from tacit.web import basket_link

_SIGNATURE_BYTES = 16


class OrderLinks:
    """Addresses of pages for messages: the port ``core.mail.Links``."""

    def order(self, number: str) -> str:
        """Where this order's owner reaches it: a signed, absolute link."""
        return settings.SHOP_URL + order_path(number)

    def basket(self, items: Mapping[str, int]) -> str:
        """Where a cart with ``items`` (SKU → quantity) opens; absolute. It never places an order."""
        return settings.SHOP_URL + reverse("go", args=[basket_link.written(items)])

    def home(self) -> str:
        return f"{settings.SHOP_URL}/"


def order_path(number: str) -> str:
    """The signed link to an order, from the root of this site."""
    return reverse("order", args=[number, signature(number)])


def return_address(number: str) -> str:
    """Where a payment provider sends the buyer of this order back to; absolute."""
    return settings.SHOP_URL + reverse("order-return", args=[number, signature(number)])


def signature(number: str) -> str:
    """128 bits that only this shop can make for ``number``, as 22 URL-safe characters."""
    digest = salted_hmac("tacit.web.order-link", number, algorithm="sha256").digest()
    return urlsafe_b64encode(digest[:_SIGNATURE_BYTES]).rstrip(b"=").decode("ascii")


def is_signed(number: str, given: str) -> bool:
    """Whether ``given`` is this order's signature, in time that does not depend on how nearly."""
    return constant_time_compare(signature(number), given)
