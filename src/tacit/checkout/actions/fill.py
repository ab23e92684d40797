"""Filling a cart from a link."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime

from django.db import transaction

from tacit.accounts.types import Visitor
from tacit.catalog import queries as catalog
from tacit.checkout.actions.cart import add_to_cart
from tacit.checkout.models import LARGEST_QUANTITY
from tacit.checkout.rules.contact import check_quantity
from tacit.checkout.types.order import CheckoutError


def fill_cart(
    visitor: Visitor, *, items: Mapping[str, int], currency: str, now: datetime
) -> tuple[str, dict[str, CheckoutError]]:
    """At least ``items`` (SKU → quantity) in the visitor's cart: its token, and why which SKUs were left out.

    Only adds, so the same call twice changes nothing. The token is that of the visitor's cart, which may be '',
    when nothing was added. Raises CheckoutError for a quantity no cart can hold.
    """
    for quantity in items.values():
        check_quantity(quantity, largest=LARGEST_QUANTITY)
    problems: dict[str, CheckoutError] = {}
    # Lines are written in the order of their variants, as they are everywhere, so that two carts cannot deadlock.
    known = catalog.stock_by_sku(items)
    with transaction.atomic():
        for sku in sorted(items, key=lambda sku: known.get(sku, (0, 0))):
            variant, available = known.get(sku, (0, 0))
            if not variant:
                problems[sku] = CheckoutError("sku", "not_sold")
            elif not available:
                problems[sku] = CheckoutError("sku", "sold_out")
            else:
                try:
                    token = add_to_cart(
                        visitor, variant=variant, quantity=items[sku], currency=currency, now=now
                    )
                except CheckoutError as refusal:
                    problems[sku] = refusal
                else:
                    visitor = replace(visitor, cart=token)
    return visitor.cart, problems
