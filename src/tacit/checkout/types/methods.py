"""Kept ways to pay, and buying in one tap, as the rest of the house sees them."""

from __future__ import annotations

import hashlib
import json
from dataclasses import astuple, dataclass
from datetime import date, datetime, timedelta

from tacit.checkout.types.order import CartView, Contact
from tacit.core.money import Money

SAVED = "saved:"
"""A payment method's code that begins so names a kept one: its reference follows."""
UNDO_WITHIN = timedelta(minutes=5)
"""How long what was bought in one tap can be undone; so long nothing of it is sent."""


@dataclass(frozen=True, slots=True)
class SavedMethodView:
    """A kept way to pay as its owner sees it. ``expires``: the last day it serves, None if unknown."""

    reference: str
    label: str
    expires: date | None
    is_default: bool
    used_at: datetime | None

    @property
    def code(self) -> str:
        """What checkout takes as the payment method."""
        return SAVED + self.reference

    def serves(self, today: date) -> bool:
        return self.expires is None or self.expires >= today


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is to be bought in one tap: a variant and how many of it, or once more what ``order`` (a number) was."""

    variant: int = 0
    quantity: int = 1
    order: str = ""


@dataclass(frozen=True, slots=True)
class GoneLine:
    """A line of a past order that cannot be bought again. ``problem``: a code from CartProblem."""

    name: str
    label: str
    problem: str


@dataclass(frozen=True, slots=True)
class OneTap:
    """All a returning shopper is shown before the tap; what they tap is this and nothing else.

    ``cart`` is priced for ``contact`` and sent by its ``chosen`` way. ``methods``: kept ways to pay that serve, the
    default first. ``gone``: what of the past order is left out.
    """

    wanted: Wanted
    cart: CartView
    contact: Contact
    methods: tuple[SavedMethodView, ...]
    gone: tuple[GoneLine, ...] = ()

    @property
    def total(self) -> Money:
        return self.cart.total

    @property
    def terms(self) -> str:
        """Stands for what was shown beside the total: where it goes, and which goods. Comes back with the tap."""
        return terms_of(self.contact, {line.variant: line.quantity for line in self.cart.lines})


def terms_of(contact: Contact, items: dict[int, int]) -> str:
    """A short hash of who gets what where."""
    parts = [contact.email, *astuple(contact.address), sorted(items.items())]
    return hashlib.sha256(json.dumps(parts).encode()).hexdigest()[:32]
