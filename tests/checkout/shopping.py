"""Filling carts and buying, for tests below the faces."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from tacit.accounts.types import Visitor
from tacit.checkout import actions, queries
from tacit.checkout.types.order import Bought, Contact
from tacit.core import ids
from tacit.core.address import Address

CONTACT = Contact("ana@example.com", Address("Ana Berg", "Hafenweg 3", "", "20457", "Hamburg", "DE"))


def fill(variant: int, *, now: datetime, quantity: int = 1, person: UUID | None = None) -> Visitor:
    token = actions.add_to_cart(
        Visitor(person=person), variant=variant, quantity=quantity, currency="EUR", now=now
    )
    return Visitor(person=person, cart=token)


def buy(visitor: Visitor, *, now: datetime, **changes: Any) -> Bought:
    shipping = changes.pop("shipping", "standard")
    cart = queries.cart_of(visitor, shipping=shipping, now=now)
    arguments: dict[str, Any] = {
        "contact": CONTACT,
        "shipping": shipping,
        "method": "good",
        "key": ids.token(),
        "total_seen": cart.total,
        "return_url": lambda number: f"http://shop/{number}",
        "now": now,
        **changes,
    }
    return actions.buy(visitor, **arguments)
