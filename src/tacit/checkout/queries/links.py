"""Links that prove: whoever holds an order's link may see that order."""

from __future__ import annotations

from base64 import urlsafe_b64encode

from django.utils.crypto import constant_time_compare, salted_hmac

_SIGNATURE_BYTES = 16


def order_signature(number: str) -> str:
    """128 bits that only this shop can make for ``number``, as 22 URL-safe characters."""
    digest = salted_hmac("tacit.web.order-link", number, algorithm="sha256").digest()
    return urlsafe_b64encode(digest[:_SIGNATURE_BYTES]).rstrip(b"=").decode("ascii")


def is_order_signature(number: str, given: str) -> bool:
    """Whether ``given`` is this order's signature, in time that does not depend on how nearly."""
    return constant_time_compare(order_signature(number), given)
