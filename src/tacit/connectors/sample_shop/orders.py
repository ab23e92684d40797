"""The sample shop's people and what they ordered, made by the same actions as everybody's."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from importlib import resources
from typing import Any

from django.utils import translation

from tacit.accounts.actions import known_person
from tacit.accounts.types import Visitor
from tacit.catalog import queries as catalog
from tacit.checkout import actions, queries
from tacit.checkout.types.order import Contact, Outcome
from tacit.connectors.sample_shop.data import load
from tacit.core import clock, ids
from tacit.core.address import Address
from tacit.core.mail import Links
from tacit.core.money import Money
from tacit.core.ports import get

STAFF = Visitor(staff=True)


@dataclass(frozen=True, slots=True)
class Customer:
    """Somebody who buys: as a guest, or known by a proven address (``member``)."""

    email: str
    address: Address
    language: str
    currency: str
    member: bool


class NotPaid(Exception):
    """The payment provider did not say yes to a sample order; what was placed before it stays."""


def has_orders() -> bool:
    """Whether anybody ever ordered here, or an order history was imported."""
    return bool(queries.staff_orders(STAFF)[0])


def load_orders(*, now: datetime | None = None) -> int:
    """Place the sample orders where nobody ever ordered; how many. They lie in the days before ``now``.

    The wired payment provider is asked as for any order. Each is a purchase of its own: breaking off leaves the
    earlier ones. Raises NotPaid.
    """
    if has_orders():
        return 0
    present = now or clock.now()
    data = load(resources.files(__package__) / "orders.toml")
    people = {name: _customer(entry) for name, entry in data["person"].items()}
    known = {
        name: known_person(email=one.email, name=one.address.name, now=present - timedelta(days=90)).id
        for name, one in people.items()
        if one.member
    }
    variants = catalog.variants_by_sku()
    for place, entry in enumerate(data["order"]):
        one = people[entry["by"]]
        visitor = Visitor(person=known.get(entry["by"]))
        at = present - timedelta(days=entry["days"], minutes=37 * place % 600)
        with translation.override(one.language):
            number = _buy(visitor, one, {variants[sku]: n for sku, n in entry["items"].items()}, entry, at)
        _go_on(number, entry, at, key=f"sample-{place}")
        actions.sweep(now=present)
    return len(data["order"])


def _customer(entry: Mapping[str, Any]) -> Customer:
    return Customer(
        email=entry["email"],
        address=Address(*entry["address"]),
        language=entry["language"],
        currency=entry.get("currency", "EUR"),
        member=entry.get("member", False),
    )


def _buy(
    visitor: Visitor, one: Customer, items: Mapping[int, int], entry: Mapping[str, Any], at: datetime
) -> str:
    for variant, quantity in items.items():
        token = actions.add_to_cart(
            visitor, variant=variant, quantity=quantity, currency=one.currency, now=at
        )
        visitor = Visitor(person=visitor.person, cart=token)
    shipping = entry.get("shipping", "standard")
    cart = queries.cart_of(visitor, country=one.address.country, shipping=shipping, now=at)
    bought = actions.buy(
        visitor,
        contact=Contact(one.email, one.address),
        shipping=shipping,
        method=queries.payment_methods()[0].code,
        key=ids.token(),
        total_seen=cart.total,
        return_url=get(Links).order,
        now=at,
    )
    if bought.outcome is not Outcome.PAID:
        raise NotPaid(f"the payment provider answered {bought.outcome} to a sample order")
    return bought.number


def _go_on(number: str, entry: Mapping[str, Any], at: datetime, *, key: str) -> None:
    """Bring a paid order to the state it is to show."""
    order = queries.order_of(STAFF, number)
    left = at + timedelta(hours=20)
    tracking = f"0034043416{sum(map(ord, key + entry['by'])):010d}"
    match entry["state"]:
        case "paid":
            return
        case "cancelled":
            actions.cancel(STAFF, number, key=key, now=at + timedelta(hours=2))
        case "partly":
            first = {order.lines[0].id: order.lines[0].quantity}
            actions.ship(STAFF, number, carrier="DHL", tracking=tracking, pieces=first, key=key, now=left)
        case "shipped" | "refunded":
            actions.ship(STAFF, number, carrier="DHL", tracking=tracking, key=key, now=left)
            if entry["state"] == "refunded":
                # The money must be in the house before it can go back.
                actions.sweep(now=left)
                back = Money.parse(entry["back"], order.total.currency) if "back" in entry else order.total
                actions.refund(
                    STAFF,
                    number,
                    amount=back,
                    reason=entry["why"],
                    key=f"{key}-back",
                    now=left + timedelta(days=4),
                )
        case other:
            raise ValueError(f"no sample order can be {other}")
