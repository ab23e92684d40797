"""What ledger, payment, order and provider must agree on, and where they do not.

Money on its way is no disagreement: whoever calls leaves out what has an operation pending.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from tacit.checkout.rules.ledger import released
from tacit.checkout.rules.moves import LOST, SECURED
from tacit.checkout.types.ledger import Drift, MovementKind, Totals, What
from tacit.checkout.types.order import OrderStatus
from tacit.checkout.types.payment import OperationKind, PaymentAnswer, PaymentState

_LEDGER = {
    MovementKind.AUTHORISED: What.LEDGER_AUTHORISED,
    MovementKind.CAPTURED: What.LEDGER_CAPTURED,
    MovementKind.REFUNDED: What.LEDGER_REFUNDED,
    MovementKind.RELEASED: What.LEDGER_RELEASED,
}
_HAD = {OrderStatus.PAID, OrderStatus.SHIPPED}
_NOTHING_CAME = {OrderStatus.FAILED, OrderStatus.CANCELLED}


@dataclass(frozen=True, slots=True)
class PaymentBook:
    """One payment as our tables have it: ``totals`` of its row, ``ledger`` as its movements add up.

    ``capturing`` and ``refunding`` are promised on its row; ``…_pending``: what its pending intents add up to.
    """

    state: PaymentState
    amount: int
    totals: Totals
    ledger: Totals
    capturing: int = 0
    refunding: int = 0
    capture_pending: int = 0
    refund_pending: int = 0

    @property
    def held(self) -> int:
        """Set aside and neither taken nor let go."""
        return self.totals.authorised - self.totals.captured - self.totals.released

    @property
    def kept(self) -> int:
        """Taken and not given back."""
        return self.totals.captured - self.totals.refunded


@dataclass(frozen=True, slots=True)
class OrderBook:
    """One order: ``lines`` is what its lines add up to, ``goods`` what it says they do.

    ``lowered``: its price was lowered after it was placed. ``lowered_back``: what was given back for that.
    """

    status: OrderStatus
    total: int
    goods: int
    lines: int
    lowered: bool
    lowered_back: int


def of_ledger(payment: PaymentBook) -> list[Drift]:
    """The payment's row beside the sum of its movements."""
    return [
        Drift(_LEDGER[kind], payment.totals.of(kind), payment.ledger.of(kind))
        for kind in MovementKind
        if payment.totals.of(kind) != payment.ledger.of(kind)
    ]


def of_promises(payment: PaymentBook) -> list[Drift]:
    """What the payment's row promises beside the intents that are to keep it."""
    pairs = (
        (What.PROMISED_CAPTURE, payment.capturing, payment.capture_pending),
        (What.PROMISED_REFUND, payment.refunding, payment.refund_pending),
    )
    return [Drift(what, promised, pending) for what, promised, pending in pairs if promised != pending]


def of_order(order: OrderBook, payments: Sequence[PaymentBook]) -> list[Drift]:
    """The order beside its payments, oldest first, none of which has an operation pending or refused."""
    found = []
    if order.lines != order.goods:
        found.append(Drift(What.ORDER_LINES, order.goods, order.lines))
    newest = next((one for one in payments if one.state not in LOST), payments[-1] if payments else None)
    if order.status not in _NOTHING_CAME:
        above = sum(one.kept for one in payments if one is not newest)
        if above:
            found.append(Drift(What.ORDER_ABOVE, order.total + above, order.total))
    if order.status in _NOTHING_CAME:
        for one in payments:
            found += _nothing_left(one)
    elif order.status in _HAD and order.total:
        if newest is None:
            found.append(Drift(What.ORDER_UNPAID, 0, order.total))
        elif newest.state not in LOST:  # what has lapsed is shown as such
            found += _paid_for(order, newest)
    elif order.status is OrderStatus.AWAITING_PAYMENT and newest and newest.state in SECURED:
        found.append(Drift(What.ORDER_WAITS, newest.totals.authorised, order.total))
    return found


def _nothing_left(payment: PaymentBook) -> list[Drift]:
    found = []
    if payment.kept:
        found.append(Drift(What.ORDER_KEPT, payment.kept, 0))
    if payment.held:
        found.append(Drift(What.ORDER_HELD, payment.held, 0))
    return found


def _paid_for(order: OrderBook, payment: PaymentBook) -> list[Drift]:
    agreed = payment.amount >= order.total if order.lowered else payment.amount == order.total
    if not agreed:
        return [Drift(What.ORDER_TOTAL, payment.amount, order.total)]
    captured = payment.totals.captured
    holds = (
        payment.state in SECURED and order.status is not OrderStatus.SHIPPED
    )  # what has left is to be paid
    secured = captured or (payment.totals.authorised if holds else 0)
    if secured < order.total:
        return [Drift(What.ORDER_UNPAID, secured, order.total)]
    # Staff may have given back more than that, for reasons of their own.
    above = captured - max(order.lowered_back, payment.totals.refunded)
    if captured and above > order.total:
        return [Drift(What.ORDER_ABOVE, above, order.total)]
    return []


def is_news(payment: PaymentBook, answer: PaymentAnswer) -> bool:
    """Whether the provider's view is of this payment and adds up by itself, so that it may be taken over."""
    done = dict.fromkeys(OperationKind, 0)
    for operation in answer.operations:
        done[operation.kind] += operation.amount.minor
    captured, refunded = answer.captured.minor, answer.refunded.minor
    return (
        (done[OperationKind.CAPTURE], done[OperationKind.REFUND]) == (captured, refunded)
        and answer.authorised.minor in {0, answer.amount.minor}
        and answer.amount.minor == payment.amount
        and refunded <= captured <= answer.authorised.minor
        and captured + payment.totals.released <= max(answer.authorised.minor, payment.totals.authorised)
    )


def of_provider(payment: PaymentBook, answer: PaymentAnswer | None) -> list[Drift]:
    """The payment's row beside the provider's view, once what was new in that is recorded."""
    ours = payment.totals
    if answer is None:
        gone = payment.held + payment.kept
        return [Drift(What.PROVIDER_MISSING, gone, 0)] if gone else []
    pairs = (
        (What.PROVIDER_AMOUNT, payment.amount, answer.amount.minor),
        (What.PROVIDER_AUTHORISED, ours.authorised, _ever_authorised(answer, ours.authorised)),
        (What.PROVIDER_CAPTURED, ours.captured, answer.captured.minor),
        (What.PROVIDER_REFUNDED, ours.refunded, answer.refunded.minor),
        (What.PROVIDER_HELD, payment.held, held(answer)),
    )
    found = [Drift(what, mine, theirs) for what, mine, theirs in pairs if mine != theirs]
    # What is held follows from the others; it is named when nothing else explains it.
    return found[:-1] if len(found) > 1 and found[-1].what is What.PROVIDER_HELD else found


def _ever_authorised(answer: PaymentAnswer, ours: int) -> int:
    """Of what was let go some providers no longer say how much it was."""
    return answer.authorised.minor or (ours if answer.state is PaymentState.VOIDED else 0)


def held(answer: PaymentAnswer) -> int:
    """What the provider still has set aside for us, in minor units."""
    authorised, captured = answer.authorised.minor, answer.captured.minor
    return authorised - captured - released(answer.state, authorised=authorised, captured=captured)


def of_opened(answers: Iterable[PaymentAnswer], known: Iterable[str]) -> dict[tuple[str, What], Drift]:
    """Payments lately opened at the provider that hold or took money and that we know nothing of, or that are
    there twice, by reference. Those without a reference are not ours."""
    ours = set(known)
    by_reference: dict[str, dict[str, PaymentAnswer]] = {}
    for answer in answers:
        if answer.reference and held(answer) + answer.captured.minor - answer.refunded.minor:
            by_reference.setdefault(answer.reference, {})[answer.provider_reference] = answer
    found = {}
    for reference, several in by_reference.items():
        each = [held(one) + one.captured.minor - one.refunded.minor for one in several.values()]
        if reference not in ours:
            found[reference, What.OPENED_UNKNOWN] = Drift(What.OPENED_UNKNOWN, 0, sum(each))
        elif len(each) > 1:
            found[reference, What.OPENED_TWICE] = Drift(What.OPENED_TWICE, max(each), sum(each))
    return found
