"""Reads shop.toml into what the rooms' actions take. No Django."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from importlib import resources
from typing import Any

from tacit.catalog.types import NewProduct, NewVariant
from tacit.core.money import Money

ORIGIN = "tacit"
PICTURES = "tacit/pictures/{}.svg"


@dataclass(frozen=True, slots=True)
class Tax:
    code: str
    name: str
    country: str
    percent: Decimal


@dataclass(frozen=True, slots=True)
class Way:
    """A way of sending in one currency."""

    code: str
    name: str
    price: Money
    free_over: Money | None
    position: int


@dataclass(frozen=True, slots=True)
class Shelf:
    slug: str
    name: str
    parent: str = ""
    sensitive: bool = False


@dataclass(frozen=True, slots=True)
class Shop:
    """In the order in which it must be saved."""

    taxes: tuple[Tax, ...]
    shipping: tuple[Way, ...]
    categories: tuple[Shelf, ...]
    products: tuple[NewProduct, ...]


def read() -> Shop:
    """The sample shop."""
    text = resources.files(__package__).joinpath("shop.toml").read_text(encoding="utf-8")
    data = tomllib.loads(text)
    return Shop(
        taxes=tuple(
            Tax(tax["code"], tax["name"], country, Decimal(percent))
            for tax in data["tax"]
            for country, percent in tax["percent"].items()
        ),
        shipping=tuple(way for place, entry in enumerate(data["shipping"]) for way in _ways(entry, place)),
        categories=tuple(Shelf(**entry) for entry in data["category"]),
        products=tuple(_product(entry) for entry in data["product"]),
    )


def _ways(entry: Mapping[str, Any], position: int) -> tuple[Way, ...]:
    free_over = {each.currency: each for each in _amounts(entry.get("free_over", {}))}
    return tuple(
        Way(entry["code"], entry["name"], price, free_over.get(price.currency), position)
        for price in _amounts(entry["price"])
    )


def _product(entry: Mapping[str, Any]) -> NewProduct:
    return NewProduct(
        slug=entry["slug"],
        name=entry["name"],
        variants=tuple(_variant(variant, entry.get("option", "")) for variant in entry["variants"]),
        description=entry["description"].strip(),
        category=entry["category"],
        tax_class=entry.get("tax_class", "standard"),
        picture=PICTURES.format(entry["picture"]),
        facts=tuple((name, value) for name, value in entry["facts"]),
        spare_parts=tuple(entry.get("spare_parts", [])),
        origin=ORIGIN,
    )


def _variant(entry: Mapping[str, Any], option: str) -> NewVariant:
    """The option's value is the label up to its first comma: ``Small, 30 × 20 cm`` → ``Small``."""
    label = entry.get("label", "")
    return NewVariant(
        sku=entry["sku"],
        label=label,
        options={option: label.partition(",")[0]} if option else {},
        prices=_amounts(entry["price"]),
        costs=_amounts(entry.get("cost", {})),
        stock=entry["stock"],
    )


def _amounts(entry: Mapping[str, str]) -> tuple[Money, ...]:
    return tuple(Money.parse(amount, currency) for currency, amount in entry.items())
