"""Reaching an order to change it: through the person asking, with its row locked."""

from __future__ import annotations

import hashlib
from datetime import datetime

from tacit.accounts.types import NotAllowed, Visitor
from tacit.checkout.models import MoneyIntent, Order, OrderChange, Payment
from tacit.checkout.types.order import NoSuchOrder, NotPossible, OtherBody
from tacit.checkout.types.payment import OperationKind, PaymentState


def locked_order(number: str) -> Order:
    """The order with its row locked until the transaction ends. The caller has passed the gate."""
    order = Order.objects.select_for_update().filter(number=number).first()
    if order is None:
        raise NoSuchOrder(number)
    if order.historic:
        raise NotPossible("order", "historic")
    return order


def staff_only(visitor: Visitor) -> None:
    """Raises NotAllowed."""
    if not visitor.staff:
        raise NotAllowed


def once(order: Order, key: str, what: str, *, by: str, at: datetime, body: str = "") -> bool:
    """True the first time this key changes this order; False when it already has, in the same way.

    Raises OtherBody when the key was used for something else.
    """
    asked = {"what": what, "body": hashlib.sha256(body.encode()).hexdigest()}
    change, created = OrderChange.objects.get_or_create(
        order=order, key=key[:120], defaults={**asked, "by": by[:60], "at": at}
    )
    if not created and (change.what, change.body) != (asked["what"], asked["body"]):
        raise OtherBody("key", "other_body")
    return created


def live_payment(order: Order) -> Payment | None:
    """The payment that holds the order's money, if any."""
    return (
        Payment.objects.filter(order=order)
        .exclude(state__in=[PaymentState.DECLINED, PaymentState.VOIDED])
        .order_by("-id")
        .first()
    )


def capture_refused(payment: Payment) -> bool:
    """Whether the provider refused to hand the money over and nothing was taken since."""
    if payment.captured_minor or payment.capturing_minor:
        return False
    return MoneyIntent.objects.filter(
        payment=payment, kind=OperationKind.CAPTURE, state=MoneyIntent.State.REFUSED
    ).exists()
