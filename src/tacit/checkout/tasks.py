"""Checkout's background work: letters from the journal, and going on where something stopped."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from datetime import date, datetime
from typing import get_args

from django.db import transaction
from django.utils import translation

from tacit.accounts.types import Visitor
from tacit.checkout import actions
from tacit.checkout.queries import order_of
from tacit.checkout.types.desk import LETTERS
from tacit.checkout.types.order import OrderView
from tacit.checkout.wording import mails
from tacit.core import clock, journal, mail, ports
from tacit.core.events import (
    OrderCancelled,
    OrderFailed,
    OrderPaid,
    OrderShipped,
    ParcelDelayed,
    ParcelLost,
    PaymentRefunded,
)
from tacit.core.jobs import job, periodic
from tacit.core.mail import Links, Message
from tacit.core.money import Money

log = logging.getLogger(__name__)
READER = LETTERS
Told = OrderPaid | OrderShipped | ParcelDelayed | ParcelLost | OrderCancelled | OrderFailed | PaymentRefunded
_THE_HOUSE = Visitor(staff=True)


@periodic("checkout.write_letters", "* * * * * */2")
def write_letters(_due: datetime) -> None:
    """Tell buyers what happened to their orders."""
    now = clock.now()
    while journal.read(READER, lambda entries: _write(entries, now), now=now):
        pass


def _write(entries: Sequence[journal.Entry], now: datetime) -> None:
    for entry in entries:
        try:
            with transaction.atomic():
                letter = None if entry.historic else _letter(entry)
                if letter is not None and letter.to:
                    cause = f"{READER}:{entry.data['order']}:{entry.id}"
                    mail.write(letter, dedupe=cause, now=now)
        except Exception:  # one letter that cannot be written must not keep all later ones back
            log.exception("no letter for journal entry %s", entry.id)


def _letter(entry: journal.Entry) -> Message | None:
    if entry.kind not in {kind.kind for kind in get_args(Told)}:
        return None
    event = entry.event()
    assert isinstance(event, Told)
    order = order_of(_THE_HOUSE, event.order)
    with translation.override(order.language):
        return _about(event, order)


def _about(event: Told, order: OrderView) -> Message | None:
    link = ports.get(Links).order(order.number)
    match event:
        case OrderPaid():
            return mails.confirmation(order, link)
        case OrderShipped():
            return mails.shipped(order, link, event.shipment)
        case ParcelDelayed():
            day = date.fromisoformat(event.expected) if event.expected else None
            return mails.delayed(order, link, event.shipment, day)
        case ParcelLost():
            settled = any(parcel.id == event.shipment and parcel.settled for parcel in order.shipments)
            return None if settled else mails.lost(order, link, event.shipment)
        case OrderCancelled():
            return mails.cancelled(order, link)
        case OrderFailed(reason="declined" | "replaced"):
            return None  # the buyer saw it on the page and went on from there
        case OrderFailed():
            return mails.not_paid(order, link, event.reason)
        case PaymentRefunded():
            return mails.refunded(order, link, Money(event.amount, event.currency))


@periodic("checkout.sweep", "* * * * * */10")
def sweep(_due: datetime) -> None:
    """Payments and intents that a request or a worker left behind."""
    actions.sweep(now=clock.now())
    actions.sweep_methods(now=clock.now())


@periodic("checkout.reconcile", "*/5 * * * *")
def reconcile(_due: datetime) -> None:
    """Ledger, payments, orders and providers side by side; what disagrees shows on the desk."""
    actions.reconcile(now=clock.now())


@job("checkout.run_intent")
def run_intent(intent: int) -> None:
    """One capture, void or refund; what fails is due again and swept up later."""
    actions.run_intent(intent, now=clock.now())


@job("checkout.forget_method")
def forget_method(method: int) -> None:
    """One removed way to pay, at its provider; what fails is due again and swept up later."""
    actions.forget_method(method, now=clock.now())


@job("checkout.hand_over")
def hand_over(shipment: int) -> None:
    """One parcel to its carrier; what fails is due again and swept up later."""
    actions.hand_over(shipment, now=clock.now())


@periodic("checkout.look_after_parcels", "* * * * * */10")
def look_after_parcels(_due: datetime) -> None:
    """Parcels that still wait for their carrier, and news of those on their way."""
    actions.sweep_parcels(now=clock.now())


@periodic("checkout.erase_due", "23 * * * *")
def erase_due(_due: datetime) -> None:
    """What was kept of people who were erased, and no longer has to be."""
    actions.erase_due(now=clock.now())
