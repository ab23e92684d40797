"""Where a parcel is, in plain words and with its day."""

from __future__ import annotations

from datetime import datetime

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from tacit.checkout.types.carrier import IN_THE_HOUSE, ParcelState, Settled
from tacit.checkout.types.order import OrderStatus, OrderView, ShipmentView
from tacit.checkout.wording.shown import long_day
from tacit.core import clock

_WORDS = {
    ParcelState.BY_HAND: gettext_lazy("sent"),
    ParcelState.WAITING: gettext_lazy("waits for the carrier"),
    ParcelState.REFUSED: gettext_lazy("not taken"),
    ParcelState.HANDED_OVER: gettext_lazy("handed over"),
    ParcelState.ON_ITS_WAY: gettext_lazy("on its way"),
    ParcelState.DELAYED: gettext_lazy("delayed"),
    ParcelState.DELIVERED: gettext_lazy("delivered"),
    ParcelState.LOST: gettext_lazy("lost"),
}


def parcel_word(state: ParcelState) -> str:
    """A word or two for lists."""
    return str(_WORDS[state])


def parcel_event(state: ParcelState) -> str:
    """One thing that happened, for a table of what happened."""
    match state:
        case ParcelState.HANDED_OVER:
            return _("The carrier has the parcel")
        case ParcelState.ON_ITS_WAY:
            return _("The parcel is on its way")
        case ParcelState.DELAYED:
            return _("The parcel is delayed")
        case ParcelState.DELIVERED:
            return _("The parcel is delivered")
        case ParcelState.LOST:
            return _("The carrier has lost the parcel")
        case _:
            return _("Sent")


def parcel_sentence(parcel: ShipmentView) -> str:
    """Where the parcel is, for its buyer; '' when nobody tells us."""
    expected = long_day(parcel.expected) if parcel.expected else ""
    match parcel.state:
        case ParcelState.BY_HAND:
            return ""
        case ParcelState.WAITING | ParcelState.REFUSED:
            return _("Packed. The carrier has not taken it yet.")
        case ParcelState.DELAYED if expected:
            return _("Delayed; expected on %(day)s.") % {"day": expected}
        case ParcelState.DELAYED:
            return _("Delayed; the carrier does not say until when.")
        case ParcelState.DELIVERED:
            return _("Delivered on %(day)s.") % {"day": _day(parcel.state_at)}
        case ParcelState.LOST:
            return _lost(parcel.settled)
        case _ if expected:
            return _("On its way; expected on %(day)s.") % {"day": expected}
        case _:
            return _("On its way.")


def _lost(settled: str) -> str:
    match settled:
        case Settled.SENT_AGAIN:
            return _("The carrier has lost it. We sent the goods again.")
        case Settled.REFUNDED:
            return _("The carrier has lost it. Your money went back.")
    return _("The carrier has lost it.")


def parcels_sentence(order: OrderView) -> str:
    """The most telling news of all parcels of an order; '' when there is none worth a headline."""
    parcels = [parcel for parcel in order.shipments if parcel.settled != Settled.SENT_AGAIN]
    states = {parcel.state for parcel in parcels}
    if any(parcel.state is ParcelState.LOST and not parcel.settled for parcel in parcels):
        return _(
            "The carrier has lost a parcel. Talk to a person: the goods are sent again or your money comes back."
        )
    if any(parcel.state is ParcelState.LOST for parcel in parcels):
        if all(parcel.settled == Settled.REFUNDED for parcel in parcels if parcel.state is ParcelState.LOST):
            return _("The carrier has lost a parcel. Your money is on its way back.")
        return _("The carrier has lost a parcel. A person has settled it with you.")
    if ParcelState.DELAYED in states:
        days = [p.expected for p in parcels if p.state is ParcelState.DELAYED and p.expected]
        if days:
            return _("Your parcel is delayed. It is now expected on %(day)s.") % {"day": long_day(max(days))}
        return _("Your parcel is delayed. Its carrier does not say until when; we keep asking.")
    if order.status is not OrderStatus.SHIPPED:
        return ""
    if states and states <= IN_THE_HOUSE:
        return _("Your order is packed. It leaves as soon as the carrier takes it.")
    if states == {ParcelState.DELIVERED}:
        last = max(p.state_at for p in parcels if p.state_at)
        return _("Delivered on %(day)s.") % {"day": _day(last)}
    return ""


def _day(moment: datetime | None) -> str:
    """The day it was in the shop."""
    assert moment is not None
    return long_day(clock.in_shop(moment).date())
