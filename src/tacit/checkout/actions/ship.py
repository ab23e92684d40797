"""Sending parcels. What leaves the house is captured.

A parcel that goes through a wired carrier is a row that waits first; ``parcels`` hands it over once this has
committed.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from datetime import datetime

from django.db import transaction
from django.db.models import F

from tacit.accounts.types import Visitor
from tacit.catalog import actions as catalog
from tacit.checkout.actions.gate import capture_refused, live_payment, locked_order, may_change, once
from tacit.checkout.actions.money import want_capture
from tacit.checkout.models import Order, OrderLine, Shipment, ShipmentLine
from tacit.checkout.queries.parcels import wired_carrier
from tacit.checkout.rules.contact import check_key
from tacit.checkout.types.carrier import ParcelState
from tacit.checkout.types.order import CheckoutError, NotPossible, OrderStatus
from tacit.core import ids, jobs, journal
from tacit.core.events import OrderShipped


def ship(
    visitor: Visitor,
    number: str,
    *,
    carrier: str,
    tracking: str,
    key: str,
    now: datetime,
    pieces: Mapping[int, int] | None = None,
) -> None:
    """Staff, or a program, send a parcel: ``pieces`` (order line id → quantity), by default everything left.

    With neither ``carrier`` nor ``tracking`` it goes through the wired carrier, if there is one, which is told
    after this committed; what is typed is another carrier's, and taken as it is. The first parcel captures the
    order's total. The same ``key`` sends nothing twice. Raises NotAllowed, NoSuchOrder, NotPossible,
    CheckoutError.
    """
    may_change(visitor)
    check_key(key)
    with transaction.atomic():
        order = locked_order(number)
        what = f"{sorted((pieces or {}).items())} {carrier} {tracking}"
        if not once(order, f"ship:{key}", "ship", by=visitor.by, at=now, body=what):
            return
        if order.status != OrderStatus.PAID:
            raise NotPossible("order", "cannot_ship", status=order.status)
        if order.undo_until is not None and now < order.undo_until:
            raise NotPossible("order", "can_be_undone", until=order.undo_until)
        payment = live_payment(order)
        if payment is None and order.total_minor:
            raise NotPossible("payment", "not_secured")
        if payment is not None and capture_refused(payment):
            raise NotPossible("payment", "capture_refused")
        lines = {line.pk: line for line in OrderLine.objects.filter(order=order)}
        sent = _chosen(lines, pieces)
        shipment = make_parcel(order, key, carrier=carrier, tracking=tracking, now=now)
        ShipmentLine.objects.bulk_create(
            ShipmentLine(shipment=shipment, order_line_id=line, quantity=quantity)
            for line, quantity in sent.items()
        )
        complete = _send(lines, sent)
        if complete:
            Order.objects.filter(pk=order.pk).update(status=OrderStatus.SHIPPED)
        if payment is not None:
            left = order.total_minor - payment.captured_minor - payment.capturing_minor
            want_capture(payment, left, now=now)
        tell_or_record(order, shipment, complete=complete, now=now)


def tell_or_record(order: Order, shipment: Shipment, *, complete: bool, now: datetime) -> None:
    """Have the carrier told of a new parcel once this committed; what was typed has left already."""
    if shipment.through:
        jobs.enqueue("checkout.hand_over", shipment=shipment.pk)
    else:
        person = str(order.person_id) if order.person_id else None
        journal.record(OrderShipped(order.number, person, shipment.pk, complete), at=now)


def make_parcel(order: Order, key: str, *, carrier: str, tracking: str, now: datetime) -> Shipment:
    """The row of a parcel: handed over by hand, or waiting for the wired carrier."""
    label, code = short(carrier, "carrier", 60), short(tracking, "tracking", 80)
    wired = None if label or code else wired_carrier()
    return Shipment.objects.create(
        order=order,
        key=f"{order.number}:{key}",
        carrier=label if wired is None else wired.label[:60],
        tracking=code,
        shipped_at=now,
        through="" if wired is None else wired.name,
        reference=None if wired is None else ids.token(),
        state=ParcelState.BY_HAND if wired is None else ParcelState.WAITING,
        state_at=now,
        look_at=None if wired is None else now,
    )


def short(text: str, field: str, longest: int) -> str:
    """``text`` on one line. Raises CheckoutError."""
    folded = " ".join(text.split())
    if len(folded) > longest:
        raise CheckoutError(field, "too_long", longest=longest)
    if any(ord(character) < 32 for character in folded):
        raise CheckoutError(field, "control_character")
    return folded


def _chosen(lines: Mapping[int, OrderLine], pieces: Mapping[int, int] | None) -> dict[int, int]:
    left = {line.pk: line.quantity - line.shipped - line.cancelled for line in lines.values()}
    sent = {line: quantity for line, quantity in (left if pieces is None else pieces).items() if quantity}
    if not sent:
        raise NotPossible("pieces", "nothing_to_send")
    if any(quantity < 0 or quantity > left.get(line, 0) for line, quantity in sent.items()):
        raise NotPossible("pieces", "more_than_ordered")
    return sent


def _send(lines: Mapping[int, OrderLine], sent: Mapping[int, int]) -> bool:
    """Move the pieces out of the house; whether nothing is left to send."""
    goods: Counter[int] = Counter()
    for line, quantity in sent.items():
        OrderLine.objects.filter(pk=line).update(shipped=F("shipped") + quantity)
        variant = lines[line].variant_id
        if variant is not None:
            goods[variant] += quantity
    catalog.send_stock(dict(goods))
    return all(
        line.quantity - line.shipped - line.cancelled - sent.get(line.pk, 0) == 0 for line in lines.values()
    )
