"""Tax classes, whole."""

from __future__ import annotations

from django.db import transaction

from tacit.catalog import rules
from tacit.catalog.models import TaxClass, TaxRate
from tacit.catalog.types import CatalogError, TaxRates


def replace_tax_class(given: TaxRates) -> None:
    """Make the class called ``given.code`` what is given, whole: countries it does not name are gone.

    Raises CatalogError.
    """
    name = rules.check_text("name", given.name, longest=80)
    for percent in given.percents.values():
        if not 0 <= percent <= 100:
            raise CatalogError("percent", "out_of_range", smallest=0, largest=100)
    with transaction.atomic():
        found, _ = TaxClass.objects.update_or_create(code=given.code, defaults={"name": name})
        TaxRate.objects.filter(tax_class=found).exclude(country__in=given.percents).delete()
        for country, percent in given.percents.items():
            TaxRate.objects.update_or_create(tax_class=found, country=country, defaults={"percent": percent})
