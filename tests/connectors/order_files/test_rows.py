"""Each line of a file is a row or is named with what is wrong with it."""

from __future__ import annotations

import csv
import io
import tracemalloc
from datetime import datetime
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tacit.connectors.files.bad import BadRow
from tacit.connectors.order_files.names import readable
from tacit.connectors.order_files.rows import Row, RowParser, check_header
from tests.connectors.order_files.files import HEADER, PROFILE, row

PARSER = RowParser(PROFILE)


@pytest.mark.parametrize(
    ("text", "column", "reason"),
    [
        (row(invoice=""), "InvoiceNo", "it is empty"),
        (row(invoice="X1"), "InvoiceNo", "invoices beginning with X are not known"),
        (row(invoice="53 65"), "InvoiceNo", "not an invoice number"),
        (row(invoice="9" * 19), "InvoiceNo", "not an invoice number"),
        (row(code=" "), "StockCode", "it is empty"),
        (row(code="8" * 65), "StockCode", "longer than 64"),
        (row(description="x" * 201), "Description", "longer than 200"),
        (row(description="a\tb"), "Description", "control character"),
        (row(description="a\0b"), "Description", "control character"),
        (row(quantity=""), "Quantity", "it is empty"),
        (row(quantity="six"), "Quantity", "not a whole number"),
        (row(quantity="1.5"), "Quantity", "not a whole number"),
        (row(quantity="٣"), "Quantity", "not a whole number"),
        (row(quantity=0), "Quantity", "no pieces"),
        (row(quantity=9_999_999_999), "Quantity", "too large"),
        (row(price=""), "UnitPrice", "it is empty"),
        (row(price="£2"), "UnitPrice", "not an amount"),
        (row(price="1e3"), "UnitPrice", "not an amount"),
        (row(price="NaN"), "UnitPrice", "not an amount"),
        (row(price="99999999999.99"), "UnitPrice", "too large"),
        (row(quantity=999_999_999, price="99999.99"), "UnitPrice", "more than an order can come to"),
        (row(time="2010-02-30 08:00:00"), "InvoiceDate", "not a time"),
        (row(time="01/12/2010 08:26"), "InvoiceDate", "not a time"),
        (row(time="0001-01-01 00:00:00"), "InvoiceDate", "not a time"),
        (row(customer="Smith"), "CustomerID", "not a customer number"),
        (row(customer="17850.5"), "CustomerID", "not a customer number"),
        (row(country="Atlantis"), "Country", "no such country"),
        (row(country=""), "Country", "it is empty"),
        (row() + ",more", "row", "9 columns instead of 8"),
        ("536365,85123A", "row", "2 columns instead of 8"),
        ("", "row", "it is empty"),
        (row(description='"open'), "row", "quotes do not pair up"),
    ],
)
def test_a_bad_row_is_named_by_line_column_and_reason(text: str, column: str, reason: str) -> None:
    bad = PARSER.parse(17, text)
    assert isinstance(bad, BadRow)
    assert (bad.line, bad.column) == (17, column)
    assert reason in bad.reason
    assert len(bad.value) < 60
    assert str(bad).isprintable()
    assert bad.text == text


def test_a_row_is_read_with_time_zone_capitals_and_a_readable_name() -> None:
    summer = row(
        code="85123a", description='"  CREAM ""HEART""  BOX "', time="2011-07-01 08:26:00", price="0.125"
    )
    assert PARSER.parse(2, summer) == Row(
        line=2,
        invoice="536365",
        kind="sale",
        code_given="85123a",
        code="85123A",
        goods=True,
        description='CREAM "HEART" BOX',
        name='Cream "Heart" Box',
        quantity=6,
        price=Decimal("0.125"),
        unit_minor=13,
        at="2011-07-01T07:26:00+00:00",
        customer="17850",
        country="GB",
    )


GOODS = ("22423", "15056bl", "DCGS0066P", "DCGSSBOY", "PADS")
NO_GOODS = ("POST", "m", "gift_0001_20", "BANK CHARGES", "C2", "S", "1234")


@pytest.mark.parametrize(("code", "goods"), [(c, True) for c in GOODS] + [(c, False) for c in NO_GOODS])
def test_goods_are_told_from_fees_by_their_code(code: str, goods: bool) -> None:
    parsed = PARSER.parse(2, row(code=code))
    assert isinstance(parsed, Row)
    assert parsed.goods is goods


def test_padding_is_not_remembered() -> None:
    parser = RowParser(PROFILE)
    tracemalloc.start()
    for n in range(300):
        assert isinstance(parser.parse(n, row(description=" " * 8_000 + str(n))), Row)
    held = tracemalloc.get_traced_memory()[0]
    tracemalloc.stop()
    assert held < 1_000_000


@settings(deadline=None)
@given(st.text())
def test_no_text_breaks_the_parser(text: str) -> None:
    parsed = PARSER.parse(5, text)
    assert parsed.line == 5
    assert isinstance(parsed, BadRow)


@settings(deadline=None)
@given(
    quantity=st.integers(-(10**6), 10**6).filter(bool),
    pennies=st.integers(-(10**6), 10**6),
    description=st.text(st.characters(codec="utf-8", exclude_categories=["C"]), max_size=200),
    time=st.datetimes(datetime(1971, 1, 1), datetime(2099, 1, 1)),  # noqa: DTZ001 - the file has no zones
    customer=st.one_of(st.just(""), st.integers(0, 10**8).map(str)),
)
def test_what_a_till_wrote_is_read_back(
    quantity: int, pennies: int, description: str, time: datetime, customer: str
) -> None:
    written = io.StringIO()
    price = Decimal(pennies) / 100
    fields = ["C536365", "22423", description, quantity, f"{time:%Y-%m-%d %H:%M:%S}", f"{price:f}", customer]
    csv.writer(written, lineterminator="").writerow([*fields, "EIRE"])
    parsed = PARSER.parse(2, written.getvalue())
    assert isinstance(parsed, Row)
    assert (parsed.quantity, parsed.unit_minor, parsed.price) == (quantity, pennies, price)
    assert parsed.description == " ".join(description.split())
    assert (parsed.customer, parsed.country, parsed.kind) == (customer, "IE", "credit_note")
    there = time.replace(microsecond=0) - datetime.fromisoformat(parsed.at).replace(tzinfo=None)
    assert there.total_seconds() in (0, 3600)


@pytest.mark.parametrize(
    ("header", "says"),
    [
        (HEADER, ""),
        (HEADER.replace("UnitPrice", "Price"), "lacks the column UnitPrice"),
        ("Quantity,Price", "lacks the column InvoiceNo"),
        (",".join(reversed(PROFILE.header)), "other columns or another order"),
        (HEADER + ",More", "other columns or another order"),
        ('"', "lacks the column"),
    ],
)
def test_the_header_must_be_the_profiles(header: str, says: str) -> None:
    found = check_header(PROFILE, header)
    assert found == "" if not says else says in found


@pytest.mark.parametrize(
    ("given_", "wanted"),
    [
        ("WHITE HANGING HEART T-LIGHT HOLDER", "White Hanging Heart T-Light Holder"),
        (" SET OF 4   ENGLISH ROSE COASTERS", "Set of 4 English Rose Coasters"),
        ("CHILDREN'S APRON, OVER-THE-TOP LED", "Children's Apron, Over-The-Top LED"),
        ("POLYESTER FILLER PAD 65CMx65CM", "Polyester Filler Pad 65CMx65CM"),
        ("Dotcomgiftshop Gift Voucher £20.00", "Dotcomgiftshop Gift Voucher £20.00"),
        ("FRENCH BLUE METAL DOOR SIGN No", "French Blue Metal Door Sign No"),
        ("", ""),
    ],
)
def test_names_lose_their_capitals_and_keep_their_words(given_: str, wanted: str) -> None:
    assert readable(given_) == wanted


@settings(deadline=None)
@given(st.text())
def test_names_keep_their_letters(text: str) -> None:
    assert readable(text).upper().split() == text.upper().split() or not text.isascii()
