"""Short words for states, where a list or a bar has room for one."""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.translation import gettext as _

from tacit.checkout.types.carrier import ParcelState
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
        case OrderStatus.PAID:
            return ordered, Step(_("Paid"), "on"), _way(order)
        case OrderStatus.SHIPPED:
            return ordered, Step(_("Paid"), "on"), _way(order)
        case OrderStatus.CANCELLED:
            return ordered, Step(_("Cancelled"), "off"), Step(_("On its way"))
        case OrderStatus.FAILED:
            return ordered, Step(_("Not paid"), "off"), Step(_("On its way"))
    return ()


def _way(order: OrderView) -> Step:
    """Where the parcels are, the worst of them first."""
    states = {parcel.state for parcel in order.shipments}
    if ParcelState.LOST in states:
        return Step(_("Lost on its way"), "off")
    if ParcelState.DELAYED in states:
        return Step(_("Delayed"), "off")
    if states == {ParcelState.WAITING}:
        return Step(_("Packed"), "on")
    if states == {ParcelState.DELIVERED} and order.status is OrderStatus.SHIPPED:
        return Step(_("Delivered"), "on")
    return Step(_("On its way"), "on" if states else "")


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
