"""What the shop decided on tax."""

from __future__ import annotations

import json
from decimal import Decimal

from django.db import connection

from tacit.catalog.types import TaxRates


def tax_classes() -> tuple[TaxRates, ...]:
    """Every tax class with its rates, in the order they were made."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT c.code, c.name, coalesce(json_object_agg(r.country, r.percent::text ORDER BY r.country)"
            " FILTER (WHERE r.id IS NOT NULL), '{}')::text FROM catalog_taxclass c"
            " LEFT JOIN catalog_taxrate r ON r.tax_class_id = c.id GROUP BY c.id ORDER BY c.id"
        )
        return tuple(
            TaxRates(code, name, {country: Decimal(text) for country, text in json.loads(percents).items()})
            for code, name, percents in cursor.fetchall()
        )


def tax_modes() -> dict[str, bool]:
    """Currency → whether prices in it include tax, where the shop has said so; others do."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT code, prices_include_tax FROM catalog_currency ORDER BY code")
        return dict(cursor.fetchall())
