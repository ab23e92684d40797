"""From the shop's own article numbers to variants."""

from __future__ import annotations

from collections.abc import Collection

from django.db import connection


def variant_of(sku: str) -> int | None:
    """The id of the variant with this SKU, for sale or not; None when there is none."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT id FROM catalog_variant WHERE sku = %s", [sku])
        row = cursor.fetchone()
    return row[0] if row else None


def stock_by_sku(skus: Collection[str]) -> dict[str, tuple[int, int]]:
    """SKU → (variant id, pieces not yet promised) of those that are for sale; the others are left out."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT v.sku, v.id, greatest(coalesce(s.on_hand - s.claimed, 0), 0)"
            " FROM catalog_variant v JOIN catalog_product p ON p.id = v.product_id"
            " LEFT JOIN catalog_stock s ON s.variant_id = v.id"
            " WHERE v.sku = ANY(%s) AND v.active AND p.active",
            [list(skus)],
        )
        return {sku: (variant, available) for sku, variant, available in cursor.fetchall()}
