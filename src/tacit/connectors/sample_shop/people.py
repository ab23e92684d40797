"""The sample shop's people. No Django."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from importlib import resources
from typing import Any

from tacit.connectors.sample_shop.data import load
from tacit.core.address import Address

PARTS = ("shopper", "friend", "stranger")
"""Parts of the demo, each played by one of them."""


@dataclass(frozen=True, slots=True)
class Customer:
    """Somebody who buys: as a guest, or known by a proven address (``member``). ``part``: one of PARTS, or ''."""

    email: str
    address: Address
    language: str
    currency: str
    member: bool
    part: str

    @property
    def name(self) -> str:
        return self.address.name


def entries() -> dict[str, Any]:
    """orders.toml: who ordered what, and what came of it."""
    return load(resources.files(__package__) / "orders.toml")


def people(data: Mapping[str, Any]) -> dict[str, Customer]:
    """Everybody in ``data``, by the name orders call them."""
    return {
        name: Customer(
            email=entry["email"],
            address=Address(*entry["address"]),
            language=entry["language"],
            currency=entry.get("currency", "EUR"),
            member=entry.get("member", False),
            part=entry.get("part", ""),
        )
        for name, entry in data["person"].items()
    }


def cast() -> tuple[Customer, ...]:
    """Those who play a part, in the order of PARTS."""
    playing = [one for one in people(entries()).values() if one.part]
    return tuple(sorted(playing, key=lambda one: PARTS.index(one.part)))
