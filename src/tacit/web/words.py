"""Short words for states, where a list or a bar has room for one."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from django.utils.translation import gettext as _

from tacit.checkout import wording as checkout_wording
from tacit.checkout.types.carrier import IN_THE_HOUSE, ParcelState, Settled
from tacit.checkout.types.delivery import Arrival
from tacit.checkout.types.desk import StaffRow
from tacit.checkout.types.order import OrderKind, OrderRow, OrderStatus, OrderView

LOW_STOCK = 5
LONGEST_HEADLINE = 50


@dataclass(frozen=True, slots=True)
class Step:
    """One step of an order's way. ``state``: on, off (it stopped here) or '' (still to come)."""

    name: str
    state: str = ""


def kind(row: OrderRow | OrderView | StaffRow) -> str:
    """What an order is when it is not an ordinary one."""
    return {
        OrderKind.SALE: _("history") if row.historic else "",
        OrderKind.CREDIT_NOTE: _("credit note"),
        OrderKind.ADJUSTMENT: _("adjustment"),
    }[row.kind]


def steps(order: OrderView) -> tuple[Step, ...]:
    """The way of an order: ordered, paid, on its way."""
    ordered = Step(_("Ordered"), "on")
    match order.status:
        case OrderStatus.AWAITING_PAYMENT:
            return ordered, Step(_("Paid")), Step(_("On its way"))
        case OrderStatus.PAID | OrderStatus.SHIPPED if order.lapsed:
            return ordered, Step(_("Not paid"), "off"), *((_way(order),) if order.shipments else ())
        case OrderStatus.PAID | OrderStatus.SHIPPED:
            return ordered, Step(_("Paid"), "on"), _way(order)
        case OrderStatus.CANCELLED:
            return ordered, Step(_("Cancelled"), "off")
        case OrderStatus.FAILED:
            return ordered, Step(_("Not paid"), "off")
    return ()


def _way(order: OrderView) -> Step:
    """Where the parcels are, the worst of them first."""
    states = {parcel.state for parcel in order.shipments if parcel.settled != Settled.SENT_AGAIN}
    if ParcelState.LOST in states:
        return Step(_("Lost on its way"), "off")
    if ParcelState.DELAYED in states:
        return Step(_("Delayed"), "off")
    if states and states <= IN_THE_HOUSE:
        return Step(_("Packed"), "on")
    if states == {ParcelState.DELIVERED} and order.status is OrderStatus.SHIPPED:
        return Step(_("Delivered"), "on")
    return Step(_("On its way"), "on" if states else "")


_STILL_HOLDS = frozenset({OrderStatus.AWAITING_PAYMENT, OrderStatus.PAID, OrderStatus.SHIPPED})
_OVERTAKEN = frozenset({ParcelState.LOST, ParcelState.DELAYED, ParcelState.DELIVERED})


def promised(order: OrderView, *, today: date) -> Arrival | None:
    """The days it was promised for, while they are to come and nothing says otherwise."""
    arrival = _promise(order)
    return None if arrival is None or arrival.last < today else arrival


def missed(order: OrderView, *, today: date) -> str:
    """The promise that was not kept; '' while it holds, and where a parcel's own news has taken its place."""
    arrival = _promise(order)
    if arrival is None or arrival.last >= today or order.status is OrderStatus.AWAITING_PAYMENT:
        return ""
    days = checkout_wording.days(arrival)
    if all(parcel.state in IN_THE_HOUSE for parcel in order.shipments):
        return _("It was promised for %(days)s and is not sent yet.") % {"days": days}
    if order.status is OrderStatus.PAID:
        return _("It was promised for %(days)s and is not all sent yet.") % {"days": days}
    return _("It was promised for %(days)s.") % {"days": days}


def _promise(order: OrderView) -> Arrival | None:
    overtaken = order.lapsed or any(parcel.state in _OVERTAKEN for parcel in order.shipments)
    return None if overtaken or order.status not in _STILL_HOLDS else order.arrival


def headline(text: str) -> tuple[str, str]:
    """A text's heading and the rest: all of it while it is short, else its first sentence."""
    if len(text) <= LONGEST_HEADLINE:
        return text, ""
    first, dot, rest = text.partition(". ")
    return first + dot.strip(), rest


def stock(available: int) -> str:
    """How much there is of something, for shoppers."""
    if available <= 0:
        return _("Sold out")
    if available <= LOW_STOCK:
        return _("%(count)s left") % {"count": available}
    return _("In stock, ready to send")
