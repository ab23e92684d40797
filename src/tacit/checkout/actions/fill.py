"""Filling a cart from a link, or at once by a program: in few statements, however much is asked for."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from django.db import connection, transaction

from tacit.accounts.types import Visitor
from tacit.catalog import queries as catalog
from tacit.checkout.actions.cart import MOST_LINES, open_cart, other_currency
from tacit.checkout.models import LARGEST_QUANTITY, CartLine
from tacit.checkout.rules.contact import check_quantity
from tacit.checkout.types.order import CheckoutError

_ADD = """
INSERT INTO checkout_cartline (cart_id, variant_id, quantity)
SELECT %s, variant, quantity FROM unnest(%s::bigint[], %s::int[]) AS w(variant, quantity) ORDER BY variant
ON CONFLICT (cart_id, variant_id) DO UPDATE SET quantity = greatest(checkout_cartline.quantity, excluded.quantity)
"""


def fill_cart(
    visitor: Visitor, *, items: Mapping[str, int], currency: str, now: datetime
) -> tuple[str, dict[str, CheckoutError]]:
    """At least ``items`` (SKU → quantity) in the visitor's cart: its token, and why which SKUs were left out.

    Only adds, so the same call twice changes nothing. The cart takes its currency as with ``add_to_cart``, from the
    oldest variant. The token is that of the visitor's cart, which may be '', when nothing was added. Raises
    CheckoutError for a quantity no cart can hold.
    """
    for quantity in items.values():
        check_quantity(quantity, largest=LARGEST_QUANTITY)
    problems: dict[str, CheckoutError] = {}
    wanted: dict[int, str] = {}
    known = catalog.stock_by_sku(items)
    # Lines are written in the order of their variants, as they are everywhere, so that two carts cannot deadlock.
    for sku in sorted(items, key=lambda sku: known.get(sku, (0, 0))):
        variant, available = known.get(sku, (0, 0))
        if not variant:
            problems[sku] = CheckoutError("sku", "not_sold")
        elif not available:
            problems[sku] = CheckoutError("sku", "sold_out")
        else:
            wanted[variant] = sku
    sold_in = catalog.currencies_of(wanted) if wanted else {}
    for variant in [each for each in wanted if each not in sold_in]:
        problems[wanted.pop(variant)] = CheckoutError("variant", "not_sold")
    if not wanted:
        return visitor.cart, problems
    with transaction.atomic():
        token, its_own = open_cart(visitor, sold_in[next(iter(wanted))], currency, now)
        there = set(CartLine.objects.filter(cart_id=token).values_list("variant_id", flat=True))
        adding: dict[int, int] = {}
        for variant, sku in wanted.items():
            if its_own not in sold_in[variant]:
                problems[sku] = other_currency(its_own, sold_in[variant])
            elif variant not in there and len(there) >= MOST_LINES:
                problems[sku] = CheckoutError("cart", "full", largest=MOST_LINES)
            else:
                there.add(variant)
                adding[variant] = items[sku]
        if adding:
            with connection.cursor() as cursor:
                cursor.execute(_ADD, [token, list(adding), list(adding.values())])
    return token, problems
