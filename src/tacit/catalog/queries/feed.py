"""All products in turn, for programs."""

from __future__ import annotations

from django.conf import settings
from django.db import connection

from tacit.catalog.queries.pages import OFFERED
from tacit.catalog.types import ProductRow
from tacit.core.money import Money

_FEED = f"{OFFERED} AND p.id > %(after)s ORDER BY p.id LIMIT %(limit)s"


def product_feed(
    *, currency: str, category: str = "", language: str = "en", after: int = 0, limit: int = 24
) -> tuple[tuple[ProductRow, ...], int | None]:
    """At most ``limit`` products made after the one with the id ``after``, and where to go on, None at the end.

    In the order they were made, so that nothing is skipped or told twice when products come meanwhile. By category
    slug, with the shelves below.
    """
    parameters: dict[str, str | int] = {
        "currency": currency,
        "first": settings.SHOP_CURRENCY,
        "language": language,
        "category": category,
        "after": after,
        "limit": limit + 1,
    }
    with connection.cursor() as cursor:
        cursor.execute(_FEED, parameters)
        rows = cursor.fetchall()
    products = tuple(
        ProductRow(slug, name, picture, Money(minor, money) if money else None, several, in_stock)
        for slug, name, picture, minor, money, several, in_stock, _id in rows[:limit]
    )
    return products, rows[limit - 1][7] if len(rows) > limit else None
