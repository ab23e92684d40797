"""The whole of Online Retail, once: its figures, its oddities, a second run, and the memory it takes."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.connectors.order_files.files import bring_in, marks, oddities, select
from tests.connectors.order_files.processes import finish, start
from tests.data import real

ODDITIES = {
    "zero prices": 2_515,
    "negative prices": 2,
    "prices finer than a penny": 4,
    "negative quantities outside C invoices": 1_336,
    "A invoices": 3,
    "invoices with several times": 43,
    "codes differing only in case": 112,
    "exact duplicates": 5_268,
    "stock codes that are not goods": 15,
    "lines with such codes": 2_946,
    "goods never sold at a price": 145,
    "lines without customer": 135_080,
    "empty descriptions": 1_454,
    "countries that are none": 1_265,
    "lines cancelled wholly after a purchase": 7_432,
    "lines cancelled partly after a purchase": 51,
    "cancellations with no earlier purchase": 1_805,
}
SUMS = """
SELECT sum(quantity), sum(quantity * unit_minor), sum(returned), count(*) FILTER (WHERE variant_id IS NULL),
  count(*) FILTER (WHERE returned > shipped) FROM checkout_orderline
"""
ORDERS = """
SELECT count(*), count(*) FILTER (WHERE kind = 'credit_note'), count(DISTINCT nullif(customer, '')),
  sum(goods_minor) FROM checkout_order
"""


@pytest.mark.data
@pytest.mark.timeout(300)
@pytest.mark.django_db(transaction=True)
def test_the_real_file_is_imported_whole_once_and_in_little_memory() -> None:
    path = real("online_retail.csv.gz")
    ended = finish(start(path, "--stock", "5"))
    assert ended.code == 0
    assert "541,909 lines, 25,900 invoices, 3,836 of them cancellations, 4,372 customers" in ended.stdout
    assert ended.peak_mib < 150
    assert select("SELECT count(*) FROM checkout_orderline") == [(541_909,)]
    assert select(ORDERS) == [(25_900, 3_836, 4_372, 974_774_793)]
    assert select(SUMS) == [(5_176_450, 974_774_793, 250_677, 3_103, 0)]
    assert select("SELECT kind, data->>'lines', historic FROM core_journalentry") == [
        ("orders.imported", "541909", True)
    ]
    assert select("SELECT count(*), sum(on_hand) FROM catalog_stock") == [(3_798, 5 * 3_798)]
    assert select(
        "SELECT p.name, r.minor FROM catalog_product p JOIN catalog_variant v ON v.product_id = p.id"
        " JOIN catalog_price r ON r.variant_id = v.id WHERE v.sku = '85123A'"
    ) == [("White Hanging Heart T-Light Holder", 295)]

    before = marks()
    again = bring_in(path, stock=9)
    assert marks() == before
    assert oddities(again) == ODDITIES


def test_the_documentation_gives_the_same_figures() -> None:
    told = (Path(__file__).resolve().parents[3] / "docs" / "import-orders.md").read_text(encoding="utf-8")
    assert [name for name, count in ODDITIES.items() if f" {count:,} " not in told.replace("(", " ")] == []
