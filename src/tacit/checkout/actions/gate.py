"""Reaching an order to change it: through the person asking, with its row locked."""

from __future__ import annotations

import hashlib
from datetime import datetime

from tacit.accounts.types import NotAllowed, Scope, Visitor
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


def may_change(visitor: Visitor) -> None:
    """Staff, or a program whose key lets it change orders. Raises NotAllowed."""
    if not visitor.may(Scope.ORDERS_WRITE):
        raise NotAllowed


def once(order: Order, key: str, what: str, *, by: str, at: datetime, body: str = "") -> bool:
    """True the first time this key changes this order; False when it already has, in the same way.

    Raises OtherBody when the key was used for something else, or by somebody else, who would otherwise believe
    that what they asked was done.
    """
    asked = {"what": what, "body": hashlib.sha256(body.encode()).hexdigest(), "by": by[:60]}
    change, created = OrderChange.objects.get_or_create(
        order=order, key=key[:120], defaults={**asked, "at": at}
    )
    if not created and (change.what, change.body, change.by) != (asked["what"], asked["body"], asked["by"]):
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
