"""Reads shop.toml, delivery.toml, the goods and their other languages into what the rooms' actions take. No Django."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from importlib import resources
from importlib.resources.abc import Traversable
from typing import Any

from tacit.catalog.types import NewProduct, NewVariant, Translations
from tacit.connectors.files.delivery import reading
from tacit.connectors.files.delivery.shape import DeliveryFile
from tacit.core.money import Money

ORIGIN = "tacit"
PICTURES = "tacit/pictures/{}.svg"
OTHER_LANGUAGES = ("de",)
"""The first one is English; each of these has a file of its own."""


@dataclass(frozen=True, slots=True)
class Shelf:
    slug: str
    name: str
    parent: str = ""
    sensitive: bool = False
    translations: Translations = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Shop:
    """In the order in which it must be saved."""

    delivery: DeliveryFile
    categories: tuple[Shelf, ...]
    products: tuple[NewProduct, ...]


def read() -> Shop:
    """The sample shop."""
    here = resources.files(__package__)
    data = load(here / "shop.toml")
    goods = sorted((here / "goods").iterdir(), key=lambda file: file.name)
    entries = [entry for file in goods for entry in load(file)["product"]]
    others = {language: load(here / f"{language}.toml") for language in OTHER_LANGUAGES}
    return Shop(
        delivery=reading.read((here / "delivery.toml").read_text(encoding="utf-8")),
        categories=tuple(
            Shelf(
                **entry,
                translations={
                    language: {"name": other["category"][entry["slug"]]} for language, other in others.items()
                },
            )
            for entry in data["category"]
        ),
        # Spare parts stand before what they belong to.
        products=tuple(
            _product(entry, others) for entry in sorted(entries, key=lambda entry: "spare_parts" in entry)
        ),
    )


def load(file: Traversable) -> dict[str, Any]:
    """A TOML file of this folder."""
    return tomllib.loads(file.read_text(encoding="utf-8"))


def _product(entry: Mapping[str, Any], others: Mapping[str, Any]) -> NewProduct:
    variants = tuple(_variant(variant, entry) for variant in entry["variants"])
    return NewProduct(
        slug=entry["slug"],
        name=entry["name"],
        variants=variants,
        description=entry["description"].strip(),
        category=entry["category"],
        tax_class=entry.get("tax_class", "standard"),
        picture=PICTURES.format(entry["picture"]),
        facts=tuple((name, value) for name, value in entry["facts"]),
        spare_parts=tuple(entry.get("spare_parts", [])),
        origin=ORIGIN,
        translations={
            language: {
                **other["product"][entry["slug"]],
                "description": other["product"][entry["slug"]]["description"].strip(),
                "words": _words(variants, other["words"]),
            }
            for language, other in others.items()
        },
    )


def _words(variants: Iterable[NewVariant], known: Mapping[str, str]) -> dict[str, str]:
    """Options, their values and whole labels in the other language, where they differ: ``Moss, M`` → ``Moos, M``."""
    said = {text for variant in variants for text in (*variant.options, *variant.options.values())}
    words = {text: known.get(text, text) for text in said}
    for variant in variants:
        parts = variant.label.split(", ")
        words[variant.label] = ", ".join(known.get(part, part) for part in parts)
    return {text: word for text, word in sorted(words.items()) if word != text}


def _variant(entry: Mapping[str, Any], product: Mapping[str, Any]) -> NewVariant:
    """Options take the label's parts in turn; what is left over explains: ``Small, 30 × 20 cm`` is ``Small``."""
    label = entry.get("label", "")
    option = product.get("option", [])
    names = [option] if isinstance(option, str) else option
    return NewVariant(
        sku=entry["sku"],
        label=label,
        options=dict(zip(names, label.split(", "), strict=False)),
        prices=_amounts(entry.get("price") or product["price"]),
        costs=_amounts(entry.get("cost") or product.get("cost", {})),
        stock=entry["stock"],
        weight=entry.get("weight") or product["weight"],
    )


def _amounts(entry: Mapping[str, str]) -> tuple[Money, ...]:
    return tuple(Money.parse(amount, currency) for currency, amount in entry.items())
