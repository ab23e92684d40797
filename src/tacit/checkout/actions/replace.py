"""A buyer who left the bank's page may choose another way to pay: the waiting order gives way to a new one."""

from __future__ import annotations

from datetime import datetime

from tacit.checkout.actions.gate import live_payment
from tacit.checkout.actions.money import want_void
from tacit.checkout.actions.record import fail_order
from tacit.checkout.models import LIVE, Order
from tacit.checkout.types.order import NotPossible, OrderStatus, StillInFlight
from tacit.checkout.types.payment import PaymentState


def make_room(cart: str, *, now: datetime) -> bool:
    """Let go of the cart's live order if it only waits for the buyer to act. Whether there was one.

    Called under the cart's lock and before any insert: waiting inside the unique index for an order that is
    just being paid, while that wants to close this cart, would be a deadlock. For the same reason the order's
    row is not waited for. Money that comes for it all the same goes back (``record.consequence``). Raises
    NotPossible, StillInFlight.
    """
    live = Order.objects.filter(cart=cart, status__in=LIVE).first()
    if live is None:
        return False
    ordered = NotPossible("cart", "already_ordered", order=live.number)
    if live.status != OrderStatus.AWAITING_PAYMENT:
        raise ordered
    waiting = Order.objects.select_for_update(skip_locked=True).filter(
        pk=live.pk, status=OrderStatus.AWAITING_PAYMENT
    )
    order = waiting.first()
    if order is None:
        raise StillInFlight("key", "in_flight")
    payment = live_payment(order)
    if payment is None or payment.state != PaymentState.NEEDS_ACTION:
        raise ordered
    want_void(payment, now=now)
    fail_order(order, reason="replaced", now=now)
    return True
