"""The catalogue as it stands, for files of the shop's own. Costs included, so only staff may ask."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from typing import Any

from django.db import connection, transaction

from tacit.accounts.types import NotAllowed, Visitor
from tacit.catalog.rules import slugify
from tacit.catalog.types import NewProduct, NewVariant, Shelf, WholeProduct
from tacit.core.money import Money

_AT_ONCE = 500

_WHOLE = """
SELECT p.id, p.slug, p.name, p.description, coalesce(c.slug, ''), t.code, p.picture, p.active, p.origin,
  p.external_id, p.translations::text,
  (SELECT json_agg(json_build_array(name, value) ORDER BY position, id)
     FROM catalog_fact WHERE product_id = p.id)::text,
  (SELECT json_agg(q.slug ORDER BY q.slug) FROM catalog_sparepart sp
     JOIN catalog_product q ON q.id = sp.part_id WHERE sp.product_id = p.id)::text,
  (SELECT json_agg(json_build_object(
      'sku', v.sku, 'label', v.label, 'active', v.active, 'external_id', v.external_id, 'weight', v.weight_grams,
      'stock', (SELECT on_hand FROM catalog_stock WHERE variant_id = v.id),
      'prices', (SELECT json_agg(json_build_array(minor, currency) ORDER BY currency) FROM catalog_price
                 WHERE variant_id = v.id AND until IS NULL),
      'costs', (SELECT json_agg(json_build_array(minor, currency) ORDER BY currency) FROM catalog_cost
                WHERE variant_id = v.id),
      'options', (SELECT json_agg(json_build_array(o.name, ov.value) ORDER BY o.position, o.id)
                  FROM catalog_optionvalue ov JOIN catalog_option o ON o.id = ov.option_id WHERE ov.variant_id = v.id)
    ) ORDER BY v.position, v.id) FROM catalog_variant v WHERE v.product_id = p.id)::text
FROM catalog_product p JOIN catalog_taxclass t ON t.id = p.tax_class_id
LEFT JOIN catalog_category c ON c.id = p.category_id
"""
_COLUMNS = """
WITH RECURSIVE sold AS (SELECT id, product_id FROM catalog_variant WHERE active),
whole AS (SELECT p.category_id, p.translations FROM catalog_product p
          WHERE EXISTS (SELECT FROM sold WHERE product_id = p.id)),
shelf AS (
  SELECT c.id, c.parent_id, c.translations FROM catalog_category c JOIN whole ON whole.category_id = c.id
  UNION SELECT c.id, c.parent_id, c.translations FROM catalog_category c JOIN shelf s ON c.id = s.parent_id
)
SELECT ARRAY(SELECT DISTINCT currency FROM catalog_price WHERE until IS NULL
             AND variant_id IN (SELECT id FROM sold) ORDER BY 1),
  ARRAY(SELECT DISTINCT currency FROM catalog_cost WHERE variant_id IN (SELECT id FROM sold) ORDER BY 1),
  ARRAY(SELECT DISTINCT jsonb_object_keys(translations) FROM whole
        UNION SELECT DISTINCT jsonb_object_keys(translations) FROM shelf ORDER BY 1),
  ARRAY(SELECT name FROM (
    SELECT DISTINCT ON (o.name) o.name, o.product_id, o.position, o.id FROM catalog_option o
    JOIN catalog_optionvalue ov ON ov.option_id = o.id JOIN sold v ON v.id = ov.variant_id
    ORDER BY o.name, o.product_id, o.position, o.id) f ORDER BY product_id, position, id)
"""


def slug_of(text: str) -> str:
    """The address a name makes; '' when nothing readable is left."""
    return slugify(text)


def whole_catalogue(visitor: Visitor) -> Iterator[WholeProduct]:
    """Every product with a variant for sale, in the order they were made. Raises NotAllowed.

    Read some at a time: inside ``one_moment`` they all show the same moment.
    """
    _ask(visitor)
    last = 0
    while rows := _rows(f"{_WHOLE} WHERE p.id > %s ORDER BY p.id LIMIT %s", [last, _AT_ONCE]):
        for row in rows:
            last = row[0]
            whole = _whole(row)
            if whole.product.variants:
                yield whole


def whole_products(visitor: Visitor, *, slugs: Collection[str]) -> dict[str, WholeProduct]:
    """Those of these products that exist, by slug; without variants for sale too. Raises NotAllowed."""
    _ask(visitor)
    rows = _rows(f"{_WHOLE} WHERE p.slug = ANY(%s)", [list(slugs)])
    return {row[1]: _whole(row) for row in rows}


def shelves(visitor: Visitor) -> tuple[Shelf, ...]:
    """Every category, the empty ones too, in the shop's order. Raises NotAllowed."""
    _ask(visitor)
    rows = _rows(
        "SELECT c.slug, c.name, coalesce(a.slug, ''), c.position, c.sensitive, c.translations::text"
        " FROM catalog_category c LEFT JOIN catalog_category a ON a.id = c.parent_id ORDER BY c.position, c.id"
    )
    return tuple(
        Shelf(slug, name, parent, position, sensitive, json.loads(translations))
        for slug, name, parent, position, sensitive, translations in rows
    )


def tax_classes() -> tuple[str, ...]:
    """Codes of the classes goods can be taxed by, sorted."""
    return tuple(row[0] for row in _rows("SELECT code FROM catalog_taxclass ORDER BY 1"))


def slugs_of_skus(visitor: Visitor, *, skus: Collection[str]) -> dict[str, str]:
    """SKU → slug of the product it belongs to, for those that are taken. Raises NotAllowed."""
    _ask(visitor)
    rows = _rows(
        "SELECT v.sku, p.slug FROM catalog_variant v JOIN catalog_product p ON p.id = v.product_id"
        " WHERE v.sku = ANY(%s)",
        [list(skus)],
    )
    return dict(rows)


def known_slugs(slugs: Collection[str]) -> set[str]:
    """Those of ``slugs`` that are products."""
    return {row[0] for row in _rows("SELECT slug FROM catalog_product WHERE slug = ANY(%s)", [list(slugs)])}


def in_use(visitor: Visitor) -> tuple[list[str], list[str], list[str], list[str]]:
    """Currencies of prices, of costs, languages, and names of options of what ``whole_catalogue`` shows.

    Options come in the order they were first used. Raises NotAllowed.
    """
    _ask(visitor)
    ((prices, costs, languages, options),) = _rows(_COLUMNS)
    return prices, costs, languages, options


@contextmanager
def one_moment() -> Iterator[None]:
    """A block in which every query shows the same moment, unless a transaction is open already."""
    outermost = not connection.in_atomic_block
    with transaction.atomic():
        if outermost:
            with connection.cursor() as cursor:
                cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
        yield


def _ask(visitor: Visitor) -> None:
    if not visitor.staff:
        raise NotAllowed


def _rows(statement: str, parameters: list[Any] | None = None) -> list[Any]:
    with connection.cursor() as cursor:
        cursor.execute(statement, parameters)
        found: list[Any] = cursor.fetchall()
        return found


def _whole(row: tuple[Any, ...]) -> WholeProduct:
    variants = json.loads(row[13] or "[]")
    return WholeProduct(
        product=NewProduct(
            slug=row[1],
            name=row[2],
            description=row[3],
            category=row[4],
            tax_class=row[5],
            picture=row[6],
            active=row[7],
            origin=row[8],
            external_id=row[9],
            translations=json.loads(row[10]),
            facts=tuple((name, value) for name, value in json.loads(row[11] or "[]")),
            spare_parts=tuple(json.loads(row[12] or "[]")),
            variants=tuple(_variant(each) for each in variants if each["active"]),
        ),
        retired=tuple(_variant(each) for each in variants if not each["active"]),
    )


def _variant(data: dict[str, Any]) -> NewVariant:
    return NewVariant(
        sku=data["sku"],
        label=data["label"],
        options=dict(data["options"] or []),
        prices=tuple(Money(minor, currency) for minor, currency in data["prices"] or []),
        costs=tuple(Money(minor, currency) for minor, currency in data["costs"] or []),
        stock=data["stock"] or 0,
        external_id=data["external_id"],
        weight=data["weight"],
    )
