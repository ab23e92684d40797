"""Filling a cart at once does what putting in one thing after another does, in few statements."""

from __future__ import annotations

import random
from dataclasses import replace
from datetime import datetime

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tacit.accounts.types import Visitor
from tacit.catalog import actions as catalog
from tacit.catalog import queries
from tacit.catalog.models import Product
from tacit.catalog.types import NewProduct, NewVariant
from tacit.checkout import actions
from tacit.checkout.models import Cart, CartLine
from tacit.checkout.types.order import CheckoutError
from tacit.core.money import Money
from tests.conftest import NOW

MOST_STATEMENTS = 6
PRICES = (("EUR",), ("GBP",), ("EUR", "GBP"))


def sell(count: int, *, chance: random.Random | None = None) -> list[str]:
    """That many SKUs; with ``chance`` some are sold out, some off sale, each sold in one currency or both."""
    made = []
    for number in range(count):
        name = f"thing-{number}"
        sold_in = chance.choice(PRICES) if chance else PRICES[0]
        variant = NewVariant(
            sku=name.upper(),
            prices=tuple(Money(500, each) for each in sold_in),
            stock=chance.choice([0, 5, 5]) if chance else 5,
        )
        catalog.save_product(
            NewProduct(slug=name, name=name, category="kitchen", tax_class="reduced", variants=(variant,)),
            now=NOW,
        )
        if chance and not chance.randrange(6):
            Product.objects.filter(slug=name).update(active=False)
        made.append(variant.sku)
    return made


def in_cart(token: str) -> dict[str, int]:
    return dict(CartLine.objects.filter(cart_id=token).values_list("variant__sku", "quantity"))


def test_a_hundred_lines_take_no_more_statements_than_one(kettle: int, now: datetime) -> None:
    skus = sell(101)
    with CaptureQueriesContext(
        connection,
    ) as asked:
        token, left = actions.fill_cart(
            Visitor(cart="x" * 22), items=dict.fromkeys(skus[:100], 2), currency="EUR", now=now
        )
    assert (len(in_cart(token)), left) == (100, {})
    assert len([each for each in asked if "SAVEPOINT" not in each["sql"]]) <= MOST_STATEMENTS
    visitor = Visitor(cart=token)
    _, left = actions.fill_cart(
        visitor, items={skus[100]: 1, skus[5]: 3, skus[6]: 1}, currency="EUR", now=now
    )
    assert {sku: error.code for sku, error in left.items()} == {skus[100]: "full"}
    found = in_cart(token)
    assert (len(found), found[skus[5]], found[skus[6]]) == (100, 3, 2)


def one_by_one(
    visitor: Visitor, items: dict[str, int], currency: str, now: datetime
) -> tuple[str, dict[str, CheckoutError]]:
    """What a buyer does on the pages, in the order of the variants."""
    left: dict[str, CheckoutError] = {}
    known = queries.stock_by_sku(items)
    for sku in sorted(items, key=lambda sku: known.get(sku, (0, 0))):
        variant, available = known.get(sku, (0, 0))
        if not available:
            left[sku] = CheckoutError("sku", "sold_out" if variant else "not_sold")
            continue
        try:
            token = actions.add_to_cart(
                visitor, variant=variant, quantity=items[sku], currency=currency, now=now
            )
            visitor = replace(visitor, cart=token)
        except CheckoutError as error:
            left[sku] = error
    return visitor.cart, left


@pytest.mark.parametrize("seed", range(12))
def test_it_comes_to_the_same_as_one_thing_after_another(kettle: int, now: datetime, seed: int) -> None:
    chance = random.Random(seed)
    skus = [*sell(8, chance=chance), "NO-SUCH"]
    found = []
    begun = {sku: chance.randint(1, 4) for sku in chance.sample(skus, chance.choice([0, 0, 2]))}
    items = {sku: chance.randint(1, 4) for sku in chance.sample(skus, chance.randint(1, 9))}
    wished = chance.choice(["EUR", "GBP"])
    for way in ("at once", "one by one"):
        visitor = Visitor(cart=one_by_one(Visitor(), begun, "EUR", now)[0])
        if way == "at once":
            token, left = actions.fill_cart(visitor, items=items, currency=wished, now=now)
        else:
            token, left = one_by_one(visitor, items, wished, now)
        currency = Cart.objects.filter(pk=token).values_list("currency", flat=True).first()
        why = {sku: (error.field, error.code, error.parameters) for sku, error in left.items()}
        found.append((in_cart(token), why, currency, token == visitor.cart))
    assert found[0] == found[1]


def test_an_empty_cart_takes_the_currency_of_what_is_put_in(kettle: int, now: datetime) -> None:
    catalog.save_product(
        NewProduct(
            slug="teapot",
            name="Teapot",
            category="kitchen",
            tax_class="reduced",
            variants=(NewVariant(sku="TEAPOT", prices=(Money(900, "GBP"),), stock=3),),
        ),
        now=now,
    )
    token, _ = actions.fill_cart(Visitor(), items={"LID": 1}, currency="EUR", now=now)
    actions.empty_cart(Visitor(cart=token))
    again, left = actions.fill_cart(Visitor(cart=token), items={"TEAPOT": 1}, currency="EUR", now=now)
    assert (again, left, Cart.objects.get().currency) == (token, {}, "GBP")
