"""Small files of the profile uci-online-retail, and what stands in the database afterwards."""

from __future__ import annotations

import gzip
from datetime import UTC, datetime
from pathlib import Path

from django.db import connection

from tacit.connectors.order_files.importing import Summary, import_orders
from tacit.connectors.order_files.profiles import PROFILES

PROFILE = PROFILES["uci-online-retail"]
HEADER = ",".join(PROFILE.header)
NOW = datetime(2026, 6, 1, 12, 0, tzinfo=UTC)
TABLES = (
    "catalog_taxclass",
    "catalog_taxrate",
    "catalog_product",
    "catalog_variant",
    "catalog_price",
    "catalog_stock",
    "checkout_shippingmethod",
    "checkout_order",
    "checkout_orderline",
    "core_journalentry",
    "core_outboxmail",
)


def row(
    invoice: str = "536365",
    code: str = "85123A",
    description: str = "WHITE HANGING HEART T-LIGHT HOLDER",
    quantity: object = 6,
    time: str = "2010-12-01 08:26:00",
    price: object = "2.55",
    customer: str = "17850.0",
    country: str = "United Kingdom",
) -> str:
    return f"{invoice},{code},{description},{quantity},{time},{price},{customer},{country}"


def save(folder: Path, *rows: str, name: str = "orders.csv", packed: bool = False) -> Path:
    path = folder / name
    text = "\n".join([HEADER, *rows]) + "\n"
    path.write_bytes(gzip.compress(text.encode()) if packed else text.encode())
    return path


def bring_in(path: Path, *, stock: int = 0, skip_bad: Path | None = None) -> Summary:
    return import_orders(path, profile=PROFILE, now=NOW, stock=stock, skip_bad=skip_bad)


def oddities(summary: Summary) -> dict[str, int]:
    return {oddity.name: count for oddity, count in summary.oddities}


def select(statement: str) -> list[tuple[object, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(statement)
        found: list[tuple[object, ...]] = cursor.fetchall()
        return found


def marks() -> dict[str, tuple[object, ...]]:
    """Of every table an import writes: how many rows, and which transactions wrote them; changes with any write."""
    return {
        table: select(f"SELECT count(*), max(xmin::text::bigint), sum(xmin::text::bigint) FROM {table}")[0]
        for table in TABLES
    }


def counts() -> dict[str, int]:
    return {table: int(str(select(f"SELECT count(*) FROM {table}")[0][0])) for table in TABLES}
