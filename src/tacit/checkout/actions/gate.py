"""Reaching an order to change it: through the person asking, with its row locked."""

from __future__ import annotations

from datetime import datetime

from tacit.accounts.types import NotAllowed, Visitor
from tacit.checkout.models import Order, OrderChange, Payment
from tacit.checkout.types.order import NoSuchOrder, NotPossible
from tacit.checkout.types.payment import PaymentState


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


def once(order: Order, key: str, what: str, by: str, at: datetime) -> bool:
    """True the first time this key changes this order; False when it already has."""
    _, created = OrderChange.objects.get_or_create(
        order=order, key=key[:120], defaults={"what": what, "by": by[:60], "at": at}
    )
    return created


def live_payment(order: Order) -> Payment | None:
    """The payment that holds the order's money, if any."""
    return (
        Payment.objects.filter(order=order)
        .exclude(state__in=[PaymentState.DECLINED, PaymentState.VOIDED])
        .order_by("-id")
        .first()
    )
