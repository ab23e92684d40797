"""English without a prefix, German under /de/: the same page, found by its address alone."""

from __future__ import annotations

import re
from datetime import UTC, datetime

import pytest
from django.core.cache import cache
from django.test import Client
from django.utils import translation

from tacit.catalog import actions as catalog
from tacit.catalog.types import CatalogError, NewProduct, NewVariant
from tacit.checkout import actions as checkout
from tacit.checkout.models import Order
from tacit.core.models import OutboxMail
from tacit.core.money import Money
from tacit.web import language
from tacit.web.cache import VARY
from tacit.web.templatetags import shown
from tests.checkout.test_letters import letters
from tests.conftest import NOW
from tests.web.conftest import TYPED, hidden

GERMAN = {
    "name": "Emaillekessel",
    "description": "Von Hand getaucht.",
    "facts": [["Fasst", "1,4 l"]],
    "words": {"Forest": "Wald", "Colour": "Farbe"},
}
pytestmark = pytest.mark.django_db


@pytest.fixture
def german(shop: int) -> int:
    """The shop's kettle, said in German as well; its variant id."""
    catalog.save_category(slug="kitchen", name="Kitchen", translations={"de": {"name": "Küche"}})
    catalog.save_product(
        NewProduct(
            slug="kettle",
            name="Enamel kettle",
            description="Dipped by hand.",
            facts=(("Holds", "1.4 l"),),
            category="kitchen",
            variants=(
                NewVariant(
                    sku="KETTLE", label="Forest", options={"Colour": "Forest"}, prices=(Money(3900, "EUR"),)
                ),
            ),
            translations={"de": GERMAN},
        ),
        now=NOW,
    )
    checkout.set_shipping_method(
        code="standard",
        name="Standard",
        currency="EUR",
        price=Money(490, "EUR"),
        names={"de": "Normaler Versand"},
    )
    cache.clear()
    return shop


def test_a_page_is_in_the_language_of_its_address(german: int) -> None:
    english = Client().get("/p/kettle", headers={"accept-language": "de"}).content.decode()
    found = Client().get("/de/p/kettle", headers={"accept-language": "en"})
    page = found.content.decode()
    assert '<html lang="en">' in english
    assert "Enamel kettle" in english
    assert "Kessel" not in english
    assert '<html lang="de">' in page
    assert found["Content-Language"] == "de"
    for words in (
        "Emaillekessel",
        "Von Hand getaucht.",
        "1,4 l",
        "39,00\xa0€",
        "Kaufen",
        "Küche",
        "4,90\xa0€",
    ):
        assert words in page
    for words in ("Dipped", "Enamel", "Kitchen", ">Buy<", "€39.00"):
        assert words not in page
    assert 'href="/de/c/kitchen"' in page
    assert 'action="/de/buy"' in page


@pytest.mark.parametrize("path", ["/de/", "/de/c/kitchen", "/de/search?q=kessel", "/de/p/kettle"])
def test_german_pages_are_the_same_for_all_as_well(german: int, path: str) -> None:
    one = Client().get(path)
    other = Client(headers={"accept-language": "fr"}).get(path)
    assert one.status_code == 200
    assert one.content == other.content
    assert not one.cookies
    assert one.get("Vary", VARY) == VARY, "by the currency, a cookie, and nothing else"
    assert "Emaillekessel" in one.content.decode()


def test_what_is_kept_of_one_language_is_not_shown_in_the_other(german: int) -> None:
    for path, name in (("/", "Kitchen"), ("/de/", "Küche"), ("/", "Kitchen")):
        assert f">{name}<" in Client().get(path).content.decode()


def test_each_page_names_itself_in_the_other_language(german: int) -> None:
    for path, other in (("/p/kettle", "/de/p/kettle"), ("/de/p/kettle", "/p/kettle"), ("/de/", "/")):
        page = Client().get(path).content.decode()
        alternates = dict(re.findall(r'rel="alternate" hreflang="([\w-]+)" href="http://[^/]+([^"]*)"', page))
        assert alternates["en"] == alternates["x-default"]
        assert alternates["en"] in {path, other}
        assert alternates["de"] in {path, other}
        assert f'<a href="{other}" lang=' in page
        assert Client().get(other).status_code == 200
    assert '<a href="/search?q=kessel" lang="en"' in Client().get("/de/search?q=kessel").content.decode()


def test_private_pages_tell_search_engines_nothing_and_lose_nothing_typed(german: int) -> None:
    client = Client()
    client.post("/de/buy", {"variant": german})
    page = client.get("/de/checkout").content.decode()
    assert 'rel="alternate"' not in page
    assert '<a href="/checkout" lang="en"' in page
    answer = client.post("/de/checkout", {"key": hidden(page, "key"), "name": "Ana"}).content.decode()
    assert 'value="Ana"' in answer
    assert 'lang="en"' not in answer


def test_a_path_that_only_looks_like_a_language_is_none(german: int) -> None:
    assert language.of_path("/de") == "en"
    assert language.of_path("/den/x") == "en"
    assert language.of_path("/fr/p/kettle") == "en"
    assert Client().get("/fr/p/kettle").status_code == 404
    missing = Client().get("/de/p/nothing")
    assert missing.status_code == 404
    assert "Das verkaufen wir nicht" in missing.content.decode()
    assert "/p/nothing" not in missing.content.decode()


@pytest.mark.django_db(transaction=True)
def test_an_order_placed_in_german_is_told_in_german(german: int) -> None:
    client = Client()
    assert client.post("/de/buy", {"variant": german})["Location"] == "/de/checkout"
    page = client.get("/de/checkout").content.decode()
    assert "Normaler Versand" in page
    assert "Emaillekessel, Wald" in page
    assert "Zahlungspflichtig bestellen" in page
    assert ">Österreich</option>" in page
    form = {name: hidden(page, name) for name in ("key", "currency", "total_standard", "total_express")}
    placed = client.post("/de/checkout", {**form, **TYPED, "shipping": "standard", "method": "good"})
    assert placed.status_code == 303
    assert placed["Location"].startswith("/de/order/")
    order = Order.objects.get()
    assert order.language == "de"
    assert order.shipping_name == "Normaler Versand"
    (letter,) = letters(datetime.now(UTC))
    assert letter.subject == f"Ihre Bestellung {order.number}"
    for text in (letter.text, letter.html):
        assert f"/de/order/{order.number}/" in text
        assert "Emaillekessel, Wald" in text
        assert "43,90\xa0€" in text
        assert "Deutschland" in text
        assert "€43" not in text
    assert '<html lang="de">' in letter.html
    shown_page = client.get(placed["Location"]).content.decode()
    assert "Ihre Bestellung" in shown_page or "Vielen Dank" in shown_page
    assert translation.get_language() == "en"


def test_a_code_is_mailed_in_the_language_of_the_page_that_asked(shop: int) -> None:
    Client().post("/de/sign-in", {"email": "ana@example.com"})
    Client().post("/sign-in", {"email": "ben@example.com"})
    assert OutboxMail.objects.get(to="ana@example.com").subject.startswith("Ihr Code")
    assert OutboxMail.objects.get(to="ben@example.com").subject.startswith("Your code")


def test_errors_are_german_under_a_german_address(german: int) -> None:
    answer = Client().get("/de/?page=one")
    assert answer.status_code == 422
    assert "Das ist keine ganze Zahl." in answer.content.decode()
    refused = Client(headers={"origin": "http://elsewhere.example"}).post("/de/buy", {"variant": german})
    assert refused.status_code == 403
    assert "Das geht von hier aus nicht" in refused.content.decode()


def test_days_and_money_are_written_as_germans_write_them() -> None:
    day = datetime(2026, 11, 19, 20, 14, tzinfo=UTC)
    with translation.override("de"):
        assert shown.day(day) == "Donnerstag, 19. November 2026"
        assert shown.moment(day) == "19. Nov. 2026, 21:14"
        assert shown.money(Money(123456, "EUR")) == "1.234,56\xa0€"
        assert shown.country("NL") == "Niederlande"


@pytest.mark.parametrize(
    "texts",
    [
        {"no language": {"name": "x"}},
        {"de": {"title": "x"}},
        {"de": {"name": "x" * 201}},
        {"de": {"facts": [["only one"]]}},
        {"de": {"words": {"Forest": 3}}},
        {"de": {"description": None}},
    ],
)
def test_a_translation_that_cannot_be_shown_is_not_saved(
    shop: int, texts: dict[str, dict[str, object]]
) -> None:
    product = NewProduct(slug="new", name="New", variants=(NewVariant(sku="NEW"),), translations=texts)
    with pytest.raises(CatalogError) as refused:
        catalog.save_product(product, now=NOW)
    assert refused.value.field == "translations"
    assert Client().get("/p/new").status_code == 404
