"""What an import makes of small files: orders, products, and nothing at all when something is wrong."""

from __future__ import annotations

import csv
import gzip
from collections.abc import Iterator
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

import pytest
from django.db import DatabaseError

from tacit.catalog import actions as catalog
from tacit.catalog.types import NewProduct, NewVariant
from tacit.checkout.actions import importing as checkout
from tacit.checkout.types.importing import ImportedOrder, ImportResult
from tacit.connectors.files.bad import MOST_BAD_ROWS, BadRows
from tacit.connectors.files.reader import UnusableFile
from tacit.connectors.order_files import staging
from tacit.connectors.order_files.importing import NotAsStaged
from tacit.core.money import Money
from tests.connectors.order_files.files import (
    HEADER,
    NOW,
    bring_in,
    counts,
    marks,
    oddities,
    row,
    save,
    select,
)

pytestmark = pytest.mark.django_db

SALE = row()
BACK = row(invoice="C536400", quantity=-2, time="2010-12-02 09:00:00")
SMALL = (
    SALE,
    row(code="85123a", quantity=3, price="2.95"),
    row(code="POST", description="POSTAGE", quantity=1, price="18.00"),
    BACK,
    row(invoice="C536401", quantity=-1, time="2010-12-01 08:00:00"),
    row(invoice="536402", description="", quantity=-5, price="0.0", customer="", time="2010-12-03 10:00:00"),
    row(invoice="A536403", code="B", description="Adjust bad debt", quantity=1, price="-11.06", customer=""),
    row(invoice="536404", code="22423", description="REGENCY CAKESTAND 3 TIER", quantity=1, price="0.001"),
)
SMALL_PRODUCTS = 1


def refused(path: Path, error: type[Exception], *, skip_bad: Path | None = None) -> Exception:
    """Importing raises ``error`` and leaves every table as it was."""
    before = marks()
    with pytest.raises(error) as raised:
        bring_in(path, skip_bad=skip_bad)
    assert marks() == before
    assert select("SELECT relname FROM pg_class WHERE relname LIKE 'order_file%'") == []
    return raised.value


def test_a_file_becomes_orders_lines_and_products(tmp_path: Path) -> None:
    summary = bring_in(save(tmp_path, *SMALL, packed=True), stock=7)
    assert (summary.orders_created, summary.lines_created, summary.products_created) == (6, 8, SMALL_PRODUCTS)
    orders = select(
        "SELECT external_id, kind, status, customer, country, currency, goods_minor, total_minor, email, historic,"
        " origin FROM checkout_order ORDER BY id"
    )
    rest = ("", True, "uci-online-retail")
    assert orders == [
        ("536365", "sale", "shipped", "17850", "GB", "GBP", 1530 + 885 + 1800, 4215, *rest),
        ("C536400", "credit_note", "closed", "17850", "GB", "GBP", -510, -510, *rest),
        ("C536401", "credit_note", "closed", "17850", "GB", "GBP", -255, -255, *rest),
        ("536402", "adjustment", "closed", "", "GB", "GBP", 0, 0, *rest),
        ("A536403", "adjustment", "closed", "", "GB", "GBP", -1106, -1106, *rest),
        ("536404", "sale", "shipped", "17850", "GB", "GBP", 0, 0, *rest),
    ]
    lines = select(
        "SELECT external_id, position, sku, l.name, quantity, unit_minor, shipped, returned, variant_id IS NULL"
        " FROM checkout_orderline l JOIN checkout_order o ON o.id = order_id"
        " WHERE l.historic ORDER BY o.id, position"
    )
    heart = "White Hanging Heart T-Light Holder"
    assert (
        lines
        == [
            ("536365", 1, "85123A", heart, 6, 255, 6, 0, False),
            ("536365", 2, "85123A", heart, 3, 295, 3, 2, False),
            ("536365", 3, "POST", "Postage", 1, 1800, 1, 0, True),
            ("C536400", 1, "85123A", heart, -2, 255, 0, 0, False),
            ("C536401", 1, "85123A", heart, -1, 255, 0, 0, False),
            ("536402", 1, "85123A", heart, -5, 0, 0, 0, False),
            ("A536403", 1, "B", "Adjust bad debt", 1, -1106, 0, 0, True),
            ("536404", 1, "22423", "Regency Cakestand 3 Tier", 1, 0, 1, 0, True),
        ]
        or lines[6][3] == "Adjust bad debt"
    )
    numbers = [str(number) for (number,) in select("SELECT number FROM checkout_order")]
    assert len({len(number) for number in numbers}) == 1
    assert select(
        "SELECT p.slug, p.name, v.sku, r.currency, r.minor, r.since, s.on_hand, s.claimed FROM catalog_product p"
        " JOIN catalog_variant v ON v.product_id = p.id JOIN catalog_price r ON r.variant_id = v.id"
        " JOIN catalog_stock s ON s.variant_id = v.id"
    ) == [
        (
            "white-hanging-heart-t-light-holder",
            heart,
            "85123A",
            "GBP",
            295,
            datetime(2010, 12, 1, 8, 26, tzinfo=UTC),
            7,
            0,
        )
    ]


def test_nobody_is_told_and_the_journal_gets_one_historic_row(tmp_path: Path) -> None:
    bring_in(save(tmp_path, *SMALL))
    assert select("SELECT kind, historic, data->>'orders', data->>'lines' FROM core_journalentry") == [
        ("orders.imported", True, "6", "8")
    ]
    assert counts()["core_outboxmail"] == 0


def test_oddities_are_counted(tmp_path: Path) -> None:
    found = oddities(bring_in(save(tmp_path, *SMALL, SALE, row(time="2010-12-01 08:27:00"))))
    assert found["zero prices"] == 1
    assert found["negative prices"] == 1
    assert found["prices finer than a penny"] == 1
    assert found["negative quantities outside C invoices"] == 1
    assert found["A invoices"] == 1
    assert found["invoices with several times"] == 1
    assert found["codes differing only in case"] == 1
    assert found["exact duplicates"] == 1
    assert found["stock codes that are not goods"] == 2
    assert found["goods never sold at a price"] == 1
    assert found["lines without customer"] == 2
    assert found["empty descriptions"] == 1
    assert found["lines cancelled wholly after a purchase"] == 1
    assert found["cancellations with no earlier purchase"] == 1


def test_a_second_run_changes_nothing(tmp_path: Path) -> None:
    path = save(tmp_path, *SMALL)
    first = bring_in(path, stock=7)
    before = marks()
    second = bring_in(path, stock=9)
    assert marks() == before
    assert (second.orders_created, second.orders_kept, second.products_created) == (0, 6, 0)
    assert second.totals == first.totals
    assert second.oddities == first.oddities


def test_a_longer_file_adds_only_what_is_new(tmp_path: Path) -> None:
    bring_in(save(tmp_path, *SMALL[:4]))
    before = select("SELECT id, number, xmin::text FROM checkout_order ORDER BY id")
    summary = bring_in(save(tmp_path, *SMALL))
    assert (summary.orders_created, summary.orders_kept) == (4, 2)
    assert select("SELECT id, number, xmin::text FROM checkout_order ORDER BY id")[:2] == before
    assert counts()["core_journalentry"] == 2


def test_an_invoice_that_has_other_lines_now_is_refused(tmp_path: Path) -> None:
    bring_in(save(tmp_path, *SMALL[:2]))
    refusal = refused(save(tmp_path, *SMALL), NotAsStaged)
    assert "536365" in str(refusal)


def test_what_the_shop_has_changed_since_stays(tmp_path: Path) -> None:
    path = save(tmp_path, *SMALL)
    bring_in(path, stock=7)
    catalog.set_price(sku="85123A", price=Money(199, "GBP"), now=NOW)
    catalog.set_tax_rate(code="standard", name="Standard", country="GB", percent=Decimal(5))
    select("UPDATE catalog_product SET name = 'Our heart', slug = 'our-heart' RETURNING id")
    select("UPDATE catalog_stock SET on_hand = 3 RETURNING variant_id")
    before = marks()
    bring_in(path, stock=7)
    assert marks() == before


def test_a_taken_sku_or_address_gets_an_ending(tmp_path: Path) -> None:
    catalog.set_tax_rate(code="standard", name="Standard", country="GB", percent=Decimal(20))
    slug = "white-hanging-heart-t-light-holder"
    for number, taken in enumerate((slug, f"{slug}-85123a")):
        ours = NewVariant(sku=("85123A", "85123A-uci-online-retail")[number])
        catalog.save_product(NewProduct(slug=taken, name="Ours", variants=(ours,)), now=NOW)
    bring_in(save(tmp_path, SALE))
    assert select(
        "SELECT p.slug, v.sku, v.external_id FROM catalog_product p JOIN catalog_variant v"
        " ON v.product_id = p.id WHERE p.origin <> 'tacit'"
    ) == [(f"{slug}-85123a-2", "85123A-uci-online-retail-2", "85123A")]


def test_products_of_one_name_get_addresses_of_their_own(tmp_path: Path) -> None:
    bring_in(save(tmp_path, *(row(code=f"8512{n}") for n in range(3))))
    assert len(select("SELECT DISTINCT slug FROM catalog_product")) == 3


@pytest.mark.parametrize(
    "bad", [row(quantity="six"), row(price=""), "536365", row(customer="14911.0"), row(country="EIRE")]
)
def test_one_bad_row_and_nothing_is_imported(tmp_path: Path, bad: str) -> None:
    raised = refused(save(tmp_path, *SMALL, bad, *SMALL), BadRows)
    assert isinstance(raised, BadRows)
    assert (raised.total, raised.first[0].line) == (1, 10)


def test_bad_rows_are_written_aside_as_they_stood(tmp_path: Path) -> None:
    other_customer = row(customer="14911.0", quantity=1)
    path = save(tmp_path, row(quantity="six"), *SMALL, other_customer)
    summary = bring_in(path, skip_bad=tmp_path / "bad.csv")
    assert (summary.bad, summary.orders_created, summary.lines_created) == (2, 6, 8)
    with (tmp_path / "bad.csv").open(newline="", encoding="utf-8") as reader:
        assert list(csv.reader(reader)) == [
            ["line", "column", "reason", "value", "row"],
            ["2", "Quantity", "it is not a whole number", "'six'", row(quantity="six")],
            [
                "11",
                "CustomerID",
                "it differs from the first line of invoice 536365",
                "'14911'",
                other_customer,
            ],
        ]
    before = marks()
    assert bring_in(path, skip_bad=tmp_path / "bad.csv").bad == 2
    assert marks() == before


def test_an_invoice_too_large_for_an_order_is_bad(tmp_path: Path) -> None:
    dear = row(quantity=10**6, price="9000.00")
    raised = refused(save(tmp_path, dear, dear), BadRows)
    assert isinstance(raised, BadRows)
    assert [each.line for each in raised.first] == [2, 3]


def test_an_invoice_too_long_to_be_one_is_bad(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(staging, "MOST_LINES", 2)
    path = save(tmp_path, BACK, SALE, SALE, SALE)
    raised = refused(path, BadRows)
    assert isinstance(raised, BadRows)
    assert [each.line for each in raised.first] == [3, 4, 5]
    assert "more than 2 lines" in str(raised.first[0])
    assert bring_in(path, skip_bad=tmp_path / "bad.csv").orders_created == 1


def test_portions_end_by_lines_and_lose_none(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(checkout, "_LINES_AT_ONCE", 3)
    path = save(tmp_path, *SMALL)
    assert bring_in(path).lines_created == len(SMALL)
    before = marks()
    assert bring_in(path).orders_kept == 6
    assert marks() == before


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"", "is empty"),
        (f"{HEADER}\n".encode(), "has no usable row"),
        (f"{row()}\n".encode(), "lacks the column InvoiceNo"),
        (gzip.compress(f"{HEADER}\n{row()}\n".encode() * 9)[:60], "is cut off"),
        (f"{HEADER}\n{row()}\n".encode() + b"\xff\n", "line 3, byte 1"),
        (f"{HEADER}\n".encode() + b"\n" * (MOST_BAD_ROWS + 1), "another kind of file"),
    ],
)
@pytest.mark.parametrize("skipping", [False, True])
def test_an_unusable_file_leaves_nothing(tmp_path: Path, content: bytes, says: str, skipping: bool) -> None:
    path = tmp_path / "orders.csv"
    path.write_bytes(content)
    refusal = refused(path, UnusableFile, skip_bad=tmp_path / "bad.csv" if skipping else None)
    assert says in str(refusal)
    assert [each.name for each in tmp_path.iterdir()] == ["orders.csv"]


def test_bad_rows_never_overwrite_the_file_itself(tmp_path: Path) -> None:
    path = save(tmp_path, *SMALL)
    assert "name another file" in str(refused(path, UnusableFile, skip_bad=path))
    assert "name another file" in str(refused(path, UnusableFile, skip_bad=tmp_path))
    assert "cannot be written" in str(refused(path, UnusableFile, skip_bad=tmp_path / "no" / "bad.csv"))
    assert path.read_text().count("\n") == len(SMALL) + 1


@pytest.mark.parametrize("loss", ["line", "amount"])
def test_what_is_not_written_as_staged_is_not_committed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, loss: str
) -> None:
    write = checkout.import_orders

    def losing(*, orders: Iterator[ImportedOrder], **rest: object) -> ImportResult:
        first, *others = orders
        rows = (
            first.lines[1:]
            if loss == "line"
            else (first.lines[0].__class__("X", "X", 1, 1), *first.lines[1:])
        )
        fields = {name: getattr(first, name) for name in first.__slots__}
        return write(orders=[ImportedOrder(**{**fields, "lines": rows}), *others], **rest)  # type: ignore[arg-type]

    monkeypatch.setattr(checkout, "import_orders", losing)
    assert "instead of" in str(refused(save(tmp_path, *SMALL), NotAsStaged))


def test_a_refusal_of_the_database_in_the_middle_leaves_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(checkout, "_AT_ONCE", 2)
    write = checkout._write_lines
    portions = []

    def breaking(*given: object) -> int:
        portions.append(given)
        if len(portions) == 2:
            select("SELECT 1 / 0")
        return write(*given)  # type: ignore[arg-type]

    monkeypatch.setattr(checkout, "_write_lines", breaking)
    refused(save(tmp_path, *SMALL), DatabaseError)
    monkeypatch.undo()
    assert bring_in(save(tmp_path, *SMALL)).orders_created == 6
