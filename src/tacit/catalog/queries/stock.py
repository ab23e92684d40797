"""Stock as staff see it."""

from __future__ import annotations

from collections.abc import Mapping

from django.db import connection

from tacit.accounts.types import NotAllowed, Scope, Visitor
from tacit.catalog.types import StockRow

PER_PAGE = 100


def stock_list(visitor: Visitor, *, query: str = "", page: int = 1) -> tuple[StockRow, ...]:
    """Stock by SKU or name, the scarcest first; PER_PAGE a page (from 1). Raises NotAllowed."""
    if not visitor.staff:
        raise NotAllowed
    words = query.strip()[:100].replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT v.sku, p.name, v.label, coalesce(s.on_hand, 0), coalesce(s.claimed, 0)"
            " FROM catalog_variant v JOIN catalog_product p ON p.id = v.product_id"
            " LEFT JOIN catalog_stock s ON s.variant_id = v.id"
            " WHERE v.active AND (%s = '' OR v.sku ILIKE %s OR p.name ILIKE %s)"
            " ORDER BY coalesce(s.on_hand - s.claimed, 0), v.sku LIMIT %s OFFSET %s",
            [words, f"{words}%", f"%{words}%", PER_PAGE, (max(page, 1) - 1) * PER_PAGE],
        )
        return tuple(StockRow(*row) for row in cursor.fetchall())


def scarce(
    visitor: Visitor, sold: Mapping[int, int], *, days: int, cover: int
) -> tuple[tuple[StockRow, int], ...]:
    """What will be gone in ``cover`` days if it goes on selling as it did, ``sold`` pieces a variant in ``days``.

    The scarcest for its pace first, each with the pieces sold. Raises NotAllowed.
    """
    if not visitor.staff:
        raise NotAllowed
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT v.sku, p.name, v.label, coalesce(s.on_hand, 0), coalesce(s.claimed, 0), w.sold"
            " FROM unnest(%s::bigint[], %s::bigint[]) AS w(variant, sold)"
            " JOIN catalog_variant v ON v.id = w.variant JOIN catalog_product p ON p.id = v.product_id"
            " LEFT JOIN catalog_stock s ON s.variant_id = v.id WHERE v.active"
            " AND coalesce(s.on_hand - s.claimed, 0) * %s < w.sold * %s"
            " ORDER BY coalesce(s.on_hand - s.claimed, 0)::float / w.sold, w.sold DESC, v.sku LIMIT %s",
            [list(sold), list(sold.values()), days, cover, PER_PAGE],
        )
        return tuple((StockRow(*row[:5]), row[5]) for row in cursor.fetchall())


def stock_row(visitor: Visitor, sku: str) -> StockRow | None:
    """One variant's stock, None for an unknown SKU. Raises NotAllowed."""
    if not visitor.may(Scope.STOCK_WRITE):
        raise NotAllowed
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT v.sku, p.name, v.label, coalesce(s.on_hand, 0), coalesce(s.claimed, 0)"
            " FROM catalog_variant v JOIN catalog_product p ON p.id = v.product_id"
            " LEFT JOIN catalog_stock s ON s.variant_id = v.id WHERE v.sku = %s",
            [sku],
        )
        row = cursor.fetchone()
    return StockRow(*row) if row else None


def has_products() -> bool:
    """Whether the catalogue holds anything at all."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT EXISTS (SELECT 1 FROM catalog_product)")
        return bool(cursor.fetchone()[0])
