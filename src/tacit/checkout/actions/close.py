"""Ending a cart, and giving back what an order had claimed."""

from __future__ import annotations

from collections import Counter

from django.db import connection

from tacit.catalog import actions as catalog
from tacit.checkout.actions.grant import free_limit
from tacit.checkout.models import OrderLine

_CLOSE = """
WITH lines AS (DELETE FROM checkout_cartline WHERE cart_id = %(token)s RETURNING id),
grants AS (DELETE FROM checkout_pricegrant g USING checkout_cartline l
           WHERE g.cart_line_id = l.id AND l.cart_id = %(token)s)
DELETE FROM checkout_cart WHERE token = %(token)s
"""


def close_cart(token: str | None) -> None:
    """Remove a cart that became an order, so that its next Buy begins a new one. One statement."""
    if token:
        with connection.cursor() as cursor:
            cursor.execute(_CLOSE, {"token": token})


def unsent(order_id: int) -> tuple[dict[int, int], Counter[str]]:
    """What an order still has claimed: pieces by variant, and units by shared price limit."""
    pieces: Counter[int] = Counter()
    limits: Counter[str] = Counter()
    for line in OrderLine.objects.filter(order_id=order_id, variant__isnull=False):
        left = line.quantity - line.shipped - line.cancelled
        if left > 0 and line.variant_id is not None:
            pieces[line.variant_id] += left
            if line.limit_id:
                limits[line.limit_id] += left
    return dict(pieces), limits


def give_back_goods(order_id: int) -> None:
    """Return everything an order still has claimed. Call once, when it moves to a status that claims nothing."""
    pieces, limits = unsent(order_id)
    catalog.release_stock(pieces)
    for key, units in limits.items():
        free_limit(key, units)
