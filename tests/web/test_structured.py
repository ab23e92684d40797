"""What machines read of a page is what people read on it."""

from __future__ import annotations

import json
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings as shop_settings
from django.core.cache import cache
from django.db import connection
from django.http import HttpRequest
from django.test import Client, RequestFactory
from django.test.utils import CaptureQueriesContext
from django.urls import resolve
from pytest_django.fixtures import Settings

from tacit.catalog import actions as catalog
from tacit.catalog.models import Product, Stock
from tacit.catalog.types import NewProduct, NewVariant
from tacit.connectors import sample_shop
from tacit.core.money import Money
from tacit.web import preview, structured
from tests.conftest import NOW

pytestmark = pytest.mark.django_db
SITE = shop_settings.SHOP_URL
EVIL = "</script><script>alert(1)</script>\u2028<!-- & ]]>"
VOID = {"meta", "link", "input", "img", "br"}


class Read(HTMLParser):
    """A page as a machine reads it (``meta``, ``canonical``, ``alternates``, ``graph``) and as a person does.

    ``prices``: what stands where the price is, by variant where it follows the choice, and which is ``now`` seen.
    ``chips``: (label, price or '', whether it can be chosen).
    """

    def __init__(self, html: str) -> None:
        super().__init__()
        self.meta: dict[str, str] = {}
        self.canonical = ""
        self.alternates: dict[str, str] = {}
        self.graph: list[dict[str, Any]] = []
        self.texts: list[str] = []
        self.prices: list[str] = []
        self.now = ""
        self.chips: list[list[Any]] = []
        self._open: list[tuple[str, dict[str, str]]] = []
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag == "meta":
            self.meta[given.get("property", given.get("name", ""))] = given.get("content", "")
        elif tag == "link" and given["rel"] == "alternate":
            self.alternates[given["hreflang"]] = given["href"]
        elif tag == "link" and given["rel"] == "canonical":
            assert not self.canonical
            self.canonical = given["href"]
        elif tag == "input" and self._inside("chip"):
            self.chips.append(["", "", "disabled" not in given])
        if tag not in VOID:
            self._open.append((tag, given))

    def handle_endtag(self, tag: str) -> None:
        while self._open and self._open.pop()[0] != tag:
            pass

    def _inside(self, name: str) -> bool:
        return any(name in given.get("class", "").split() for _tag, given in self._open)

    def handle_data(self, data: str) -> None:
        text = data.strip()
        tag, given = self._open[-1] if self._open else ("", {})
        if tag == "script":
            if given.get("type") == "application/ld+json":
                self.graph += json.loads(data)["@graph"]
            return
        if not text:
            return
        self.texts.append(text)
        if self._inside("price"):
            self.prices.append(text)
            if self._inside("now") or not self.now:
                self.now = text
        elif self.chips and self._inside("chip") and not self._inside("unseen"):
            self.chips[-1][1 if self._inside("num") else 0] = text

    def of(self, kind: str) -> dict[str, Any]:
        (found,) = [each for each in self.graph if each["@type"] == kind]
        return found


def read(path: str, currency: str = "") -> Read:
    client = Client()
    if currency:
        client.cookies["currency"] = currency
    answer = client.get(path)
    assert answer.status_code == 200
    return Read(answer.content.decode())


def hold(page: Read, path: str) -> list[dict[str, Any]]:
    """Hold a product page's data against what it shows; its offers."""
    language = "de" if path.startswith("/de/") else "en"
    data = page.of("Product")
    offers: list[dict[str, Any]] = data.get("offers", [])
    assert data["name"] in page.texts
    assert data["name"] == page.meta["og:title"]
    assert data["url"] == page.canonical == page.meta["og:url"] == SITE + path
    prices = [Money.parse(each["price"], each["priceCurrency"]).format(language) for each in offers]
    in_stock = [each["availability"] == "https://schema.org/InStock" for each in offers]
    if page.chips and len(page.prices) > 1:
        assert page.prices == prices, path
    elif page.chips and any(price for _label, price, _can in page.chips):
        assert [price for _label, price, _can in page.chips] == prices, path
    else:
        assert len(set(prices)) <= 1
        assert page.prices == prices[:1], path
    if page.chips:
        shown = {label: can for label, _price, can in page.chips}
        assert {each["name"]: can for each, can in zip(offers, in_stock, strict=True)} == {
            label: can for label, can in shown.items() if can or label in {each["name"] for each in offers}
        }
    elif offers:
        sold_out = {"Sold out at the moment", "Zurzeit ausverkauft"} & set(page.texts)
        assert in_stock == [not sold_out]
    preview = page.meta.get("product:price:amount"), page.meta.get("product:price:currency")
    if offers:
        assert Money.parse(str(preview[0]), str(preview[1])).format(language) in page.now, path
        assert (page.meta["product:availability"] == "in stock") == any(in_stock)
    else:
        assert preview == (None, None)
    return offers


@pytest.mark.parametrize("currency", ["", "GBP"])
def test_every_sample_product_says_to_machines_what_it_shows(currency: str, settings: Settings) -> None:
    settings.SHOP_CURRENCIES = ("EUR", "GBP")
    sample_shop.load(now=NOW)
    slugs = list(Product.objects.filter(active=True).values_list("slug", flat=True))
    offers = [offer for slug in slugs for offer in hold(read(f"/p/{slug}", currency), f"/p/{slug}")]
    assert len(slugs) > 40
    assert len(offers) > len(slugs)
    assert {"https://schema.org/InStock", "https://schema.org/OutOfStock"} == {
        offer["availability"] for offer in offers
    }
    assert (currency or "EUR") in {offer["priceCurrency"] for offer in offers}
    for slug in slugs[::8]:
        hold(read(f"/de/p/{slug}", currency), f"/de/p/{slug}")


def made(slug: str, **variants: tuple[int, int]) -> str:
    """The page of a product with variants of (price in cents, pieces); a price of 0 is none."""
    new = tuple(
        NewVariant(
            sku=f"{slug} {label}".upper(),
            label=label,
            prices=(Money(price, "EUR"),) if price else (),
            stock=pieces,
        )
        for label, (price, pieces) in variants.items()
    )
    catalog.save_product(NewProduct(slug=slug, name=slug.title(), variants=new), now=NOW)
    return f"/p/{slug}"


def test_prices_stock_and_what_has_no_price_by_variant(shop: int) -> None:
    path = made("cup", red=(1000, 0), blue=(1250, 3), grey=(1250, 0))
    offers = hold(read(path), path)
    assert [(each["sku"], each["price"], each["availability"][19:]) for each in offers] == [
        ("CUP RED", "10.00", "OutOfStock"),
        ("CUP BLUE", "12.50", "InStock"),
        ("CUP GREY", "12.50", "OutOfStock"),
    ]
    assert read(path).meta["product:price:amount"] == "12.50", "the price that is seen, not the first"
    path = made("mug", red=(0, 5), blue=(1250, 0))
    assert [each["sku"] for each in hold(read(path), path)] == ["MUG BLUE"]
    path = made("jug", red=(0, 5))
    assert hold(read(path), path) == []


def test_more_variants_than_the_style_sheet_follows(shop: int) -> None:
    path = made("shirt", **{f"size {number}": (1000 + number, number) for number in range(9)})
    offers = hold(read(path), path)
    assert len(offers) == 9


def test_what_is_sold_out_meanwhile_is_sold_out_for_machines(shop: int) -> None:
    assert hold(read("/p/kettle"), "/p/kettle")[0]["availability"].endswith("InStock")
    Stock.objects.update(on_hand=0)
    cache.clear()
    assert hold(read("/p/kettle"), "/p/kettle")[0]["availability"].endswith("OutOfStock")


@pytest.mark.parametrize("included", [True, False])
def test_a_price_without_tax_says_so(shop: int, included: bool) -> None:
    catalog.set_currency(code="EUR", prices_include_tax=included)
    cache.clear()
    page = read("/p/kettle")
    (offer,) = hold(page, "/p/kettle")
    shown = " ".join(page.texts)
    assert ("plus tax" in shown, "incl. VAT" in shown) == (not included, included)
    said = offer.get("priceSpecification", {"valueAddedTaxIncluded": True})
    assert said["valueAddedTaxIncluded"] is included


def test_an_offer_and_the_way_to_it_are_complete(shop: int) -> None:
    page = read("/p/kettle")
    (offer,) = page.of("Product")["offers"]
    assert offer["itemCondition"] == "https://schema.org/NewCondition"
    assert offer["seller"]["name"] == shop_settings.SHOP_NAME
    assert page.of("Product")["sku"] == "KETTLE"
    assert [each["item"] for each in page.of("BreadcrumbList")["itemListElement"]] == [
        f"{SITE}/",
        f"{SITE}/c/kitchen",
        f"{SITE}/p/kettle",
    ]
    assert page.meta["og:type"] == "product"
    assert page.meta["og:locale"] == "en_GB"
    shelf = read("/c/kitchen")
    assert shelf.meta["og:title"] == "Kitchen"
    assert [each["name"] for each in shelf.of("BreadcrumbList")["itemListElement"]][-1] == "Kitchen"
    home = read("/de/")
    assert home.of("Organization")["url"] == f"{SITE}/de/"
    template = home.of("WebSite")["potentialAction"]["target"]["urlTemplate"]
    found = Client().get(template.removeprefix(SITE).replace("{words}", "kettle"))
    assert b"/p/kettle" in found.content


def test_no_text_breaks_out_of_its_element(shop: int) -> None:
    catalog.save_category(slug="odd", name=EVIL)
    catalog.save_product(
        NewProduct(
            slug="evil",
            name=EVIL,
            description=EVIL,
            category="odd",
            facts=((EVIL, EVIL),),
            variants=(NewVariant(sku="E&<", label=EVIL, prices=(Money(1, "EUR"),)),),
        ),
        now=NOW,
    )
    cache.clear()
    for path in ("/p/evil", "/c/odd"):
        html = Client().get(path).content.decode()
        assert "<script>" not in html
        assert html.count("</script>") == html.count("<script")
        assert "\u2028" not in html[html.index("ld+json") : html.index("</script>", html.index("ld+json"))]
    page = read("/p/evil")
    assert page.of("Product")["name"] == Product.objects.get(slug="evil").name
    assert "</script><script>" in page.of("Product")["name"]
    assert page.of("Product")["additionalProperty"][0]["value"] == EVIL
    assert page.of("Product")["offers"][0]["sku"] == "E&<"


def test_a_preview_has_a_picture_only_in_a_form_that_previews_take(shop: int) -> None:
    for picture, shown in (
        ("media/kettle.jpg", f"{SITE}/media/kettle.jpg"),
        ("tacit/mark.svg", None),
        ("", None),
    ):
        Product.objects.filter(slug="kettle").update(picture=picture)
        cache.clear()
        page = read("/p/kettle")
        assert page.meta.get("og:image") == shown
        assert page.of("Product").get("image", "").startswith(SITE) == bool(picture)


def test_without_such_a_picture_the_shops_own_preview_stands_in(shop: int, settings: Settings) -> None:
    settings.SHOP_PREVIEW = own = preview.read(settings.SAMPLE_PREVIEW)
    assert len(own.content) < 60_000
    product = Product.objects.filter(slug="kettle")
    for picture, path in (
        ("tacit/mark.svg", "/p/kettle"),
        ("", "/p/kettle"),
        ("", "/"),
        ("", "/de/c/kitchen"),
    ):
        product.update(picture=picture)
        address = read(path).meta["og:image"].removeprefix(SITE)
        shown = Client().get(address)
        assert (shown.content, shown["Content-Type"]) == (own.content, "image/jpeg")
    product.update(picture="media/kettle.jpg")
    assert read("/p/kettle").meta["og:image"] == f"{SITE}/media/kettle.jpg"
    settings.SHOP_PREVIEW = None
    assert "og:image" not in read("/").meta and Client().get("/preview").status_code == 404


def test_what_previews_do_not_take_is_refused(tmp_path: Path) -> None:
    for content, reason in ((b"<svg/>", "neither"), (b"\xff\xd8\xff" + bytes(preview.LARGEST), "larger")):
        (tmp_path / "shop.jpg").write_bytes(content)
        with pytest.raises(preview.BadPreview, match=reason):
            preview.read(tmp_path / "shop.jpg")
    with pytest.raises(preview.BadPreview, match="no file"):
        preview.read(tmp_path)


@pytest.mark.parametrize(
    ("asked", "canonical"),
    [
        ("/p/kettle?utm_source=x&page=2", "/p/kettle"),
        ("/?page=1&ref=me", "/"),
        ("/c/kitchen?fbclid=1", "/c/kitchen"),
        ("/de/search?q=kessel+&sort=best&utm_id=1", "/de/search?q=kessel"),
    ],
)
def test_a_page_has_one_address_however_it_was_reached(shop: int, asked: str, canonical: str) -> None:
    page = read(asked)
    assert page.canonical == page.meta["og:url"] == SITE + canonical
    bare = canonical.removeprefix("/de")
    assert page.alternates == {"en": SITE + bare, "de": f"{SITE}/de{bare}", "x-default": SITE + bare}


def test_a_later_page_of_a_list_is_a_page_of_its_own() -> None:
    request: HttpRequest = RequestFactory().get("/de/c/kitchen?utm_source=x&page=3")
    request.resolver_match = resolve("/c/kitchen")
    assert structured.address(request) == f"{SITE}/de/c/kitchen?page=3"


def test_it_costs_no_statement_and_pages_of_one_person_say_nothing(
    shop: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    def statements() -> int:
        cache.clear()
        with CaptureQueriesContext(connection) as asked:
            Client().get("/p/kettle")
        return len(asked)

    with_it = statements()
    monkeypatch.setattr(structured, "graph", lambda *_, **__: [])
    assert statements() == with_it
    for path in ("/checkout", "/sign-in", "/nothing"):
        html = Client().get(path).content
        assert b"og:" not in html
        assert b"ld+json" not in html
        assert b"canonical" not in html
