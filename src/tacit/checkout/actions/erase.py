"""Erasing a buyer: what nobody needs at once, the rest when its reason to stay is over."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import Q, QuerySet

from tacit.checkout.actions.methods import remove_methods_of
from tacit.checkout.actions.money import LOWER
from tacit.checkout.models import (
    Cart,
    MoneyIntent,
    Order,
    OrderChange,
    Payment,
    Placing,
    SavedMethod,
    Shipment,
)
from tacit.checkout.queries.personal import held_about, numbers_of
from tacit.checkout.rules import retention
from tacit.checkout.types.order import OrderStatus
from tacit.checkout.types.payment import PaymentState
from tacit.checkout.wording import held
from tacit.core import rights
from tacit.core.personal import Reason, RetentionMap, Stays, Subject

SAYS_NOTHING = "erased"
BATCH = 200
_MAY_MOVE = [PaymentState.CREATED, PaymentState.NEEDS_ACTION, PaymentState.PROCESSING]


class PersonalOrders:
    """Checkout's answer for what it holds: the port ``core.personal.PersonalData``."""

    @property
    def retention(self) -> RetentionMap:
        return retention.MAP

    def name(self, what: str) -> str:
        return held.name(what)

    def widen(self, subject: Subject) -> Subject:
        return Subject(subject.person, subject.addresses, numbers_of(subject))

    def hold(self, subject: Subject) -> None:
        # By their keys, so that two erasures cannot wait for each other; what is being recorded of a payment holds
        # its order, so it is done before or waits. Carts follow, as they do there.
        list(_locked(subject).values_list("pk"))
        if subject.person is not None:
            list(
                Cart.objects.select_for_update()
                .filter(person=subject.person)
                .order_by("pk")
                .values_list("pk")
            )

    def left(self, subject: Subject) -> Subject:
        here = Order.objects.filter(number__in=subject.orders, erased_at__isnull=True).order_by("pk")
        return Subject(subject.person, subject.addresses, tuple(here.values_list("number", flat=True)))

    def export(self, subject: Subject) -> dict[str, Any]:
        return held_about(subject)

    def stays(self, subject: Subject, *, now: datetime) -> list[Stays]:
        """Of each kind the longest."""
        found: dict[tuple[str, Reason], Stays] = {}
        for order in Order.objects.filter(number__in=subject.orders):
            standing = _standing(order)
            due = retention.due(standing, tax_years=settings.KEEP_TAX_YEARS, now=now)
            until = retention.tax_until(order.placed_at, settings.KEEP_TAX_YEARS)
            if not due.contact:
                for what in ("order_email", "payment_means", "parcel_numbers"):
                    found[what, Reason.ON_ITS_WAY] = Stays(what, Reason.ON_ITS_WAY, None)
            if due.address:
                continue
            if not retention.taxed(standing):
                found["order_address", Reason.ON_ITS_WAY] = Stays("order_address", Reason.ON_ITS_WAY, None)
                continue
            before = found.get(("order_address", Reason.TAX_RECORDS))
            if before is None or before.until is None or before.until < until:
                found["order_address", Reason.TAX_RECORDS] = Stays("order_address", Reason.TAX_RECORDS, until)
        return list(found.values())

    def erase(self, subject: Subject, *, now: datetime) -> None:
        orders = list(_locked(subject))
        carts = Q(token__in=[order.cart for order in orders if order.cart and order.status in _DONE])
        if subject.person is not None:
            carts |= Q(person=subject.person)
        Cart.objects.filter(carts).delete()
        for order in orders:
            order.erased_at = order.erased_at or now
            order.save(update_fields=["erased_at"])
            erase_order(order, now=now)
        Payment.objects.filter(order__in=orders, keep=True).update(keep=False)
        if subject.person is not None:
            remove_methods_of(subject.person, now=now)
            SavedMethod.objects.filter(person=subject.person).update(person=None, label="", fingerprint="")


def _locked(subject: Subject) -> QuerySet[Order]:
    return Order.objects.select_for_update().filter(number__in=subject.orders).order_by("pk")


_DONE = {OrderStatus.FAILED, OrderStatus.CANCELLED, OrderStatus.CLOSED}


def erase_due(*, now: datetime) -> int:
    """Of buyers who were erased: what had a reason to stay that is over now. How many orders were looked at."""
    looked = 0
    while True:
        with transaction.atomic():
            orders = Order.objects.select_for_update(skip_locked=True).filter(erase_on__lte=now.date())
            batch = list(orders.order_by("erase_on", "pk")[:BATCH])
            for order in batch:
                erase_order(order, now=now)
        looked += len(batch)
        if len(batch) < BATCH:
            return looked


def erase_order(order: Order, *, now: datetime) -> None:
    """What is due of an order whose buyer was erased. The caller holds its row locked."""
    due = retention.due(_standing(order), tax_years=settings.KEEP_TAX_YEARS, now=now)
    order.erase_on = due.again
    if due.contact:
        order.email = ""
        _forget_contact(order)
    else:
        rights.forget_letters(orders=[order.number], only_sent=True)
    if due.address:
        order.name = order.line1 = order.line2 = order.postcode = order.city = order.customer = ""
    order.save(update_fields=["erase_on", "email", "name", "line1", "line2", "postcode", "city", "customer"])


def _forget_contact(order: Order) -> None:
    Placing.objects.filter(order=order).delete()
    OrderChange.objects.filter(order=order).update(body="")
    Payment.objects.filter(order=order).update(fingerprint="", instrument="", action_url="")
    intents = MoneyIntent.objects.filter(payment__order=order)
    intents.exclude(reason=LOWER).update(reason="")  # what was given back as a lower price is counted by it
    intents.update(error="")
    Shipment.objects.filter(order=order).exclude(tracking="").update(tracking=SAYS_NOTHING)
    Shipment.objects.filter(order=order).exclude(error="").update(error=SAYS_NOTHING)
    rights.forget_letters(orders=[order.number])


def _standing(order: Order) -> retention.Standing:
    payments = list(Payment.objects.filter(order=order))
    intents = list(MoneyIntent.objects.filter(payment__in=payments))
    moments = [order.placed_at]
    moments += [intent.done_at or intent.created_at for intent in intents]
    moments += Shipment.objects.filter(order=order).values_list("state_at", flat=True)
    moments += OrderChange.objects.filter(order=order).values_list("at", flat=True)
    return retention.Standing(
        status=OrderStatus(order.status),
        money_open=any(payment.state in _MAY_MOVE for payment in payments)
        or any(intent.state == MoneyIntent.State.PENDING for intent in intents),
        money_moved=any(payment.captured_minor for payment in payments),
        placed_at=order.placed_at,
        last=max(moments),
    )
