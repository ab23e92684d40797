"""Saving products: all or nothing, prices with their history, costs in no shopper's page."""

from __future__ import annotations

import dataclasses
import json
from dataclasses import asdict, replace
from datetime import timedelta
from decimal import Decimal

import pytest
from django.db import IntegrityError, connection, transaction
from hypothesis import given
from hypothesis import strategies as st

from tacit.accounts.types import NotAllowed, Visitor
from tacit.catalog import actions, queries, rules
from tacit.catalog.models import Price, Product, Stock, Variant
from tacit.catalog.types import CatalogError, NewProduct, NewVariant, NoSuchProduct
from tacit.core.money import Money

pytestmark = pytest.mark.django_db
EUR = "EUR"
CUP = NewProduct(
    slug="cup",
    name="Cup",
    category="kitchen",
    variants=(
        NewVariant("CUP-S", "Small", {"Size": "Small"}, (Money(900, EUR),), (Money(333, EUR),), 4),
        NewVariant("CUP-L", "Large", {"Size": "Large"}, (Money(1200, EUR), Money(1000, "GBP")), (), 0),
    ),
    facts=(("Holds", "300 ml"),),
    spare_parts=("lid",),
)


def page(slug: str = "cup", currency: str = EUR):
    return queries.product_page(slug, currency=currency, country="DE")


def test_a_product_page_is_one_statement_and_shows_no_cost(kettle, now, django_assert_num_queries):
    actions.save_product(CUP, now=now)
    with django_assert_num_queries(1):
        shown = page()
    assert [(v.label, v.price, v.available, dict(v.options)) for v in shown.variants] == [
        ("Small", Money(900, EUR), 4, {"Size": "Small"}),
        ("Large", Money(1200, EUR), 0, {"Size": "Large"}),
    ]
    assert (shown.facts, shown.spare_parts) == ((("Holds", "300 ml"),), (("lid", "Kettle lid"),))
    assert (shown.percent, shown.category) == (Decimal("19.000"), (("kitchen", "Kitchen"),))
    assert "333" not in json.dumps(asdict(shown), default=str)
    assert page("lid").part_of == (("cup", "Cup"), ("kettle", "Enamel kettle"))


def test_a_product_is_shown_in_the_asked_currency_where_there_is_one(kettle, now):
    actions.save_product(CUP, now=now)
    assert [variant.price for variant in page(currency="GBP").variants] == [
        Money(900, EUR),
        Money(1000, "GBP"),
    ]


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"name": " "}, "name"),
        ({"name": "x" * 201}, "name"),
        ({"name": "a\x00b"}, "name"),
        ({"slug": "Not a slug"}, "slug"),
        ({"variants": ()}, "variants"),
        ({"variants": (CUP.variants[0], replace(CUP.variants[1], label="Small"))}, "variants"),
        ({"variants": (replace(CUP.variants[0], stock=-1),)}, "on_hand"),
        ({"variants": (replace(CUP.variants[0], sku="KETTLE"),)}, "sku"),
        ({"variants": (replace(CUP.variants[0], prices=(Money(-1, EUR),)),)}, "prices"),
        ({"variants": (replace(CUP.variants[0], prices=(Money(1, EUR), Money(2, EUR))),)}, "prices"),
        ({"category": "none"}, "category"),
        ({"tax_class": "none"}, "tax_class"),
        ({"spare_parts": ("none",)}, "spare_parts"),
        ({"spare_parts": ("cup",)}, "spare_parts"),
    ],
)
def test_what_cannot_be_saved_is_named_and_nothing_is(kettle, now, change, field):
    with pytest.raises(CatalogError) as refusal:
        actions.save_product(dataclasses.replace(CUP, **change), now=now)
    assert refusal.value.field == field
    assert not Product.objects.filter(slug=CUP.slug).exists()
    assert not Variant.objects.filter(sku__startswith="CUP").exists()


def test_saving_again_changes_what_changed_and_keeps_the_stock(kettle, now):
    actions.save_product(CUP, now=now)
    Stock.objects.filter(variant__sku="CUP-S").update(on_hand=9)
    smaller = replace(CUP, variants=(replace(CUP.variants[0], prices=(Money(800, EUR),)),))
    actions.save_product(smaller, now=now + timedelta(days=1))
    (variant,) = page().variants
    assert (variant.price, variant.available) == (Money(800, EUR), 9)
    assert list(
        Price.objects.filter(variant__sku="CUP-S").order_by("since").values_list("minor", "until")
    ) == [
        (900, now + timedelta(days=1)),
        (800, None),
    ]
    assert not actions.set_price(sku="CUP-S", price=Money(800, EUR), now=now + timedelta(days=2))


def test_an_inactive_product_is_not_there(kettle, now):
    actions.save_product(replace(CUP, active=False), now=now)
    with pytest.raises(NoSuchProduct):
        page()
    assert "cup" not in [row.slug for row in queries.product_list(currency=EUR)[0]]
    assert queries.currencies(Variant.objects.get(sku="CUP-S").pk) == ()


def test_the_list_sorts_names_as_its_readers_do(kettle, now):
    names = (
        ("axe", "Wood axe", "Äxte"),
        ("oil", "Lamp oil", "Öl"),
        ("pan", "Iron pan", "Pfanne"),
        ("box", "Cedar box", "Zeder"),
    )
    for slug, english, german in names:
        translations = {"de": {"name": german}}
        actions.save_product(
            NewProduct(slug, english, (NewVariant(slug),), translations=translations), now=now
        )
    listed = {
        language: [row.slug for row in queries.product_list(currency=EUR, language=language)[0]]
        for language in ("de", "en")
    }
    ours = {slug for slug, _, _ in names}
    assert [slug for slug in listed["de"] if slug in ours] == ["axe", "oil", "pan", "box"]
    assert [slug for slug in listed["en"] if slug in ours] == ["box", "pan", "oil", "axe"]
    rows, more = queries.product_list(currency=EUR, per_page=1)
    assert (len(rows), more) == (1, True)


def test_stock_is_set_by_staff_and_not_below_what_is_promised(kettle, now, staff):
    with pytest.raises(NotAllowed):
        actions.set_stock(Visitor(), sku="KETTLE", on_hand=1, now=now)
    actions.claim_stock({kettle: 3})
    for bad in (2, -1, 10**9, "7", True, 1.5):
        with pytest.raises(CatalogError):
            actions.set_stock(staff, sku="KETTLE", on_hand=bad, now=now)
    actions.set_stock(staff, sku="KETTLE", on_hand=3, now=now)
    assert (Stock.objects.get(pk=kettle).on_hand, Stock.objects.get(pk=kettle).claimed) == (3, 3)


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE catalog_stock SET claimed = on_hand + 1",
        "UPDATE catalog_stock SET claimed = -1",
        "UPDATE catalog_price SET minor = -1",
        "INSERT INTO catalog_price (variant_id, currency, minor, since)"
        " SELECT variant_id, currency, 1, since FROM catalog_price",
        "UPDATE catalog_taxrate SET percent = 101",
    ],
)
def test_the_database_refuses_what_makes_no_sense(kettle, change):
    with pytest.raises(IntegrityError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(change)


@given(st.text(max_size=300))
def test_a_slug_is_always_safe_in_an_address(text):
    slug = rules.slugify(text)
    assert len(slug) <= rules.LONGEST_SLUG
    assert rules.slugify(slug) == slug
    assert all(part.isalnum() and part.isascii() for part in slug.split("-")) or slug == ""
