"""The parcels of one order at the desk, and what can be done about each."""

from __future__ import annotations

from dataclasses import dataclass

from django.http import HttpRequest
from django.utils.translation import gettext as _

from tacit.accounts.types import Visitor
from tacit.checkout import actions, queries
from tacit.checkout import wording as checkout_wording
from tacit.checkout.types.carrier import IN_THE_HOUSE, MONEY_WENT_BACK, CarrierUnreachable, ParcelState
from tacit.checkout.types.order import OrderView, ShipmentView
from tacit.core import clock, ids, ports
from tacit.web import parsing
from tacit.web.parsing import BadInput

LARGEST_ID = 10**18 - 1
DOING = "parcel"
_OVER = {ParcelState.BY_HAND, ParcelState.DELIVERED}


@dataclass(frozen=True, slots=True)
class ParcelShown:
    """``word``: where it is; ``trouble``: why its carrier does not take it. ``doing``: the act that was refused."""

    row: ShipmentView
    word: str
    trouble: str
    key: str
    doing: str = ""

    @property
    def can_ask(self) -> bool:
        gone_for_good = self.row.state == ParcelState.LOST and self.row.settled
        return self.row.state not in _OVER and not gone_for_good and self.row.error != MONEY_WENT_BACK

    @property
    def is_in_the_house(self) -> bool:
        return self.row.state == ParcelState.REFUSED or (
            self.row.state == ParcelState.WAITING and bool(self.row.error)
        )

    @property
    def can_go_otherwise(self) -> bool:
        return self.is_in_the_house and self.row.error != MONEY_WENT_BACK

    @property
    def can_go_again(self) -> bool:
        return self.row.state == ParcelState.LOST and not self.row.settled

    @property
    def can_settle(self) -> bool:
        return self.row.state in {ParcelState.LOST, ParcelState.DELAYED} and not self.row.settled


def shown(request: HttpRequest, order: OrderView, *, refused: bool) -> list[ParcelShown]:
    """Every parcel of ``order``; ``refused``: what the form asked for was not done."""
    asked = request.POST.get("parcel", "") if refused else ""
    doing = request.POST.get("do", "")
    return [
        ParcelShown(
            row,
            checkout_wording.parcel_word(row.state),
            reason(row.error) if row.state in IN_THE_HOUSE else "",
            ids.token(),
            doing=doing if asked == str(row.id) else "",
        )
        for row in order.shipments
    ]


def reason(error: str) -> str:
    """Why a parcel is not handed over: the carrier's own words, or ours."""
    return _("the money went back") if error == MONEY_WENT_BACK else error


def act(request: HttpRequest, visitor: Visitor, number: str, key: str) -> str:
    """Do what the form asks about one of the order's parcels; the sentence's name for what was done.

    Raises BadInput, CheckoutError.
    """
    parcel = parsing.whole(request.POST, "parcel", least=1, most=LARGEST_ID)
    do = request.POST.get("do", "")
    carrier = parsing.text(request.POST, "carrier", longest=60)
    tracking = parsing.text(request.POST, "tracking", longest=80)
    now = clock.now()
    match do:
        case "ask":
            return _ask(visitor, number, parcel)
        case "by_hand":
            actions.send_by_hand(
                visitor, number, parcel=parcel, carrier=carrier, tracking=tracking, key=key, now=now
            )
        case "take_back":
            actions.take_back(visitor, number, parcel=parcel, key=key, now=now)
        case "again":
            actions.send_again(
                visitor, number, parcel=parcel, carrier=carrier, tracking=tracking, key=key, now=now
            )
        case "settle":
            actions.settle_parcel(visitor, number, parcel=parcel, key=key, now=now)
        case _:
            raise BadInput("do", _("Choose one of the buttons beside the parcel."))
    return f"parcel-{do}"


def _ask(visitor: Visitor, number: str, parcel: int) -> str:
    if parcel not in {row.id for row in queries.order_of(visitor, number).shipments}:
        raise BadInput("parcel", _("This order has no such parcel. Reload the page."), status=409)
    try:
        news = actions.ask_carrier(visitor, shipment=parcel, now=clock.now())
    except (CarrierUnreachable, ports.PortNotWired) as error:
        raise BadInput(
            "parcel",
            _("The carrier does not answer (%(why)s). We go on asking.") % {"why": error},
            status=409,
        ) from error
    return "parcel-news" if news else "parcel-nothing"


def sentence(did: str) -> str:
    """What was done about a parcel; '' for what is not done to parcels."""
    return {
        "parcel-news": _("%(order)s: the carrier has news; it is below."),
        "parcel-nothing": _("%(order)s: the carrier was asked; there is no news."),
        "parcel-by_hand": _("%(order)s: the parcel goes the other way."),
        "parcel-take_back": _("%(order)s: the parcel is taken back; its pieces are to be sent again."),
        "parcel-again": _("%(order)s: the same pieces are sent again."),
        "parcel-settle": _("%(order)s: nothing is open about the parcel any more."),
    }.get(did, "")
