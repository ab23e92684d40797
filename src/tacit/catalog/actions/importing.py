"""Bringing in another shop's products. What the shop has changed since is never overwritten."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from itertools import islice

from django.db import connection, transaction

from tacit.catalog import rules
from tacit.catalog.actions.products import set_tax_rate
from tacit.catalog.actions.search import index_products
from tacit.catalog.models import Product, TaxClass, TaxRate, Variant
from tacit.catalog.types import CatalogError, ImportedProduct

_AT_ONCE = 2_000
_LONGEST_SLUG = 120
_LONGEST_SKU = 64

_PRODUCTS = """
INSERT INTO catalog_product (slug, name, description, category_id, tax_class_id, active, picture, translations,
  created_at, origin, external_id)
SELECT slug, name, '', NULL, %s, true, '', '{}', %s, %s, external_id
FROM unnest(%s::text[], %s::text[], %s::text[]) AS p(slug, name, external_id)
"""
_VARIANTS = """
INSERT INTO catalog_variant (product_id, sku, label, position, active, origin, external_id)
SELECT p.id, v.sku, '', 0, true, p.origin, p.external_id
FROM unnest(%s::text[], %s::text[]) AS v(sku, external_id)
JOIN catalog_product p ON p.origin = %s AND p.external_id = v.external_id
RETURNING external_id, id
"""
_STOCK = "INSERT INTO catalog_stock (variant_id, on_hand, claimed) SELECT unnest(%s::bigint[]), %s, 0"
_PRICES = """
INSERT INTO catalog_price (variant_id, currency, minor, since, until)
SELECT variant, currency, minor, since, NULL
FROM unnest(%s::bigint[], %s::text[], %s::bigint[], %s::timestamptz[]) AS p(variant, currency, minor, since)
"""


@dataclass(frozen=True, slots=True)
class ProductsImported:
    """``created`` products are new, ``kept`` were there. ``variants``: external id → variant id."""

    created: int
    kept: int
    variants: Mapping[str, int]


def import_products(
    *, origin: str, products: Iterable[ImportedProduct], stock: int, tax_class: str, now: datetime
) -> ProductsImported:
    """Make the products that ``origin`` has and we do not, each with one variant, ``stock`` pieces on hand.

    Products we have keep their name, price and stock. A SKU or address (slug) that is taken gets an ending.
    Raises CatalogError for a value that cannot be saved; then nothing was.
    """
    pieces = rules.check_stock(stock)
    created = kept = 0
    variants: dict[str, int] = {}
    with transaction.atomic():
        one_at_a_time()
        class_ = TaxClass.objects.filter(code=tax_class).first()
        if class_ is None:
            raise CatalogError("tax_class", "unknown")
        rest = iter(products)
        while portion := list(islice(rest, _AT_ONCE)):
            known = _known(origin, portion)
            new = [product for product in portion if product.external_id not in known]
            made = _write(origin, new, tax_class=class_.pk, stock=pieces, now=now)
            variants |= _variants(origin, portion)
            created += len(made)
            kept += len(known)
    return ProductsImported(created, kept, variants)


def offer_tax_rate(*, code: str, name: str, country: str, percent: Decimal) -> bool:
    """Make the class and its rate in ``country`` when there is none yet; whether it was made."""
    if TaxRate.objects.filter(tax_class__code=code, country=country).exists():
        return False
    set_tax_rate(code=code, name=name, country=country, percent=percent)
    return True


def one_at_a_time() -> None:
    """Hold back other imports until this transaction ends: two at once would choose the same slugs and SKUs."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended('catalog import', 0))")


def _known(origin: str, products: list[ImportedProduct]) -> set[str | None]:
    found = Product.objects.filter(origin=origin, external_id__in=[each.external_id for each in products])
    return set(found.values_list("external_id", flat=True))


def _variants(origin: str, products: list[ImportedProduct]) -> dict[str, int]:
    found = Variant.objects.filter(origin=origin, external_id__in=[each.external_id for each in products])
    return {str(external_id): id_ for external_id, id_ in found.values_list("external_id", "id")}


def _write(
    origin: str, products: list[ImportedProduct], *, tax_class: int, stock: int, now: datetime
) -> dict[str, int]:
    if not products:
        return {}
    names = [rules.check_text("name", each.name, longest=200) for each in products]
    external = [rules.check_text("external_id", each.external_id, longest=120) for each in products]
    slugs, skus = _slugs(products), _skus(origin, products)
    with connection.cursor() as cursor:
        cursor.execute(_PRODUCTS, [tax_class, now, origin, slugs, names, external])
        cursor.execute(_VARIANTS, [skus, external, origin])
        made: dict[str, int] = dict(cursor.fetchall())
        cursor.execute(_STOCK, [list(made.values()), stock])
        priced = [(made[each.external_id], each.price, each.since) for each in products if each.price]
        cursor.execute(
            _PRICES,
            [
                [variant for variant, _, _ in priced],
                [price.currency for _, price, _ in priced],
                [price.minor for _, price, _ in priced],
                [since for _, _, since in priced],
            ],
        )
    made_products = Product.objects.filter(origin=origin, external_id__in=external)
    index_products(list(made_products.values_list("pk", flat=True)))
    return made


def _slugs(products: list[ImportedProduct]) -> list[str]:
    """Addresses from the names; where that is taken or shared, with the SKU, and then with a number."""
    short = [rules.slugify(each.name) or rules.slugify(each.sku) or "product" for each in products]
    full = [f"{slug}-{rules.slugify(each.sku)}" for slug, each in zip(short, products, strict=True)]
    used = set(Product.objects.filter(slug__in=short + full).values_list("slug", flat=True))

    def taken(slug: str) -> bool:
        return slug in used or Product.objects.filter(slug=slug).exists()

    chosen = []
    for plain, with_sku in zip(short, full, strict=True):
        slug = plain if plain not in used else _free(with_sku, taken, longest=_LONGEST_SLUG)
        used.add(slug)
        chosen.append(slug)
    return chosen


def _skus(origin: str, products: list[ImportedProduct]) -> list[str]:
    wanted = [rules.check_text("sku", each.sku, longest=_LONGEST_SKU) for each in products]
    used = set(Variant.objects.filter(sku__in=wanted).values_list("sku", flat=True))

    def taken(sku: str) -> bool:
        return sku in used or Variant.objects.filter(sku=sku).exists()

    chosen = []
    for plain in wanted:
        sku = plain if plain not in used else _free(f"{plain}-{origin}", taken, longest=_LONGEST_SKU)
        used.add(sku)
        chosen.append(sku)
    return chosen


def _free(wanted: str, taken: Callable[[str], bool], *, longest: int) -> str:
    """``wanted``, or the first of ``wanted-2``, ``wanted-3`` … that is not taken, cut to ``longest``."""
    number, candidate = 1, wanted[:longest]
    while taken(candidate):
        number += 1
        ending = f"-{number}"
        candidate = wanted[: longest - len(ending)] + ending
    return candidate
