"""Price grants: the one way another room lowers a price before an order is placed."""

from __future__ import annotations

from datetime import datetime

from django.db import connection, transaction

from tacit.checkout.models import CartLine, PriceGrant, PriceLimit
from tacit.checkout.types.order import CheckoutError
from tacit.core.money import Money


def grant_price(
    *,
    key: str,
    cart: str,
    variant: int,
    unit: Money,
    quantity: int,
    expires_at: datetime,
    reason: str,
    limit: tuple[str, int] | None = None,
    now: datetime,
) -> None:
    """Allow up to ``quantity`` units of the cart's line of ``variant`` to be bought at ``unit`` until ``expires_at``.

    ``limit`` is a shared key and the units all grants under it may sell together. The same ``key`` again
    changes the grant. Raises CheckoutError; checkout never asks why the price is lower.
    """
    if unit.minor < 0:
        raise CheckoutError("unit", "negative")
    if quantity < 1:
        raise CheckoutError("quantity", "out_of_range", smallest=1, largest=None)
    if expires_at <= now:
        raise CheckoutError("expires_at", "past")
    with transaction.atomic():
        line = CartLine.objects.filter(cart_id=cart, variant_id=variant).select_related("cart").first()
        if line is None:
            raise CheckoutError("line", "unknown")
        if line.cart.currency != unit.currency:
            raise CheckoutError("unit", "other_currency", currency=line.cart.currency)
        if limit is not None:
            limits = PriceLimit.objects.filter(key=limit[0])
            PriceLimit.objects.bulk_create(
                [PriceLimit(key=limit[0], allowed=limit[1])], ignore_conflicts=True
            )
            if not limits.filter(used__lte=limit[1]).update(allowed=limit[1]):
                raise CheckoutError("limit", "below_used")
        PriceGrant.objects.update_or_create(
            key=key,
            defaults={
                "cart_line": line,
                "unit_minor": unit.minor,
                "currency": unit.currency,
                "quantity": quantity,
                "expires_at": expires_at,
                "limit_id": limit[0] if limit else None,
                "reason": reason,
            },
        )


def withdraw_grant(*, key: str) -> bool:
    """Take a grant back before it was used; False when there is none."""
    return bool(PriceGrant.objects.filter(key=key).delete()[0])


def use_limit(key: str, units: int) -> bool:
    """Take ``units`` of a shared limit, if that many are left. One conditional UPDATE."""
    return _move(key, units, "allowed - used >= %s")


def free_limit(key: str, units: int) -> None:
    """Give ``units`` of a shared limit back."""
    _move(key, -units, "used >= -(%s)")


def _move(key: str, units: int, condition: str) -> bool:
    with connection.cursor() as cursor:
        cursor.execute(
            f"UPDATE checkout_pricelimit SET used = used + %s WHERE key = %s AND {condition}",  # noqa: S608
            [units, key, units],
        )
        return bool(cursor.rowcount)
