"""What the shop's public pages show of the catalogue."""

from __future__ import annotations

import json
from typing import Any

from django.conf import settings
from django.db import connection

from tacit.catalog.types import CategoryRow, NoSuchProduct, ProductRow, ProductView, VariantView
from tacit.core.money import Money

_PRODUCT = """
WITH RECURSIVE shelf AS (
  SELECT c.id, c.parent_id, c.slug, coalesce(c.translations->%(language)s->>'name', c.name) AS name, c.sensitive,
    1 AS depth
  FROM catalog_category c JOIN catalog_product p ON p.category_id = c.id WHERE p.slug = %(slug)s
  UNION ALL
  SELECT c.id, c.parent_id, c.slug, coalesce(c.translations->%(language)s->>'name', c.name), c.sensitive,
    s.depth + 1
  FROM catalog_category c JOIN shelf s ON c.id = s.parent_id WHERE s.depth < 10
)
SELECT p.id, p.slug, p.name, p.description, p.picture,
  (SELECT json_agg(json_build_array(slug, name) ORDER BY depth DESC) FROM shelf)::text,
  (SELECT coalesce(bool_or(sensitive), false) FROM shelf),
  (SELECT percent FROM catalog_taxrate WHERE tax_class_id = p.tax_class_id AND country = %(country)s),
  (SELECT json_agg(json_build_object(
      'id', v.id, 'sku', v.sku, 'label', v.label, 'weight', v.weight_grams,
      'available', (SELECT on_hand - claimed FROM catalog_stock WHERE variant_id = v.id),
      'price', (SELECT json_build_array(minor, currency) FROM catalog_price
                WHERE variant_id = v.id AND until IS NULL
                ORDER BY currency <> %(currency)s, currency <> %(first)s, currency LIMIT 1),
      'options', (SELECT json_object_agg(o.name, ov.value ORDER BY o.position) FROM catalog_optionvalue ov
                  JOIN catalog_option o ON o.id = ov.option_id WHERE ov.variant_id = v.id)
    ) ORDER BY v.position, v.id) FROM catalog_variant v WHERE v.product_id = p.id AND v.active)::text,
  (SELECT json_agg(json_build_array(name, value) ORDER BY position, id)
     FROM catalog_fact WHERE product_id = p.id)::text,
  (SELECT json_agg(json_build_array(q.slug, coalesce(q.translations->%(language)s->>'name', q.name))
     ORDER BY q.name) FROM catalog_sparepart sp
     JOIN catalog_product q ON q.id = sp.part_id AND q.active WHERE sp.product_id = p.id)::text,
  (SELECT json_agg(json_build_array(q.slug, coalesce(q.translations->%(language)s->>'name', q.name))
     ORDER BY q.name) FROM catalog_sparepart sp
     JOIN catalog_product q ON q.id = sp.product_id AND q.active WHERE sp.part_id = p.id)::text,
  (p.translations->%(language)s)::text
FROM catalog_product p WHERE p.slug = %(slug)s AND p.active
"""


def product_page(slug: str, *, currency: str, country: str, language: str = "en") -> ProductView:
    """Everything a product page shows, prices in ``currency`` where there are any, else in the shop's first.

    Texts are in ``language`` as far as the product has them, else in the shop's first. Raises NoSuchProduct.
    """
    with connection.cursor() as cursor:
        asked = {
            "slug": slug,
            "currency": currency,
            "first": settings.SHOP_CURRENCY,
            "country": country,
            "language": language,
        }
        cursor.execute(_PRODUCT, asked)
        row = cursor.fetchone()
    if row is None:
        raise NoSuchProduct(slug)
    texts = json.loads(row[12] or "{}")
    words = texts.get("words", {})
    return ProductView(
        id=row[0],
        slug=row[1],
        name=texts.get("name") or row[2],
        description=texts.get("description") or row[3],
        picture=row[4],
        category=_pairs(row[5]),
        sensitive=row[6],
        percent=row[7],
        variants=tuple(_variant(variant, words) for variant in json.loads(row[8] or "[]")),
        facts=tuple((name, value) for name, value in texts["facts"])
        if texts.get("facts")
        else _pairs(row[9]),
        spare_parts=_pairs(row[10]),
        part_of=_pairs(row[11]),
    )


def _pairs(text: str | None) -> tuple[tuple[str, str], ...]:
    return tuple((first, second) for first, second in json.loads(text or "[]"))


def _variant(data: dict[str, Any], words: dict[str, str]) -> VariantView:
    price = data["price"]
    return VariantView(
        id=data["id"],
        sku=data["sku"],
        label=words.get(data["label"], data["label"]),
        options={
            words.get(name, name): words.get(value, value) for name, value in (data["options"] or {}).items()
        },
        price=Money(int(price[0]), price[1]) if price else None,
        available=max(data["available"] or 0, 0),
        weight=data["weight"] or 0,
    )


OFFERED = """
SELECT p.slug, n.name, p.picture, o.minor, o.currency, o.several, o.in_stock, p.id
FROM catalog_product p CROSS JOIN LATERAL (
  SELECT (array_agg(pr.minor ORDER BY pr.currency <> %(currency)s, pr.currency <> %(first)s, pr.currency,
      pr.minor))[1] AS minor,
    (array_agg(pr.currency ORDER BY pr.currency <> %(currency)s, pr.currency <> %(first)s, pr.currency,
      pr.minor))[1] AS currency,
    count(DISTINCT pr.minor) FILTER (WHERE pr.currency = %(currency)s) > 1 AS several,
    coalesce(bool_or(s.on_hand > s.claimed), false) AS in_stock
  FROM catalog_variant v
  LEFT JOIN catalog_price pr ON pr.variant_id = v.id AND pr.until IS NULL
  LEFT JOIN catalog_stock s ON s.variant_id = v.id
  WHERE v.product_id = p.id AND v.active
) o CROSS JOIN LATERAL (SELECT coalesce(p.translations->%(language)s->>'name', p.name) AS name) n
LEFT JOIN catalog_searchentry e ON e.product_id = p.id
WHERE p.active
  AND (%(category)s = '' OR p.category_id IN (
    WITH RECURSIVE below AS (
      SELECT id FROM catalog_category WHERE slug = %(category)s
      UNION SELECT c.id FROM catalog_category c JOIN below b ON c.parent_id = b.id
    ) SELECT id FROM below))
"""
"""Products of a list, to be ordered and limited."""
_LIST = f"""{OFFERED}
ORDER BY p.category_id IS NULL, o.in_stock DESC, coalesce(e.names->>%(language)s, e.names->>'', n.name) COLLATE "C",
  p.id
LIMIT %(limit)s OFFSET %(offset)s
"""


def product_list(
    *,
    currency: str,
    category: str = "",
    language: str = "en",
    page: int = 1,
    per_page: int = 24,
) -> tuple[tuple[ProductRow, ...], bool]:
    """One page (from 1) of products by category slug, and whether there are more.

    What can be had comes first, then by name as readers of ``language`` sort, by the keys that search keeps.
    """
    parameters: dict[str, str | int] = {
        "currency": currency,
        "first": settings.SHOP_CURRENCY,
        "language": language,
        "category": category,
        "limit": per_page + 1,
        "offset": (max(page, 1) - 1) * per_page,
    }
    with connection.cursor() as cursor:
        cursor.execute(_LIST, parameters)
        rows = cursor.fetchall()
    products = tuple(
        ProductRow(slug, name, picture, Money(minor, money) if money else None, several, in_stock)
        for slug, name, picture, minor, money, several, in_stock, _id in rows[:per_page]
    )
    return products, len(rows) > per_page


_ALSO = """
WITH RECURSIVE shelf AS (
  SELECT c.id, c.parent_id, c.sensitive, 1 AS depth
  FROM catalog_category c JOIN catalog_product p ON p.category_id = c.id WHERE p.slug = %(slug)s AND p.active
  UNION ALL
  SELECT c.id, c.parent_id, c.sensitive, s.depth + 1
  FROM catalog_category c JOIN shelf s ON c.id = s.parent_id WHERE s.depth < 10
), beside AS (
  SELECT p.id, p.slug, p.name, p.picture, p.translations, p.id < this.id AS before
  FROM catalog_product this JOIN catalog_product p ON p.category_id = this.category_id AND p.id <> this.id
  WHERE this.slug = %(slug)s AND p.active AND NOT (SELECT bool_or(sensitive) FROM shelf)
  ORDER BY before, p.id LIMIT %(looked_at)s
)
SELECT found.slug, found.name, found.picture, found.minor, found.several
FROM catalog_product this LEFT JOIN LATERAL (
SELECT b.slug, coalesce(b.translations->%(language)s->>'name', b.name) AS name, b.picture, o.minor, o.several,
  b.before, b.id
FROM beside b CROSS JOIN LATERAL (
  SELECT min(x.minor) AS minor, count(DISTINCT x.minor) > 1 AS several FROM (
    SELECT (SELECT minor FROM catalog_price
            WHERE variant_id = v.id AND until IS NULL AND currency = %(currency)s) AS minor
    FROM catalog_variant v WHERE v.product_id = b.id AND v.active
      AND (SELECT on_hand > claimed FROM catalog_stock WHERE variant_id = v.id)
  ) x
) o
WHERE o.minor IS NOT NULL
ORDER BY b.before, b.id
LIMIT %(most)s
) found ON true
WHERE this.slug = %(slug)s AND this.active
ORDER BY found.before, found.id
"""
_LOOKED_AT = 100
"""Neighbours that are asked whether they are in stock, however long a shelf is."""


def also_in_category(
    slug: str, *, currency: str, language: str = "en", most: int = 4
) -> tuple[ProductRow, ...]:
    """Others of the same category that are in stock and priced in ``currency``: those that follow it, then the first.

    So every product is shown beside some other. None for a sensitive category. Raises NoSuchProduct.
    """
    with connection.cursor() as cursor:
        asked: dict[str, str | int] = {
            "slug": slug,
            "currency": currency,
            "language": language,
            "most": most,
            "looked_at": _LOOKED_AT,
        }
        cursor.execute(_ALSO, asked)
        rows = cursor.fetchall()
    if not rows:
        raise NoSuchProduct(slug)
    return tuple(
        ProductRow(each, name, picture, Money(minor, currency), several, True)
        for each, name, picture, minor, several in rows
        if each is not None
    )


def categories(language: str = "en") -> tuple[CategoryRow, ...]:
    """The shelves with something on them, in the shop's order, named in ``language`` where they are."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT c.slug, coalesce(c.translations->%s->>'name', c.name), count(p.id),"
            " coalesce((array_agg(p.picture ORDER BY p.id) FILTER (WHERE p.picture <> ''))[1], '')"
            " FROM catalog_category c JOIN catalog_product p ON p.category_id = c.id AND p.active"
            " GROUP BY c.id ORDER BY c.position, c.name",
            [language],
        )
        return tuple(CategoryRow(*row) for row in cursor.fetchall())


def category(slug: str, language: str = "en") -> CategoryRow | None:
    """One shelf, or None."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT c.slug, coalesce(c.translations->%s->>'name', c.name),"
            " (SELECT count(*) FROM catalog_product p WHERE p.category_id = c.id AND p.active)"
            " FROM catalog_category c WHERE c.slug = %s",
            [language, slug],
        )
        row = cursor.fetchone()
    return CategoryRow(*row) if row else None
