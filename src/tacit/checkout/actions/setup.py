"""What a shop decides once."""

from __future__ import annotations

from collections.abc import Mapping

from tacit.checkout.models import ShippingMethod
from tacit.checkout.types.order import CheckoutError
from tacit.core.money import Money


def set_shipping_method(
    *,
    code: str,
    name: str,
    currency: str,
    price: Money,
    free_over: Money | None = None,
    position: int = 0,
    names: Mapping[str, str] | None = None,
) -> None:
    """A way of sending in one currency: ``price`` flat, nothing once the goods reach ``free_over``.

    ``names``: language → its name there. Raises CheckoutError.
    """
    if price.currency != currency or (free_over is not None and free_over.currency != currency):
        raise CheckoutError("currency", "other_currency", currency=currency)
    if price.minor < 0 or (free_over is not None and free_over.minor < 0):
        raise CheckoutError("price", "negative")
    ShippingMethod.objects.update_or_create(
        code=code,
        currency=currency,
        defaults={
            "name": name,
            "translations": dict(names or {}),
            "price_minor": price.minor,
            "free_over_minor": None if free_over is None else free_over.minor,
            "position": position,
            "active": True,
        },
    )
