"""Which products and shelves have a page, for lists of all addresses."""

from __future__ import annotations

from django.db import connection


def product_slugs(*, part: int, size: int) -> tuple[str, ...]:
    """The slugs of part ``part`` (from 1) of the active products, ``size`` a part, in the order they were made."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT slug FROM catalog_product WHERE active ORDER BY id LIMIT %s OFFSET %s",
            [size, (part - 1) * size],
        )
        return tuple(slug for (slug,) in cursor.fetchall())


def shelf_slugs() -> tuple[str, ...]:
    """The slugs of the categories with an active product on them or on one below, in the shop's order."""
    with connection.cursor() as cursor:
        cursor.execute(
            "WITH RECURSIVE used AS ("
            " SELECT category_id AS id FROM catalog_product WHERE active AND category_id IS NOT NULL"
            " UNION SELECT c.parent_id FROM catalog_category c JOIN used u ON c.id = u.id"
            " WHERE c.parent_id IS NOT NULL)"
            " SELECT c.slug FROM catalog_category c JOIN used u ON u.id = c.id ORDER BY c.position, c.name, c.id"
        )
        return tuple(slug for (slug,) in cursor.fetchall())


def products_count() -> int:
    """How many products are active."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM catalog_product WHERE active")
        (count,) = cursor.fetchone()
        return int(count)
