"""Shopify's exports: what they leave out is made, what is odd is counted, and nothing is invented."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

from tacit.catalog import queries
from tacit.connectors.files.bad import BadRows
from tacit.connectors.files.reader import UnusableFile
from tacit.connectors.product_files.importing import Summary
from tests.connectors.product_files.files import LATER, bring_in, marks, save, select, tax_classes
from tests.data import real

pytestmark = pytest.mark.django_db

SHIRT = {
    "Handle": "shirt",
    "Title": "Shirt",
    "Body (HTML)": "<p>Cotton &amp; linen</p><script>x</script>",
    "Vendor": "Hem & Co",
    "Type": "Tops",
    "Tags": "men, summer",
    "Published": "true",
    "Option1 Name": "Size",
    "Option1 Value": "Small",
    "Option2 Name": "Colour",
    "Option2 Value": "Grün",
    "Variant SKU": "",
    "Variant Inventory Qty": "3",
    "Variant Inventory Policy": "deny",
    "Variant Price": "50",
    "Variant Compare At Price": "75",
    "Variant Taxable": "true",
    "Variant Requires Shipping": "true",
    "Variant Barcode": "",
    "Image Src": "https://example.com/2.jpg",
    "Image Position": "2",
    "Gift Card": "false",
    "Cost per item": "12.5",
    "SEO Title": "",
}
LARGE = {"Handle": "shirt", "Option1 Value": "Large", "Option2 Value": "Grün", "Variant Price": "55"}
PICTURE = {"Handle": "shirt", "Image Src": "https://example.com/1.jpg", "Image Position": "1"}


@pytest.fixture(autouse=True)
def _taxes(db: None) -> None:
    tax_classes()


def shopify(path: Path, **more: object) -> Summary:
    return bring_in(path, form="shopify", **more)


def odd(summary: Summary) -> dict[str, int]:
    return {oddity.name: count for oddity, count in summary.counts.all()}


def test_a_product_with_its_variants_and_oddities(tmp_path: Path) -> None:
    summary = shopify(save(tmp_path, SHIRT, LARGE, PICTURE))
    assert odd(summary) == {
        "no SKU": 2,
        "image rows": 1,
        "pictures": 2,
        "further pictures": 1,
        "compare-at prices": 1,
        "bodies with markup": 1,
    }
    page = queries.product_page("shirt", currency="EUR", country="DE")
    assert (page.description, page.category) == ("Cotton & linen", (("tops", "Tops"),))
    assert page.facts == (("Vendor", "Hem & Co"), ("Tags", "men, summer"))
    assert [(each.sku, each.label, str(each.price), each.available) for each in page.variants] == [
        ("SHIRT-SMALL-GRUEN", "Small, Grün", "€50.00", 3),
        ("SHIRT-LARGE-GRUEN", "Large, Grün", "€55.00", 0),
    ]
    assert page.picture == ""
    assert select("SELECT minor FROM catalog_cost") == [(1250,)]
    before = marks()
    assert shopify(tmp_path / "products.csv", now=LATER).unchanged == 1
    assert marks() == before


def test_the_first_picture_is_taken_when_it_was_fetched(tmp_path: Path) -> None:
    path = save(tmp_path, SHIRT, LARGE, PICTURE)
    shopify(path)
    fetched = {"https://example.com/1.jpg": "media/1.jpg", "https://example.com/2.jpg": "media/2.jpg"}
    assert shopify(path, images=fetched).changes == [("shirt", "picture")]
    assert select("SELECT picture FROM catalog_product") == [("media/1.jpg",)]
    assert shopify(path).unchanged == 1


def test_what_cannot_be_sold_as_it_is_is_counted(tmp_path: Path) -> None:
    one = {"Option1 Name": "Title", "Option1 Value": "Default Title", "Option2 Name": "", "Option2 Value": ""}
    summary = shopify(
        save(
            tmp_path,
            SHIRT | one | {"Handle": "a", "Published": "false"},
            SHIRT | one | {"Handle": "b", "Gift Card": "true"},
            SHIRT | one | {"Handle": "Größe C", "Variant Inventory Qty": "-4", "Variant Price": ""},
            SHIRT | one | {"Handle": "d", "Variant Taxable": "false", "Variant Requires Shipping": "false"},
            SHIRT | one | {"Handle": "e", "Variant Inventory Policy": "continue", "Variant Barcode": "1"},
            SHIRT | one | {"Handle": "f", "Status": "draft", "SEO Title": "Best shirt"},
        )
    )
    found = odd(summary)
    wanted = {"unpublished": 2, "gift cards": 1, "other handles": 1, "oversold": 1, "no price": 1}
    wanted |= {"not taxable": 1, "not sent": 1, "sold beyond stock": 1, "columns left out": 2}
    assert {name: found[name] for name in wanted} == wanted
    assert dict(summary.counts.columns) == {"Variant Barcode": 1, "SEO Title": 1}
    assert select("SELECT slug FROM catalog_product WHERE active ORDER BY slug") == [
        ("d",),
        ("e",),
        ("groesse-c",),
    ]
    assert select("SELECT DISTINCT label FROM catalog_variant") == [("",)]


def test_values_that_letters_cannot_tell_apart_get_different_skus_whatever_their_order(
    tmp_path: Path,
) -> None:
    rows = [
        SHIRT | {"Option1 Value": value, "Option2 Value": "x"} for value in ("C", "C+", "C++", "漢", "y" * 60)
    ]
    shopify(save(tmp_path, *rows))
    before = select("SELECT label, sku FROM catalog_variant ORDER BY label")
    assert len({sku for _, sku in before}) == 5
    shopify(save(tmp_path, *reversed([row | {"Title": "Shirt"} for row in rows])))
    assert select("SELECT label, sku FROM catalog_variant ORDER BY label") == before


def test_an_import_of_both_formats_keeps_what_shopify_cannot_say(tmp_path: Path) -> None:
    plain = {"slug": "shirt", "name": "Shirt", "sku": "SHIRT-SMALL-GRUEN", "label": "Small: 36", "stock": "1"}
    plain |= {"option:Size": "Small", "option:Colour": "Grün", "facts": "Wash: 30 °C", "tax class": "reduced"}
    bring_in(save(tmp_path, plain | {"name:de": "Hemd"}))
    shopify(save(tmp_path, SHIRT))
    assert select(
        "SELECT translations->'de'->>'name', t.code FROM catalog_product p"
        " JOIN catalog_taxclass t ON t.id = tax_class_id"
    ) == [("Hemd", "reduced")]
    assert ("Wash", "30 °C") in select("SELECT name, value FROM catalog_fact")
    assert select("SELECT label FROM catalog_variant") == [("Small: 36",)]


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"Variant Price": "free"}, "line 2, Variant Price: it is not an amount"),
        ({"Handle": "!"}, "line 2, Handle: it makes no address ('!')"),
        ({"Title": ""}, "line 2, name: it is empty"),
        ({"Published": "soon"}, "line 2, Published: it is neither yes nor no"),
        ({"Variant Inventory Qty": "1.5"}, "line 2, Variant Inventory Qty: it is not a whole number"),
        ({"Image Src": "file:///etc/passwd"}, "line 2, Image Src: it is no address"),
        ({"Option2 Name": "Size"}, "line 2, Option2 Name: another option has this name"),
        ({"Option1 Value": "Large"}, "line 3, label: SHIRT-LARGE-GRUEN of the same product has the same"),
    ],
)
def test_bad_rows_are_named(tmp_path: Path, change: dict[str, str], says: str) -> None:
    before = marks()
    with pytest.raises(BadRows) as raised:
        shopify(save(tmp_path, SHIRT | change, LARGE))
    assert says in str(raised.value.first[0])
    assert marks() == before


def test_another_kind_of_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UnusableFile, match=r"lacks the column Handle.*no Shopify export"):
        shopify(save(tmp_path, {"slug": "a", "sku": "b"}))


@pytest.mark.data
@pytest.mark.parametrize("name", ["apparel.csv", "home-and-garden.csv", "jewelery.csv"])
def test_real_exports_come_in_whole_and_a_second_time_without_a_trace(name: str) -> None:
    path = real("shopify_csv") / name
    with path.open(newline="", encoding="utf-8-sig") as file:
        rows = list(csv.DictReader(file))
    variants = [row for row in rows if row["Variant Price"]]
    summary = shopify(path, currency="CAD")
    assert summary.created == len({row["Handle"] for row in rows})
    assert summary.variants_created == len(variants)
    found = odd(summary)
    assert found["no SKU"] == sum(not row["Variant SKU"] for row in variants)
    assert found.get("image rows", 0) == len(rows) - len(variants)
    assert found.get("compare-at prices", 0) == sum(bool(row["Variant Compare At Price"]) for row in rows)
    assert found["pictures"] == sum(bool(row["Image Src"]) for row in rows)
    before = marks()
    assert shopify(path, currency="CAD", now=LATER, stock=True).unchanged == summary.created
    assert marks() == before
