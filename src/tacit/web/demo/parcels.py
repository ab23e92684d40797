"""Telling the practice carrier what to do with a parcel."""

from __future__ import annotations

from dataclasses import dataclass

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _

from tacit.accounts.types import Visitor
from tacit.checkout import actions, queries
from tacit.checkout import wording as checkout_wording
from tacit.checkout.types.carrier import CarrierUnreachable, ParcelState
from tacit.checkout.types.order import ParcelRow
from tacit.checkout.wording.shown import long_day
from tacit.core import clock, ports
from tacit.web import links
from tacit.web.demo.ports import CarrierOrders
from tacit.web.demo.said import back
from tacit.web.parsing import BadInput

THE_HOUSE = Visitor(staff=True)
"""In a demo whoever plays may see every parcel."""
MOST = 6
LARGEST_ID = 2**63 - 1
_MOVING = (ParcelState.HANDED_OVER, ParcelState.ON_ITS_WAY, ParcelState.DELAYED)


@dataclass(frozen=True, slots=True)
class Shown:
    """One parcel, the word for where it is, the day it should arrive ('' if none), and where its buyer sees it."""

    row: ParcelRow
    word: str
    expected: str
    path: str


def under_way() -> tuple[Shown, ...]:
    """Parcels the carrier has, those with the newest news first."""
    rows = queries.staff_parcels(THE_HOUSE, states=_MOVING)[:MOST]
    return tuple(_shown(row) for row in rows)


def newest_lost() -> Shown | None:
    """The parcel lost last."""
    rows = queries.staff_parcels(THE_HOUSE, states=(ParcelState.LOST,))
    return _shown(rows[0]) if rows else None


def _shown(row: ParcelRow) -> Shown:
    expected = long_day(row.expected) if row.expected else ""
    return Shown(row, checkout_wording.parcel_word(row.state), expected, links.order_path(row.order))


def tell(request: HttpRequest) -> HttpResponse:
    """``do``: deliver, delay or lose the ``parcel`` (its id, or '' for the one with the newest news)."""
    what = request.POST.get("do", "")
    if what not in {"deliver", "delay", "lose"}:
        raise BadInput("do", _("Choose one of the buttons on the console."))
    row = _asked_for(request.POST.get("parcel", ""))
    try:
        done = ports.get(CarrierOrders).tell(row.tracking, what)
        actions.ask_carrier(THE_HOUSE, shipment=row.id, now=clock.now())
    except ports.PortNotWired as error:
        raise BadInput("do", _("This demo does not use the practice carrier."), status=409) from error
    except CarrierUnreachable as error:
        raise BadInput("do", _("The practice carrier cannot be reached: %(why)s") % {"why": error}) from error
    if not done:
        raise BadInput("parcel", _("This parcel has arrived already. Choose another."), status=409)
    sentences = {
        "deliver": _("The parcel for %(name)s is delivered."),
        "delay": _("The parcel for %(name)s comes three working days later. The buyer gets a mail."),
        "lose": _("The carrier has lost the parcel for %(name)s. The buyer gets a mail, the desk sees it."),
    }
    return back(request, sentences[what] % {"name": row.name}, beside="parcels")


def _asked_for(parcel: str) -> ParcelRow:
    rows = queries.staff_parcels(THE_HOUSE, states=_MOVING)
    if parcel:
        rows = tuple(row for row in rows if str(row.id) == parcel)
    elif quiet := [row for row in rows if row.state is not ParcelState.DELAYED]:
        rows = tuple(quiet)
    if not rows:
        raise BadInput("parcel", _("No such parcel is on its way. Send one at the desk first."), status=409)
    return rows[0]
