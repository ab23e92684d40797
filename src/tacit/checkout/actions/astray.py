"""What staff do about a parcel its carrier does not take, is late with or has lost."""

from __future__ import annotations

from collections import Counter
from datetime import datetime

from django.db import transaction
from django.db.models import F

from tacit.accounts.types import Visitor
from tacit.catalog import actions as catalog
from tacit.catalog.types import OutOfStock
from tacit.checkout.actions.gate import locked_order, once, staff_only
from tacit.checkout.actions.parcels import not_being_tried
from tacit.checkout.actions.ship import make_parcel, short, tell_or_record
from tacit.checkout.models import Order, OrderLine, Payment, Shipment, ShipmentLine
from tacit.checkout.rules.contact import check_key
from tacit.checkout.rules.moves import may_move
from tacit.checkout.rules.parcels import OPEN
from tacit.checkout.types.carrier import IN_THE_HOUSE, ParcelState, Settled
from tacit.checkout.types.order import CheckoutError, NotPossible, OrderStatus
from tacit.core import journal
from tacit.core.events import OrderShipped


def send_by_hand(
    visitor: Visitor, number: str, *, parcel: int, carrier: str, tracking: str, key: str, now: datetime
) -> None:
    """A parcel its carrier does not take goes with another, whose name and tracking code were typed.

    Raises NotAllowed, NoSuchOrder, NotPossible, CheckoutError.
    """
    staff_only(visitor)
    check_key(key)
    label, code = short(carrier, "carrier", 60), short(tracking, "tracking", 80)
    if not label:
        raise CheckoutError("carrier", "required")
    with transaction.atomic():
        order = locked_order(number)
        body = f"{parcel} {label} {code}"
        if not once(order, key, "send_by_hand", by=f"staff:{visitor.person}", at=now, body=body):
            return
        row = _in_the_house(order, parcel, now)
        _still_paid(order)
        Shipment.objects.filter(pk=row.pk).update(
            state=ParcelState.BY_HAND,
            state_at=now,
            shipped_at=now,
            carrier=label,
            tracking=code,
            through="",
            reference=None,
            look_at=None,
            trying=False,
            error="",
        )
        person = str(order.person_id) if order.person_id else None
        complete = order.status == OrderStatus.SHIPPED
        journal.record(OrderShipped(order.number, person, row.pk, complete), at=now)


def take_back(visitor: Visitor, number: str, *, parcel: int, key: str, now: datetime) -> None:
    """A parcel no carrier took is opened: its pieces are to be sent again, and stay promised to the order.

    What was captured stays captured until it is refunded or the order is cancelled. Raises NotAllowed,
    NoSuchOrder, NotPossible.
    """
    staff_only(visitor)
    check_key(key)
    with transaction.atomic():
        order = locked_order(number)
        if not once(order, key, "take_back", by=f"staff:{visitor.person}", at=now, body=str(parcel)):
            return
        row = _in_the_house(order, parcel, now)
        goods: Counter[int] = Counter()
        for line in ShipmentLine.objects.filter(shipment=row).select_related("order_line"):
            OrderLine.objects.filter(pk=line.order_line_id).update(shipped=F("shipped") - line.quantity)
            if line.order_line.variant_id is not None:
                goods[line.order_line.variant_id] += line.quantity
        catalog.take_stock_back(dict(goods))
        if may_move(OrderStatus(order.status), OrderStatus.PAID):
            Order.objects.filter(pk=order.pk).update(status=OrderStatus.PAID)
        row.delete()  # nobody was told of it, and its reference is known no more


def send_again(
    visitor: Visitor, number: str, *, parcel: int, carrier: str, tracking: str, key: str, now: datetime
) -> None:
    """The pieces of a lost parcel are sent once more, from stock, in a new parcel; that settles the lost one.

    ``carrier`` and ``tracking`` as in ``ship``. No money moves. Raises NotAllowed, NoSuchOrder, NotPossible,
    CheckoutError.
    """
    staff_only(visitor)
    check_key(key)
    with transaction.atomic():
        order = locked_order(number)
        body = f"{parcel} {carrier} {tracking}"
        if not once(order, key, "send_again", by=f"staff:{visitor.person}", at=now, body=body):
            return
        row = _unsettled(order, parcel, {ParcelState.LOST})
        _still_paid(order)
        lines = list(ShipmentLine.objects.filter(shipment=row).select_related("order_line"))
        goods: Counter[int] = Counter()
        for line in lines:
            if line.order_line.variant_id is not None:
                goods[line.order_line.variant_id] += line.quantity
        try:
            catalog.claim_stock(dict(goods))
        except OutOfStock as error:
            raise NotPossible("stock", "not_again") from error
        catalog.send_stock(dict(goods))
        new = make_parcel(order, key, carrier=carrier, tracking=tracking, now=now)
        ShipmentLine.objects.bulk_create(
            ShipmentLine(shipment=new, order_line_id=line.order_line_id, quantity=line.quantity)
            for line in lines
        )
        _settle(row, Settled.SENT_AGAIN, now)
        tell_or_record(order, new, complete=order.status == OrderStatus.SHIPPED, now=now)


def settle_parcel(visitor: Visitor, number: str, *, parcel: int, key: str, now: datetime) -> None:
    """Staff and buyer got even about a late or lost parcel: nobody needs to look at it any more.

    Raises NotAllowed, NoSuchOrder, NotPossible.
    """
    staff_only(visitor)
    check_key(key)
    with transaction.atomic():
        order = locked_order(number)
        if not once(order, key, "settle", by=f"staff:{visitor.person}", at=now, body=str(parcel)):
            return
        _settle(_unsettled(order, parcel, {ParcelState.DELAYED, ParcelState.LOST}), Settled.OTHER, now)


def settle_refunded(order: Order, *, now: datetime) -> None:
    """All the money went back: whatever becomes of the parcels that left, nobody is owed anything."""
    Shipment.objects.filter(order=order, settled_at__isnull=True, state__in=[*OPEN, ParcelState.LOST]).update(
        settled_at=now, settled=Settled.REFUNDED
    )


def _settle(row: Shipment, how: Settled, now: datetime) -> None:
    Shipment.objects.filter(pk=row.pk).update(settled_at=now, settled=how)


def _still_paid(order: Order) -> None:
    """Goods whose money went back stay."""
    if order.total_minor and any(
        payment.captured_minor and payment.refunded_minor + payment.refunding_minor >= payment.captured_minor
        for payment in Payment.objects.filter(order=order)
    ):
        raise NotPossible("parcel", "money_went_back")


def _in_the_house(order: Order, parcel: int, now: datetime) -> Shipment:
    """The parcel, locked, which no carrier has and no worker is handing over."""
    row = _locked(order, parcel)
    if row.state not in IN_THE_HOUSE:
        raise NotPossible("parcel", "carrier_has_it")
    if not Shipment.objects.filter(not_being_tried(now), pk=row.pk).exists():
        raise NotPossible("parcel", "being_handed_over")
    return row


def _unsettled(order: Order, parcel: int, states: set[ParcelState]) -> Shipment:
    row = _locked(order, parcel)
    if row.settled_at is not None or row.state not in states:
        raise NotPossible("parcel", "settled_already")
    return row


def _locked(order: Order, parcel: int) -> Shipment:
    row = Shipment.objects.select_for_update().filter(order=order, pk=parcel).first()
    if row is None:
        raise NotPossible("parcel", "not_here")
    return row
