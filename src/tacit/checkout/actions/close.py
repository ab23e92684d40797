"""Ending a cart, and giving back what an order had claimed."""

from __future__ import annotations

from collections import Counter

from django.db import connection

from tacit.catalog import actions as catalog
from tacit.checkout.actions.grant import free_limit
from tacit.checkout.models import OrderLine

_CLOSE = """
WITH bought AS (SELECT variant_id, sum(quantity) AS pieces FROM checkout_orderline
                WHERE order_id = %(order)s GROUP BY variant_id),
gone AS (DELETE FROM checkout_cartline l USING bought b
         WHERE l.cart_id = %(token)s AND l.variant_id = b.variant_id AND l.quantity <= b.pieces RETURNING l.id),
fewer AS (UPDATE checkout_cartline l SET quantity = l.quantity - b.pieces FROM bought b
          WHERE l.cart_id = %(token)s AND l.variant_id = b.variant_id AND l.quantity > b.pieces),
grants AS (DELETE FROM checkout_pricegrant WHERE cart_line_id IN (SELECT id FROM gone))
DELETE FROM checkout_cart WHERE token = %(token)s AND NOT EXISTS (
  SELECT 1 FROM checkout_cartline WHERE cart_id = %(token)s AND id NOT IN (SELECT id FROM gone))
"""


def close_cart(token: str | None, order_id: int) -> None:
    """Take what was ordered out of its cart; what was added meanwhile stays. An empty cart is removed."""
    if not token:
        return
    with connection.cursor() as cursor:
        # In a statement of its own, so that the next one sees what was added while this one waited.
        cursor.execute("SELECT 1 FROM checkout_cart WHERE token = %s FOR UPDATE", [token])
        cursor.execute(_CLOSE, {"token": token, "order": order_id})


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
