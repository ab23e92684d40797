"""Puts the sample shop on empty shelves."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from tacit.catalog import queries
from tacit.catalog.actions import save_category, save_product, set_tax_rate
from tacit.checkout.actions import save_shipping_method, set_shipping_rates
from tacit.connectors.sample_shop.data import Shop, read
from tacit.core import clock


@dataclass(frozen=True, slots=True)
class LoadedShop:
    """What was put there; all 0 when the shelves were not empty."""

    categories: int = 0
    products: int = 0
    variants: int = 0


def load(*, now: datetime | None = None) -> LoadedShop:
    """Fill an empty catalogue, whole or not at all; one that holds anything is left as it is.

    ``now`` is when prices begin; the present moment by default.
    """
    shop = read()
    with transaction.atomic():
        if queries.has_products():
            return LoadedShop()
        _save(shop, now or clock.now())
    return LoadedShop(
        categories=len(shop.categories),
        products=len(shop.products),
        variants=sum(len(product.variants) for product in shop.products),
    )


def _save(shop: Shop, now: datetime) -> None:
    for tax in shop.taxes:
        set_tax_rate(code=tax.code, name=tax.name, country=tax.country, percent=tax.percent)
    for position, method in enumerate(shop.shipping):
        save_shipping_method(
            code=method.code,
            name=method.name,
            position=position,
            names=method.names,
            handling=method.handling,
        )
        for zone in method.zones:
            for currency, rates in zone.rates.items():
                set_shipping_rates(
                    method=method.code,
                    currency=currency,
                    rates=rates,
                    countries=zone.countries,
                    days=zone.days,
                )
    for position, category in enumerate(shop.categories):
        save_category(
            slug=category.slug,
            name=category.name,
            position=position,
            parent=category.parent,
            sensitive=category.sensitive,
            translations=category.translations,
        )
    for product in shop.products:
        save_product(product, now=now)
