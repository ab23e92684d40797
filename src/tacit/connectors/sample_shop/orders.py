"""The sample shop's people and what they ordered, made by the same actions as everybody's."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any

from django.utils import translation

from tacit.accounts.actions import keep_address, known_person
from tacit.accounts.types import Visitor
from tacit.catalog import queries as catalog
from tacit.checkout import actions, queries
from tacit.checkout.types.order import Contact, Outcome
from tacit.connectors.sample_shop.people import Customer, entries, people
from tacit.core import clock, ids
from tacit.core.mail import Links
from tacit.core.money import Money
from tacit.core.ports import get

STAFF = Visitor(staff=True)
RETURNING = "shopper"
"""The part whose player had an address and a way to pay kept, and buys in one tap."""
LEFT_AFTER = timedelta(hours=20)
"""From being ordered to leaving the house."""
TOLD_AFTER = timedelta(hours=6)
"""From leaving the house to being late or lost."""


Tell = Callable[..., bool]
"""``tell(tracking, what, at=…)``: have the carrier deliver, delay or lose a parcel."""


class NotPaid(Exception):
    """The payment provider did not say yes to a sample order; what was placed before it stays."""


def has_orders() -> bool:
    """Whether anybody ever ordered here, or an order history was imported."""
    return bool(queries.staff_orders(STAFF)[0])


def load_orders(*, now: datetime | None = None, tell: Tell | None = None) -> int:
    """Place the sample orders where nobody ever ordered; how many. They lie in the days before ``now``.

    The wired payment provider is asked as for any order, and the wired carrier has every parcel; ``tell`` makes it
    late with one and lose another. Each is a purchase of its own: breaking off leaves the earlier ones. Raises
    NotPaid.
    """
    if has_orders():
        return 0
    present = now or clock.now()
    data = entries()
    everybody = people(data)
    known = {
        name: known_person(email=one.email, name=one.name, now=present - timedelta(days=90)).id
        for name, one in everybody.items()
        if one.member
    }
    for name, person in known.items():
        if everybody[name].part == RETURNING:
            keep_address(Visitor(person=person), address=everybody[name].address, now=present)
    variants = catalog.variants_by_sku()
    for place, entry in enumerate(data["order"]):
        one = everybody[entry["by"]]
        visitor = Visitor(person=known.get(entry["by"]))
        at = present - timedelta(days=entry["days"], minutes=37 * place % 600)
        with translation.override(one.language):
            number = _buy(visitor, one, {variants[sku]: n for sku, n in entry["items"].items()}, entry, at)
        _go_on(number, entry, at, key=f"sample-{place}")
        actions.sweep(now=present)
        _carry(number, entry.get("parcel", ""), left=min(at + LEFT_AFTER, present), now=present, tell=tell)
    return len(data["order"])


def _carry(number: str, parcel: str, *, left: datetime, now: datetime, tell: Tell | None) -> None:
    """The carrier takes what left the house, and what became of it until ``now`` is known."""
    actions.sweep_parcels(now=left)
    for each in queries.order_of(STAFF, number).shipments:
        if parcel and tell is not None and each.tracking:
            tell(each.tracking, parcel, at=left + TOLD_AFTER)
        actions.ask_carrier(STAFF, shipment=each.id, now=now)


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
        keep=one.part == RETURNING,
    )
    if bought.outcome is not Outcome.PAID:
        raise NotPaid(f"the payment provider answered {bought.outcome} to a sample order")
    return bought.number


def _go_on(number: str, entry: Mapping[str, Any], at: datetime, *, key: str) -> None:
    """Bring a paid order to the state it is to show."""
    order = queries.order_of(STAFF, number)
    left = at + LEFT_AFTER
    # Without a wired carrier staff type one.
    carrier, tracking = "", ""
    if not queries.carrier_label():
        carrier, tracking = "DHL", f"0034043416{sum(map(ord, key + entry['by'])):010d}"
    match entry["state"]:
        case "paid":
            return
        case "cancelled":
            actions.cancel(STAFF, number, key=key, now=at + timedelta(hours=2))
        case "partly":
            first = {order.lines[0].id: order.lines[0].quantity}
            actions.ship(STAFF, number, carrier=carrier, tracking=tracking, pieces=first, key=key, now=left)
        case "shipped" | "refunded":
            actions.ship(STAFF, number, carrier=carrier, tracking=tracking, key=key, now=left)
            if entry["state"] == "refunded":
                # The parcel must have left, and the money be in the house, before it can go back.
                actions.sweep_parcels(now=left)
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
