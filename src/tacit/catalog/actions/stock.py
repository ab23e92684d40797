"""Stock is claimed when an order is placed, sent when it ships, released when it comes to nothing.

Each is one conditional UPDATE: the row lock it takes is the only guard needed against two buyers of the last
piece. Several variants are locked in the order of their ids, so that two carts cannot deadlock.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from django.db import connection, transaction

from tacit.accounts.types import NotAllowed, Scope, Visitor
from tacit.catalog import rules
from tacit.catalog.models import Stock, Variant
from tacit.catalog.types import CatalogError, OutOfStock
from tacit.core import journal
from tacit.core.events import StockSet

_WANTED = """
WITH wanted AS (SELECT * FROM unnest(%s::bigint[], %s::int[]) AS w(variant, quantity)),
locked AS (SELECT s.variant_id FROM catalog_stock s JOIN wanted ON variant = s.variant_id
           ORDER BY s.variant_id FOR UPDATE OF s)
UPDATE catalog_stock s SET {change} FROM wanted w, locked l
WHERE s.variant_id = w.variant AND l.variant_id = s.variant_id AND {condition} RETURNING s.variant_id
"""
_CLAIM = _WANTED.format(
    change="claimed = s.claimed + w.quantity", condition="s.on_hand - s.claimed >= w.quantity"
)
_CLAIM_ONE = (
    "UPDATE catalog_stock SET claimed = claimed + %s"
    " WHERE variant_id = %s AND on_hand - claimed >= %s RETURNING variant_id"
)
_RELEASE = _WANTED.format(change="claimed = s.claimed - w.quantity", condition="s.claimed >= w.quantity")
_SEND = _WANTED.format(
    change="claimed = s.claimed - w.quantity, on_hand = s.on_hand - w.quantity",
    condition="s.claimed >= w.quantity",
)

_TAKE_BACK = _WANTED.format(
    change="claimed = s.claimed + w.quantity, on_hand = s.on_hand + w.quantity", condition="TRUE"
)


def claim_stock(items: Mapping[int, int]) -> None:
    """Promise ``items`` (variant id → pieces) to an order, all or none. Call inside its transaction.

    Raises OutOfStock, after which the caller's transaction must be rolled back.
    """
    missing = _short(items, _claimed(items))
    if missing:
        raise OutOfStock(missing)


def _claimed(items: Mapping[int, int]) -> set[int]:
    with connection.cursor() as cursor:
        if len(items) == 1:
            ((variant, quantity),) = items.items()
            cursor.execute(_CLAIM_ONE, [quantity, variant, quantity])
        else:
            cursor.execute(_CLAIM, [list(items), list(items.values())])
        return {row[0] for row in cursor.fetchall()}


def _short(items: Mapping[int, int], done: set[int]) -> dict[int, int]:
    """The variants that were not claimed, with the pieces there are of each."""
    left = [variant for variant in items if variant not in done]
    if not left:
        return {}
    stocks = Stock.objects.filter(variant_id__in=left).values_list("variant_id", "on_hand", "claimed")
    available = {variant: max(on_hand - claimed, 0) for variant, on_hand, claimed in stocks}
    return {variant: available.get(variant, 0) for variant in left}


def release_stock(items: Mapping[int, int]) -> None:
    """Take back a promise of ``items`` that came to nothing. Call inside the order's transaction."""
    _move(_RELEASE, items)


def send_stock(items: Mapping[int, int]) -> None:
    """``items`` that were promised leave the house. Call inside the shipment's transaction."""
    _move(_SEND, items)


def take_stock_back(items: Mapping[int, int]) -> None:
    """``items`` that were sent never left the house: here again, and promised as before. Call inside the order's
    transaction."""
    _move(_TAKE_BACK, items)


def _move(statement: str, items: Mapping[int, int]) -> None:
    if not items:
        return
    with connection.cursor() as cursor:
        cursor.execute(statement, [list(items), list(items.values())])
        if len(cursor.fetchall()) != len(items):
            raise RuntimeError(f"stock promised to this order is not there: {dict(items)}")


def set_stock(
    visitor: Visitor,
    *,
    sku: str,
    on_hand: int,
    now: datetime,
    seen: int | None = None,
    seen_claimed: int | None = None,
) -> int:
    """Say how many pieces are in the house; how many were believed to be there before.

    ``seen``: the number whoever counted had before them; refused when pieces came or left meanwhile.
    ``seen_claimed``: how many were promised, where that was part of the decision; refused when it changed. Raises
    NotAllowed, or CatalogError also below what is promised.
    """
    if not visitor.may(Scope.STOCK_WRITE):
        raise NotAllowed
    pieces = rules.check_stock(on_hand)
    with transaction.atomic():
        variant = Variant.objects.filter(sku=sku).first()
        if variant is None:
            raise CatalogError("sku", "unknown")
        Stock.objects.get_or_create(variant=variant)
        stock = Stock.objects.select_for_update().get(variant=variant)
        before = stock.on_hand
        if seen is not None and seen != before:
            raise CatalogError("on_hand", "moved", before=before)
        if seen_claimed is not None and seen_claimed != stock.claimed:
            raise CatalogError("on_hand", "claimed_moved", claimed=stock.claimed)
        if not Stock.objects.filter(variant=variant, claimed__lte=pieces).update(on_hand=pieces):
            raise CatalogError("on_hand", "below_claimed", claimed=stock.claimed)
        by = visitor.by if visitor.program else str(visitor.person) if visitor.person else None
        journal.record(StockSet(sku, before, pieces, by), at=now)
        return before
