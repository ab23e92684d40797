"""Puts the sample shop on empty shelves."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from tacit.catalog import queries
from tacit.catalog.actions import save_category, save_product
from tacit.connectors.files.delivery import applying
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
    applying.apply(shop.delivery)
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
