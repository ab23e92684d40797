"""What importing the plain format makes of small files, and what it leaves alone."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

from tacit.accounts.types import Visitor
from tacit.catalog import queries
from tacit.catalog.actions import set_stock
from tacit.connectors.files.bad import BadRows
from tacit.connectors.files.reader import UnusableFile
from tests.connectors.product_files.files import LATER, NOW, bring_in, marks, save, select, tax_classes

pytestmark = pytest.mark.django_db

LID = {"slug": "lid", "name": "Lid", "sku": "LID", "price EUR": "5"}
KETTLE = {
    "slug": "kettle",
    "name": "Kettle",
    "description": "Boils.\n\nWater, mostly.",
    "category": "Kitchen > Kettles",
    "category:de": "Küche > Kessel",
    "sku": "K-RED",
    "option:Colour": "Red",
    "price EUR": "39.00",
    "price GBP": "34",
    "cost EUR": "12.34",
    "stock": "7",
    "facts": "Works on induction: yes\nFits \\: holds: 1.4 l",
    "spare parts": "lid",
    "name:de": "Kessel",
    "words:de": "Red: Rot",
}
BLUE = {"slug": "kettle", "sku": "K-BLUE", "option:Colour": "Blue", "price EUR": "41.00", "stock": "2"}


@pytest.fixture(autouse=True)
def _taxes(db: None) -> None:
    tax_classes()


def refused(path: Path, **more: object) -> list[str]:
    """Importing names these bad rows and leaves every table as it was."""
    before = marks()
    with pytest.raises(BadRows) as raised:
        bring_in(path, **more)
    assert marks() == before
    return [str(bad) for bad in raised.value.first]


def test_a_file_becomes_a_product_with_all_it_says(tmp_path: Path) -> None:
    summary = bring_in(save(tmp_path, KETTLE, BLUE, LID))
    assert (summary.created, summary.variants_created, summary.categories_created) == (2, 3, 2)
    page = queries.product_page("kettle", currency="EUR", country="DE")
    assert (page.name, page.description) == ("Kettle", "Boils.\n\nWater, mostly.")
    assert page.category == (("kitchen", "Kitchen"), ("kettles", "Kettles"))
    assert page.facts == (("Works on induction", "yes"), ("Fits : holds", "1.4 l"))
    assert page.spare_parts == (("lid", "Lid"),)
    assert [(each.sku, each.label, str(each.price), each.available) for each in page.variants] == [
        ("K-RED", "Red", "€39.00", 7),
        ("K-BLUE", "Blue", "€41.00", 2),
    ]
    assert select("SELECT currency, minor FROM catalog_cost") == [("EUR", 1234)]
    assert select("SELECT translations->'de'->>'name' FROM catalog_category ORDER BY id") == [
        ("Küche",),
        ("Kessel",),
    ]


def test_the_same_file_again_changes_nothing(tmp_path: Path) -> None:
    path = save(tmp_path, KETTLE, BLUE, LID)
    bring_in(path)
    before = marks()
    summary = bring_in(path, now=LATER, stock=True)
    assert (summary.created, summary.changed, summary.unchanged) == (0, 0, 2)
    assert marks() == before


def test_a_changed_file_changes_texts_and_prices_with_history_but_no_stock(tmp_path: Path) -> None:
    bring_in(save(tmp_path, KETTLE, BLUE, LID))
    set_stock(Visitor(staff=True), sku="K-RED", on_hand=3, now=NOW)
    changed = save(tmp_path, KETTLE | {"name": "Our kettle", "price EUR": "37.00"}, BLUE, LID)
    dry = marks()
    told = bring_in(changed, now=LATER, dry_run=True)
    assert marks()["price"] == dry["price"]
    assert told.changes == [("kettle", "name; K-RED price 39.00 → 37.00 EUR")]
    assert bring_in(changed, now=LATER).prices_changed == 1
    page = queries.product_page("kettle", currency="EUR", country="DE")
    assert (page.name, page.variants[0].available) == ("Our kettle", 3)
    assert select(
        "SELECT minor, until FROM catalog_price p JOIN catalog_variant v ON v.id = variant_id"
        " WHERE sku = 'K-RED' AND currency = 'EUR' ORDER BY p.id"
    ) == [(3900, LATER), (3700, None)]
    bring_in(changed, now=LATER, stock=True)
    assert queries.product_page("kettle", currency="EUR", country="DE").variants[0].available == 7


def test_what_a_file_has_no_column_for_stays_and_a_missing_row_is_no_longer_sold(tmp_path: Path) -> None:
    bring_in(save(tmp_path, KETTLE, BLUE, LID))
    few = {"slug": "kettle", "name": "Kettle", "sku": "K-RED", "price EUR": ""}
    summary = bring_in(save(tmp_path, few))
    assert summary.changes == [("kettle", "K-BLUE no longer sold")]
    page = queries.product_page("kettle", currency="EUR", country="DE")
    assert [variant.sku for variant in page.variants] == ["K-RED"]
    assert (page.facts[0], str(page.variants[0].price)) == (("Works on induction", "yes"), "€39.00")


def test_a_product_of_another_origin_keeps_what_it_is_known_by_there(tmp_path: Path) -> None:
    bring_in(save(tmp_path, LID))
    select("UPDATE catalog_product SET origin = 'till', external_id = '7' RETURNING 1")
    select("UPDATE catalog_variant SET origin = 'till', external_id = '7' RETURNING 1")
    bring_in(save(tmp_path, LID | {"name": "Another lid"}))
    known = [("till", "7")]
    assert select("SELECT origin, external_id FROM catalog_product") == known
    assert select("SELECT origin, external_id FROM catalog_variant") == known


BAD = [
    ({"price EUR": "12,50"}, "line 3, price EUR: it is not an amount such as 12.50 ('12,50')"),
    ({"price EUR": "1.234"}, "it is no price"),
    ({"price EUR": "-1"}, "it is less than nothing"),
    ({"stock": "many"}, "line 3, stock: it is not a whole number ('many')"),
    ({"stock": "-1"}, "it is not between 0"),
    ({"sku": ""}, "line 3, sku: it is empty"),
    ({"sku": "LID"}, "line 3, sku: another row has the same"),
    ({"sku": "x" * 65}, "it is longer than 64 characters"),
    ({"name": ""}, "line 3, name: it is empty"),
    ({"name": "a\x07b"}, "it contains a control character"),
    ({"slug": "No Slug"}, "it is no address such as enamel-kettle"),
    ({"slug": "-x"}, "it is no address"),
    ({"active": "perhaps"}, "it is neither yes nor no"),
    ({"tax class": "none"}, "there is no such tax class; there is reduced, standard"),
    ({"facts": "no colon"}, "its line 1 is not written Name: value"),
    ({"facts": "A: 1\nA: 2"}, "it says 'A' twice"),
    ({"category": "Kitchen >  > Pots"}, "line 3, category: it is empty"),
    ({"category:de": "Küche"}, "it has not as many steps as category"),
    ({"spare parts": "nothing-here"}, "there is no such product ('nothing-here')"),
    ({"picture": "../secret"}, "it is neither an address nor the path"),
    ({"picture": "javascript:alert(1)"}, "it is neither an address nor the path"),
    ({"option:Colour": "x" * 61}, "it is longer than 60 characters"),
    ({"description": "x" * 20_001}, "it is longer than 20,000 characters"),
]


@pytest.mark.parametrize(
    ("change", "says"), BAD, ids=[f"{n}-{next(iter(c))}" for n, (c, _) in enumerate(BAD)]
)
def test_a_bad_row_is_named_and_nothing_is_imported(
    tmp_path: Path, change: dict[str, str], says: str
) -> None:
    extra = dict.fromkeys(("facts", "stock", "category", "active"), "")
    path = save(
        tmp_path, LID | extra, {"slug": "pot", "name": "Pot", "sku": "POT", "price EUR": "1"} | change
    )
    assert says in refused(path)[0]


def test_rows_that_contradict_each_other_or_the_shop_are_bad(tmp_path: Path) -> None:
    bring_in(save(tmp_path, KETTLE, BLUE, LID))
    pot = {"slug": "pot", "name": "Pot", "sku": "POT", "label": "", "price EUR": "1"}
    said = refused(
        save(
            tmp_path,
            pot,
            pot | {"sku": "POT-2", "label": "", "name": "Pan"},
            {"slug": "pan", "name": "Pan", "sku": "K-RED"},
            {"slug": "lid", "name": "Lid", "sku": "LID"},
            {"slug": "pan", "name": "Pan", "sku": "PAN"},
            {"slug": "cup", "name": "Cup", "sku": "CUP-1"},
            {"slug": "cup", "sku": "CUP-2"},
        )
    )
    assert said == [
        "line 3, name: line 2 says something else of the same product ('Pan')",
        "line 4, sku: it belongs to the product kettle ('K-RED')",
        "line 6, slug: its product came before; all rows of a product follow one another ('pan')",
        "line 8, label: CUP-1 of the same product has the same ('CUP-2')",
    ]


def test_skipping_leaves_out_whole_products_so_that_no_variant_is_lost(tmp_path: Path) -> None:
    bring_in(save(tmp_path, KETTLE, BLUE, LID))
    aside = tmp_path / "bad.csv"
    path = save(
        tmp_path, KETTLE | {"name": "Our kettle"}, BLUE | {"price EUR": "x"}, LID | {"name": "Our lid"}
    )
    summary = bring_in(path, skip_bad=aside)
    assert (summary.bad, summary.changed) == (2, 1)
    page = queries.product_page("kettle", currency="EUR", country="DE")
    assert (page.name, len(page.variants)) == ("Kettle", 2)
    with aside.open(newline="") as file:
        rows = list(csv.DictReader(file))
    assert [(row["line"], row["column"], row["reason"]) for row in rows] == [
        ("6", "price EUR", "it is not an amount such as 12.50"),
        ("2", "row", "another row of its product is bad"),
    ]
    assert rows[1]["row"].startswith("kettle,Our kettle,")


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "is empty"),
        ("name,price EUR\nx,1\n", "lacks the column sku"),
        ("slug,sku,colour\n", "has a column 'colour', which the plain format does not know"),
        ("slug,sku,price XXY\n", "'XXY' is not an ISO 4217 currency"),
        ("slug,sku,sku\n", "has the column 'sku' twice"),
        ("slug,sku,name:GERMAN\n", "has a column 'name:GERMAN'"),
        ("slug,name,sku\n", "has no usable row"),
        ('slug,name,sku\na,"b,c\n', "quotes do not pair up"),
        ('slug,name,sku\na,"' + "x" * 140_000 + '",c\n', "a cell is too long"),
    ],
)
def test_a_file_of_another_kind_is_refused_whole(tmp_path: Path, text: str, says: str) -> None:
    path = tmp_path / "products.csv"
    path.write_text(text)
    before = marks()
    with pytest.raises(UnusableFile, match=says.replace("(", r"\(")):
        bring_in(path)
    assert marks() == before


def test_a_row_with_too_many_columns_spoils_its_product_only(tmp_path: Path) -> None:
    path = tmp_path / "products.csv"
    path.write_text("slug,name,sku\na,A,A1\na,,A2,too,many\nb,B,B1\n")
    assert refused(path) == ["line 3, row: it has 5 columns instead of 3 ('a,,A2,too,many')"]
    bring_in(path, skip_bad=tmp_path / "bad.csv")
    assert select("SELECT slug FROM catalog_product") == [("b",)]


def test_stock_is_not_set_below_what_is_promised(tmp_path: Path) -> None:
    bring_in(save(tmp_path, LID | {"stock": "5"}))
    select("UPDATE catalog_stock SET claimed = 4 RETURNING 1")
    path = save(tmp_path, LID | {"stock": "3", "name": "Other"})
    assert "4 are promised to orders not yet sent" in refused(path, stock=True)[0]
    assert bring_in(path).changed == 1


def test_a_file_with_semicolons_as_spreadsheets_save_it_is_read(tmp_path: Path) -> None:
    path = tmp_path / "excel.csv"
    text = 'slug;name;sku;price EUR;facts\r\nlid;"Lid; blue";LID;5;Fits: pots, pans\r\npot;Pot;POT;6\r\n'
    path.write_bytes(b"\xef\xbb\xbf" + text.encode())
    assert refused(path) == ["line 3, row: it has 4 columns instead of 5 ('pot;Pot;POT;6')"]
    path.write_text(text.replace("POT;6", "POT;6;"))
    bring_in(path)
    page = queries.product_page("lid", currency="EUR", country="DE")
    assert (page.name, page.facts) == ("Lid; blue", (("Fits", "pots, pans"),))
