import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from django.contrib.staticfiles import finders
from django.db import connection

from tacit.catalog import queries
from tacit.catalog.actions import save_product
from tacit.catalog.types import CatalogError
from tacit.checkout.queries import delivery_promise
from tacit.connectors import sample_shop
from tacit.connectors.sample_shop import loading
from tacit.connectors.sample_shop.data import read

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
LARGEST_PICTURE = 4_000
COUNTRIES = {"DE", "AT", "CH", "FR", "NL", "GB"}


def rows() -> dict[str, list[str]]:
    """Every row of the catalogue and the shipping methods, with the transaction that wrote it."""
    with connection.cursor() as cursor:
        tables = [
            name
            for name in connection.introspection.table_names(cursor)
            if name.startswith(("catalog_", "checkout_shipping"))
        ]
        found = {}
        for table in tables:
            cursor.execute(f"SELECT t::text || ' by ' || t.xmin::text FROM {table} t ORDER BY 1")
            found[table] = [row[0] for row in cursor.fetchall()]
        return found


@pytest.mark.django_db
def test_an_empty_shop_is_filled_once() -> None:
    loaded = sample_shop.load(now=NOW)
    assert (loaded.categories, loaded.products) == (6, 46)
    before = rows()
    assert len(before["catalog_product"]) == 46
    assert len(before["catalog_variant"]) == loaded.variants
    assert sample_shop.load(now=NOW + timedelta(days=1)) == sample_shop.LoadedShop()
    assert rows() == before


@pytest.mark.django_db
def test_what_the_shop_edited_since_is_kept() -> None:
    sample_shop.load(now=NOW)
    kettle = next(product for product in read().products if product.slug == "enamel-kettle")
    changed = type(kettle)(**{**_fields(kettle), "name": "Our kettle"})
    save_product(changed, now=NOW)
    sample_shop.load(now=NOW)
    assert queries.product_page("enamel-kettle", currency="EUR", country="DE").name == "Our kettle"


def _fields(product: object) -> dict[str, object]:
    return {name: getattr(product, name) for name in product.__dataclass_fields__}  # type: ignore[attr-defined]


@pytest.mark.django_db(transaction=True)
def test_a_load_that_breaks_off_leaves_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    before = rows()
    save: Callable[..., int] = loading.save_product

    def broken(product: object, *, now: datetime) -> int:
        if getattr(product, "slug", "") == "wool-blanket":
            raise CatalogError("name", "required")
        return save(product, now=now)

    monkeypatch.setattr(loading, "save_product", broken)
    with pytest.raises(CatalogError):
        sample_shop.load(now=NOW)
    assert rows() == before


@pytest.mark.django_db
def test_every_product_can_be_seen_and_sent_everywhere() -> None:
    sample_shop.load(now=NOW)
    for product in read().products:
        for country in COUNTRIES:
            page = queries.product_page(product.slug, currency="EUR", country=country)
            assert page.percent is not None
        assert page.facts
        assert len(page.description) > 100
        assert all(variant.price and variant.price.currency == "EUR" for variant in page.variants)
        assert finders.find(page.picture), page.picture
    kettle = queries.product_page("enamel-kettle", currency="EUR", country="DE")
    assert [variant.label for variant in kettle.variants] == ["Forest", "Chalk", "Rust"]
    assert [str(variant.price) for variant in kettle.variants] == ["€39.00"] * 3
    assert {slug for slug, _ in kettle.spare_parts} == {"kettle-lid", "kettle-handle"}
    assert ("Works on induction", "yes") in kettle.facts
    assert queries.product_page("first-aid-kit", currency="EUR", country="DE").sensitive
    assert set(queries.countries()) == COUNTRIES


@pytest.mark.django_db
def test_everything_has_a_price_in_both_currencies_and_a_way_to_every_country() -> None:
    sample_shop.load(now=NOW)
    for product in read().products:
        for currency in ("EUR", "GBP"):
            page = queries.product_page(product.slug, currency=currency, country="DE")
            assert {variant.price and variant.price.currency for variant in page.variants} == {currency}
            for country in COUNTRIES:
                for variant in page.variants:
                    assert variant.weight > 0
                    assert variant.price
                    pieces = [(variant.weight, variant.price)]
                    assert delivery_promise(pieces, country=country, currency=currency, now=NOW).arrival


@pytest.mark.django_db
def test_every_product_is_said_in_german_as_well() -> None:
    sample_shop.load(now=NOW)
    for product in read().products:
        english, german = (
            queries.product_page(product.slug, currency="EUR", country="DE", language=language)
            for language in ("en", "de")
        )
        assert german.description != english.description
        assert len(german.description) > 100
        assert len(german.facts) == len(english.facts)
    bottle = queries.product_page("steel-bottle", currency="EUR", country="DE", language="de")
    assert bottle.name == "Stahlflasche"
    assert bottle.variants[0].label == "Wald, 0,5 l"
    assert bottle.variants[0].options == {"Farbe": "Wald", "Größe": "0,5 l"}
    assert [shelf.name for shelf in queries.categories("de")][:2] == ["Küche", "Draußen"]


@pytest.mark.django_db
def test_some_things_are_scarce_and_some_are_gone() -> None:
    sample_shop.load(now=NOW)
    stock = [variant.stock for product in read().products for variant in product.variants]
    gone = [product.slug for product in read().products if not any(v.stock for v in product.variants)]
    assert 2 <= stock.count(0) <= 8
    assert sum(0 < pieces <= 5 for pieces in stock) >= 5
    assert gone == ["glass-carafe"]


PICTURES = sorted((Path(__file__).parents[3] / "src/tacit/web/static/tacit/pictures").glob("*.svg"))


@pytest.mark.parametrize("picture", PICTURES, ids=lambda picture: picture.stem)
def test_pictures_are_small_and_self_contained(picture: Path) -> None:
    drawing = picture.read_text(encoding="utf-8")
    assert len(drawing.encode()) < LARGEST_PICTURE
    assert 'viewBox="0 0 640 560"' in drawing
    assert "<text" not in drawing
    assert "<script" not in drawing
    assert "style=" not in drawing
    links = re.findall(r"""(?:href=["']|url\()([^"')]*)""", drawing)
    assert links
    assert all(link.startswith("#") for link in links)
    defined = set(re.findall(r' id="([^"]+)"', drawing))
    assert {link[1:] for link in links} <= defined


def test_every_picture_shows_a_product() -> None:
    assert {picture.stem for picture in PICTURES} == {
        Path(product.picture).stem for product in read().products
    }
