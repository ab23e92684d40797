"""Small product files, and what stands in the catalogue afterwards."""

from __future__ import annotations

import csv
import io
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

from django.db import connection

from tacit.catalog.actions import set_tax_rate
from tacit.connectors.product_files.exporting import export_products
from tacit.connectors.product_files.importing import Summary, import_products

NOW = datetime(2026, 6, 1, 12, 0, tzinfo=UTC)
LATER = datetime(2026, 7, 1, 12, 0, tzinfo=UTC)
TABLES = (
    "category",
    "product",
    "option",
    "optionvalue",
    "variant",
    "price",
    "cost",
    "fact",
    "sparepart",
    "stock",
    "taxclass",
)


def tax_classes() -> None:
    for code in ("standard", "reduced"):
        set_tax_rate(code=code, name=code, country="DE", percent=Decimal(19))


def save(folder: Path, *rows: dict[str, str], name: str = "products.csv") -> Path:
    """A file with the columns of all ``rows``."""
    header = list(dict.fromkeys(column for row in rows for column in row))
    text = io.StringIO()
    writer = csv.DictWriter(text, header, restval="", lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    path = folder / name
    path.write_text(text.getvalue(), encoding="utf-8")
    return path


def bring_in(path: Path, **more: Any) -> Summary:
    given = {"form": "plain", "currency": "EUR", "tax_class": "standard", "now": NOW, **more}
    return import_products(path, **given)


def take_out(folder: Path, *, form: str = "plain", name: str = "export.csv") -> str:
    path = folder / name
    export_products(path, form=form, currency="EUR")
    return path.read_text(encoding="utf-8")


def empty_shop() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE; SET CONSTRAINTS ALL DEFERRED")
        cursor.execute("TRUNCATE catalog_product, catalog_category RESTART IDENTITY CASCADE")


def select(statement: str) -> list[tuple[object, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(statement)
        found: list[tuple[object, ...]] = cursor.fetchall()
        return found


def marks() -> dict[str, tuple[object, ...]]:
    """Of every table of the catalogue: how many rows and where they lie; any write to one moves it."""
    return {
        table: select(f"SELECT count(*), string_agg(ctid::text, ' ' ORDER BY ctid) FROM catalog_{table}")[0]
        for table in TABLES
    }
