"""Choosing a currency: one cookie, the cart goes along where it can."""

from __future__ import annotations

import re

import pytest
from django.core.cache import cache
from django.test import Client
from pytest_django.fixtures import Settings

from tacit.catalog.models import Variant
from tacit.checkout import actions
from tacit.checkout.models import Order
from tacit.checkout.types.delivery import Rate
from tacit.core.money import Money
from tests.web.conftest import order_form, with_kettle

pytestmark = pytest.mark.django_db
EUR_5 = Money(500, "EUR")


@pytest.fixture(autouse=True)
def two_currencies(settings: Settings) -> None:
    settings.SHOP_CURRENCIES = ("EUR", "GBP")


def test_prices_follow_the_choice_and_no_session_begins(shop: int) -> None:
    client = Client()
    assert "€39.00" in client.get("/p/kettle").content.decode()
    answer = client.post("/currency", {"currency": "GBP", "next": "/p/kettle"})
    assert (answer.status_code, answer["Location"]) == (303, "/p/kettle")
    assert set(client.cookies) == {"currency"}
    page = client.get("/p/kettle").content.decode()
    assert "£34.00" in page
    assert "€39.00" not in page
    assert "€39.00" in Client().get("/p/kettle").content.decode()


def test_what_has_no_price_in_it_is_shown_in_another_and_says_so(shop: int) -> None:
    page = Client(headers={"cookie": "currency=GBP"}).get("/p/lid").content.decode()
    assert "€5.00" in page
    assert "not sold in GBP" in page
    assert "not sold in" not in Client().get("/p/lid").content.decode()


@pytest.mark.parametrize("currency", ["USD", "", "gbp", "EURO", "<b>"])
def test_a_currency_the_shop_does_not_sell_in_is_refused(shop: int, currency: str) -> None:
    client = Client()
    answer = client.post("/currency", {"currency": currency, "next": "/"})
    assert answer.status_code == 422
    assert not client.cookies
    page = Client(headers={"cookie": f"currency={currency}"}).get("/p/kettle").content.decode()
    assert "€39.00" in page


@pytest.mark.parametrize(
    ("following", "came_from", "back"),
    [
        ("/p/kettle", "", "/p/kettle"),
        ("/search", "http://testserver/search?q=pan", "/search?q=pan"),
        ("/search", "http://elsewhere.example/search?q=pan", "/search"),
        ("/", "http://testserver/search?q=pan", "/"),
        ("https://elsewhere.example/", "", "/"),
        ("//elsewhere.example/", "", "/"),
    ],
)
def test_nobody_is_sent_elsewhere(shop: int, following: str, came_from: str, back: str) -> None:
    answer = Client().post(
        "/currency", {"currency": "GBP", "next": following}, headers={"referer": came_from}
    )
    assert (answer.status_code, answer["Location"]) == (303, back)


def test_another_site_cannot_choose(shop: int) -> None:
    answer = Client().post("/currency", {"currency": "GBP"}, headers={"sec-fetch-site": "cross-site"})
    assert answer.status_code == 403


def test_the_cart_goes_along_and_is_ordered_in_it(shop: int) -> None:
    for method in ("standard", "express"):
        actions.set_shipping_rates(method=method, currency="GBP", rates=[Rate(Money(450, "GBP"))])
    client = with_kettle(shop)
    assert "€43.90" in client.get("/checkout").content.decode()
    client.post("/currency", {"currency": "GBP", "next": "/checkout"})
    page = client.get("/checkout").content.decode()
    assert "£38.50" in page
    answer = client.post("/checkout", order_form(client))
    assert answer.status_code == 303
    order = client.get(answer["Location"]).content.decode()
    assert "£38.50" in order
    assert "includes 19% VAT" in order
    assert "with you" in order


def test_a_cart_that_cannot_go_along_says_which_line(shop: int) -> None:
    client = with_kettle(shop)
    client.post("/buy", {"variant": Variant.objects.get(sku="LID").pk})
    answer = client.post("/currency", {"currency": "GBP", "next": "/"})
    page = answer.content.decode()
    assert answer.status_code == 409
    assert "<li>Kettle lid</li>" in page
    assert "Enamel kettle" not in page
    assert "€" in client.get("/checkout").content.decode()
    assert "£34.00" in client.get("/p/kettle").content.decode()


def test_a_new_cart_takes_the_currency_of_the_page(shop: int) -> None:
    client = Client()
    client.cookies["currency"] = "GBP"
    client.post("/buy", {"variant": shop})
    assert "£34.00" in client.get("/checkout").content.decode()


def test_another_country_is_looked_at_without_losing_what_was_typed(shop: int) -> None:
    client = with_kettle(shop)
    form = order_form(client, country="AT", name="Ana Berg")
    page = client.post("/checkout", form | {"look": "1"}).content.decode()
    assert "includes 20% VAT" in page
    assert 'value="Ana Berg"' in page
    assert not Order.objects.exists()


def test_the_chosen_currency_is_marked_and_no_button(shop: int) -> None:
    for chosen, other in (("EUR", "GBP"), ("GBP", "EUR")):
        page = Client(headers={"cookie": f"currency={chosen}"}).get("/p/kettle").content.decode()
        assert re.findall(r'aria-current="true">([A-Z]{3})<', page) == [chosen]
        assert re.findall(r'name="currency" value="([A-Z]{3})"', page) == [other]


def test_what_is_too_heavy_for_any_parcel_says_so_beside_the_price(shop: int) -> None:
    for country in ("DE", "AT"):
        actions.set_shipping_rates(
            method="standard", currency="EUR", countries=[country], rates=[Rate(EUR_5, weight_most=5000)]
        )
        actions.set_shipping_rates(
            method="express", currency="EUR", countries=[country], rates=[Rate(EUR_5, weight_most=9000)]
        )
    cache.clear()
    Variant.objects.filter(pk=shop).update(weight_grams=9000)
    assert "€5.00 delivery" in Client().get("/p/kettle").content.decode()
    Variant.objects.filter(pk=shop).update(weight_grams=9001)
    cache.clear()
    page = Client().get("/p/kettle").content.decode()
    assert "cannot be delivered to Germany" in page
    assert "delivery, with you" not in page
