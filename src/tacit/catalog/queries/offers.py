"""What checkout asks of the catalogue: prices, tax and stock of chosen variants."""

from __future__ import annotations

from collections.abc import Collection

from django.db import connection

from tacit.catalog.types import Offer
from tacit.core.money import Money

_OFFERS = """
SELECT v.id, v.sku, p.slug, coalesce(p.translations->%(language)s->>'name', p.name),
  coalesce(p.translations->%(language)s->'words'->>v.label, v.label), v.active AND p.active, pr.minor, r.percent,
  greatest(coalesce(s.on_hand - s.claimed, 0), 0), coalesce(v.weight_grams, 0),
  coalesce((SELECT prices_include_tax FROM catalog_currency WHERE code = %(currency)s), true)
FROM catalog_variant v JOIN catalog_product p ON p.id = v.product_id
LEFT JOIN catalog_price pr ON pr.variant_id = v.id AND pr.currency = %(currency)s AND pr.until IS NULL
LEFT JOIN catalog_taxrate r ON r.tax_class_id = p.tax_class_id AND r.country = %(country)s
LEFT JOIN catalog_stock s ON s.variant_id = v.id
WHERE v.id = ANY(%(variants)s)
"""


def offers(
    variants: Collection[int], *, currency: str, country: str, language: str = "en"
) -> dict[int, Offer]:
    """The offers of these variant ids, named in ``language`` where that is there; unknown ids are left out."""
    with connection.cursor() as cursor:
        asked: dict[str, list[int] | str] = {
            "variants": list(variants),
            "currency": currency,
            "country": country,
            "language": language,
        }
        cursor.execute(_OFFERS, asked)
        return {
            row[0]: Offer(
                variant=row[0],
                sku=row[1],
                slug=row[2],
                name=row[3],
                label=row[4],
                active=row[5],
                price=None if row[6] is None else Money(row[6], currency),
                percent=row[7],
                available=row[8],
                weight=row[9],
                tax_included=row[10],
            )
            for row in cursor.fetchall()
        }


def countries() -> tuple[str, ...]:
    """Countries the shop has a tax rate for, hence sends to (ISO 3166-1 alpha-2, sorted)."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT DISTINCT country FROM catalog_taxrate ORDER BY 1")
        return tuple(row[0] for row in cursor.fetchall())


def currencies(variant: int) -> tuple[str, ...]:
    """Currencies this variant has a price in, sorted."""
    return currencies_of([variant]).get(variant, ())


def currencies_of(variants: Collection[int]) -> dict[int, tuple[str, ...]]:
    """Variant id → the currencies it has a price in, sorted; what is not for sale is left out."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT v.id, pr.currency FROM catalog_price pr JOIN catalog_variant v ON v.id = pr.variant_id"
            " JOIN catalog_product p ON p.id = v.product_id"
            " WHERE v.id = ANY(%s) AND v.active AND p.active AND pr.until IS NULL ORDER BY 1, 2",
            [list(variants)],
        )
        found: dict[int, tuple[str, ...]] = {}
        for variant, currency in cursor.fetchall():
            found[variant] = (*found.get(variant, ()), currency)
        return found


def prices_include_tax(currency: str) -> bool:
    """Whether prices in ``currency`` include tax; they do unless the shop says otherwise."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT prices_include_tax FROM catalog_currency WHERE code = %s", [currency])
        row = cursor.fetchone()
    return row is None or bool(row[0])


def without_price(variants: Collection[int], *, currency: str) -> dict[int, str]:
    """Those of these variants that have no price in ``currency``: id → name of the product."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT v.id, p.name FROM catalog_variant v JOIN catalog_product p ON p.id = v.product_id"
            " WHERE v.id = ANY(%s) AND NOT EXISTS (SELECT FROM catalog_price pr WHERE pr.variant_id = v.id"
            " AND pr.currency = %s AND pr.until IS NULL) ORDER BY v.id",
            [list(variants), currency],
        )
        return dict(cursor.fetchall())


def variants_by_sku() -> dict[str, int]:
    """The id of every variant that is for sale, by its SKU."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT v.sku, v.id FROM catalog_variant v JOIN catalog_product p ON p.id = v.product_id"
            " WHERE v.active AND p.active"
        )
        return dict(cursor.fetchall())
