"""Which moves an order and a payment may make, and what a provider's answer means for an order."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from tacit.checkout.types.order import OrderStatus
from tacit.checkout.types.payment import PaymentState

ORDER_MOVES: dict[OrderStatus, frozenset[OrderStatus]] = {
    OrderStatus.AWAITING_PAYMENT: frozenset({OrderStatus.PAID, OrderStatus.FAILED, OrderStatus.CANCELLED}),
    OrderStatus.PAID: frozenset({OrderStatus.SHIPPED, OrderStatus.CANCELLED}),
    # What no carrier took is in the house again.
    OrderStatus.SHIPPED: frozenset({OrderStatus.PAID}),
    OrderStatus.CANCELLED: frozenset(),
    # Money may come after the shop gave up waiting; the order is revived if the goods are still there.
    OrderStatus.FAILED: frozenset({OrderStatus.PAID}),
    OrderStatus.CLOSED: frozenset(),
}

_UNSETTLED = frozenset(
    {
        PaymentState.NEEDS_ACTION,
        PaymentState.PROCESSING,
        PaymentState.AUTHORISED,
        PaymentState.CAPTURED,
        PaymentState.DECLINED,
        PaymentState.VOIDED,
    }
)
PAYMENT_MOVES: dict[PaymentState, frozenset[PaymentState]] = {
    PaymentState.CREATED: _UNSETTLED,
    PaymentState.NEEDS_ACTION: _UNSETTLED,
    PaymentState.PROCESSING: _UNSETTLED,
    PaymentState.AUTHORISED: frozenset({PaymentState.CAPTURED, PaymentState.VOIDED}),
    PaymentState.CAPTURED: frozenset(),
    PaymentState.DECLINED: frozenset(),
    PaymentState.VOIDED: frozenset(),
}
SECURED = frozenset({PaymentState.AUTHORISED, PaymentState.CAPTURED})
LOST = frozenset({PaymentState.DECLINED, PaymentState.VOIDED})


def may_move(before: OrderStatus, after: OrderStatus) -> bool:
    """Whether an order may go from ``before`` to ``after``."""
    return after in ORDER_MOVES[before]


def newer(before: PaymentState, answer: PaymentState, *, unheard: bool = False) -> bool:
    """Whether ``answer`` is news after ``before``; a late or repeated answer is not.

    Money that was taken is never lost again, so an answer that tells of some is news even after the payment was
    given up; so is money held after a bank had refused. Only an answer that it is held may be older than one that it
    was let go, unless the provider had never heard of the payment (``unheard``): our request may have arrived after
    all.
    """
    if before in LOST and answer in SECURED:
        return unheard or before is PaymentState.DECLINED or answer is PaymentState.CAPTURED
    return answer == before or answer in PAYMENT_MOVES[before]


class Consequence(StrEnum):
    """What a payment's state means for its order."""

    NOTHING = "nothing"
    PAY = "pay"
    FAIL = "fail"
    REVIVE = "revive"
    GIVE_BACK = "give_back"


@dataclass(frozen=True, slots=True)
class Standing:
    """An order's status beside what its payment has come to."""

    order: OrderStatus
    payment: PaymentState
    released: bool
    """A void or a refund of the whole is already on its way or done."""
    stray: bool = False
    """Its money came after it was given up, and another payment of the order has taken its place."""


def consequence(standing: Standing) -> Consequence:
    """Money secured for a waiting order pays it; for a failed one revives it if the goods are still there;
    for a cancelled one, or one that is paid otherwise, it must go back. Money lost fails a waiting order."""
    if standing.stray:
        return Consequence.NOTHING if standing.released else Consequence.GIVE_BACK
    if standing.payment in SECURED:
        if standing.order is OrderStatus.AWAITING_PAYMENT:
            return Consequence.PAY
        if standing.released:
            return Consequence.NOTHING
        if standing.order is OrderStatus.FAILED:
            return Consequence.REVIVE
        if standing.order is OrderStatus.CANCELLED:
            return Consequence.GIVE_BACK
    if standing.payment in LOST and standing.order is OrderStatus.AWAITING_PAYMENT:
        return Consequence.FAIL
    return Consequence.NOTHING
