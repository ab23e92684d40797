"""Pages for everybody: they show what is there, and are the same for all."""

from __future__ import annotations

from decimal import Decimal

import pytest
from django.core.cache import cache
from django.test import Client

from tacit.catalog import actions as catalog
from tacit.catalog.models import Price
from tacit.catalog.types import NewProduct, NewVariant
from tacit.checkout import actions as checkout
from tacit.checkout.types.delivery import Rate
from tacit.core.money import Money
from tacit.web.cache import VARY
from tests.conftest import NOW

PUBLIC = ["/", "/c/kitchen", "/search", "/search?q=kettle", "/p/kettle", "/p/lid", "/healthz"]


@pytest.mark.django_db
@pytest.mark.parametrize("path", PUBLIC)
def test_public_pages_are_the_same_for_all_and_set_no_cookie(shop: int, path: str) -> None:
    first, second = Client(), Client()
    one, other = first.get(path), second.get(path)
    assert one.status_code == 200
    assert one.content == other.content
    assert not one.cookies
    assert one.get("Vary", VARY) == VARY, "by the currency, a cookie, and nothing else"
    assert b"key" not in one.content.lower().replace(b"keyboard", b"")


@pytest.mark.django_db
def test_a_product_says_price_tax_and_how_to_buy(shop: int) -> None:
    html = Client().get("/p/kettle").content.decode()
    assert "€39.00" in html
    assert "incl. VAT" in html
    assert f'name="variant" value="{shop}"' in html
    assert "Kettle lid" in html
    assert "12.34" not in html, "the cost is nobody's business"


@pytest.mark.django_db
def test_a_product_without_price_or_stock_cannot_be_bought_and_says_so(shop: int) -> None:
    catalog.save_product(
        NewProduct(slug="gone", name="Gone", variants=(NewVariant(sku="G", prices=(Money(1, "EUR"),)),)),
        now=NOW,
    )
    html = Client().get("/p/gone").content.decode()
    assert "Sold out at the moment" in html
    assert "<button" not in html
    Price.objects.filter(variant__sku="G").delete()
    html = Client().get("/p/gone").content.decode()
    assert "Not for sale at the moment" in html


@pytest.mark.django_db
def test_a_missing_picture_breaks_no_page(shop: int, settings: object) -> None:
    settings.STORAGES = {  # type: ignore[attr-defined]
        **settings.STORAGES,  # type: ignore[attr-defined]
        "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.ManifestStaticFilesStorage"},
    }
    from tacit.web.templatetags import shown

    assert shown.static_file("tacit/pictures/never-drawn.svg") == ""


@pytest.mark.django_db
def test_names_are_escaped(shop: int) -> None:
    evil = "<script>alert(1)</script>"
    catalog.save_product(
        NewProduct(slug="evil", name=evil, description=evil, variants=(NewVariant(sku="E", label=evil),)),
        now=NOW,
    )
    cache.clear()
    for path in ("/", "/p/evil", "/search?q=%3Cscript%3E"):
        assert b"<script>alert" not in Client().get(path).content


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("path", "status", "field"),
    [
        ("/?page=0", 422, "page"),
        ("/?page=-1", 422, "page"),
        ("/?page=one", 422, "page"),
        ("/?page=99999999999999999999", 422, "page"),
        ("/?page=1%00", 422, "page"),
        ("/?page=900", 404, ""),
        ("/search?q=%00", 422, "q"),
        ("/search?q=%1b%5b31m", 422, "q"),
        ("/search?q=%e2%80%aeelttek", 422, "q"),
        ("/search?q=" + "k" * 101, 422, "q"),
        ("/c/nothing", 404, ""),
        ("/p/nothing", 404, ""),
        ("/p/../etc/passwd", 404, ""),
        ("/nothing/at/all", 404, ""),
    ],
)
def test_bad_addresses_get_an_answer_with_a_way_out(shop: int, path: str, status: int, field: str) -> None:
    answer = Client().get(path)
    html = answer.content.decode()
    assert answer.status_code == status
    assert f"· {field}</p>" in html if field else True
    assert 'href="/"' in html


@pytest.mark.django_db
def test_help_asks_once_for_all_countries_and_says_what_each_costs(
    shop: int, django_assert_max_num_queries: object
) -> None:
    for country in ("AT", "CH", "FR", "GB", "NL", "PL"):
        catalog.set_tax_rate(code="standard", name="Standard", country=country, percent=Decimal(20))
    checkout.set_shipping_rates(
        method="standard",
        currency="EUR",
        countries=["DE"],
        days=(1, 2),
        rates=[Rate(Money(490, "EUR"), total_most=5000), Rate(Money(0, "EUR"), total_from=5001)],
    )
    cache.clear()
    with django_assert_max_num_queries(3):  # type: ignore[operator]
        html = Client().get("/help").content.decode()
    assert "goods up to €50.00" in html
    assert "goods from €50.01" in html
    assert html.count('<details class="panel"') == 7
    cache.clear()


@pytest.mark.django_db
def test_percent_and_underscore_are_letters_in_a_search(shop: int) -> None:
    for query in ("%25", "_", "%5C"):
        assert "/p/kettle" not in Client().get(f"/search?q={query}").content.decode()


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("method", "path"),
    [("post", "/"), ("get", "/buy"), ("put", "/checkout"), ("delete", "/p/kettle"), ("get", "/sign-out")],
)
def test_other_methods_are_refused_and_the_right_ones_named(shop: int, method: str, path: str) -> None:
    answer = getattr(Client(), method)(path)
    assert answer.status_code == 405
    assert answer["Allow"]
    assert b"cannot be used like that" in answer.content


@pytest.mark.django_db
def test_head_is_answered_like_get(shop: int) -> None:
    answer = Client().head("/p/kettle")
    assert (answer.status_code, answer.content) == (200, b"")


@pytest.mark.django_db
def test_an_error_of_ours_says_that_it_is_ours(shop: int, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(**_: object) -> None:
        raise RuntimeError("planted")

    monkeypatch.setattr("tacit.catalog.queries.product_list", broken)
    answer = Client(raise_request_exception=False).get("/")
    assert answer.status_code == 500
    assert b"went wrong on our side" in answer.content
    assert b"planted" not in answer.content
