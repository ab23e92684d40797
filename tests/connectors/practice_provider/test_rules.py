"""Whatever is asked of a payment in whatever order, the books add up."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from tacit.checkout.types.payment import PaymentState
from tacit.connectors.practice_provider.cards import CARDS, Card
from tacit.connectors.practice_provider.process import rules
from tacit.connectors.practice_provider.process.rules import Change, Movement, Payment, Refusal

VERBS = ("pay", "approve", "decline", "capture", "void", "refund", "wait")
steps = st.tuples(
    st.sampled_from(VERBS), st.sampled_from(CARDS), st.integers(1, 150), st.integers(0, 4 * 24 * 3600)
)


def new_payment() -> Payment:
    return Payment("pay_1", "token", "reference", 100, "EUR", "http://shop/back", "", "key", 0.0)


def step(payment: Payment, verb: str, card: Card, amount: int, now: float) -> Change | None:
    match verb:
        case "pay":
            return rules.pay(payment, card, card.outcome, now=now, late_seconds=3)
        case "approve":
            return rules.approve(payment, now=now)
        case "decline":
            return rules.decline(payment, "no")
        case "capture":
            return rules.capture(payment, amount, "EUR", key="k", now=now)
        case "void":
            return rules.void(payment, key="k", now=now)
        case "refund":
            return rules.refund(payment, amount, "EUR", key="k", now=now)
    return rules.fall_due(payment, now=now)


@given(st.lists(steps, max_size=12))
def test_the_books_add_up(asked: list[tuple[str, Card, int, int]]) -> None:
    payment, books, now = new_payment(), list[Movement](), 0.0
    for verb, card, amount, passed in asked:
        now += passed
        try:
            change = step(payment, verb, card, amount, now)
        except Refusal:
            continue
        if change:
            payment = change.payment
            books += [change.movement] if change.movement else []
    sums = {kind: sum(line.amount for line in books if line.kind == kind) for kind in ("authorise", "refund")}
    captures = [line.amount for line in books if line.kind == "capture"]
    assert (payment.authorised, payment.refunded) == (sums["authorise"], sums["refund"])
    assert payment.captured == sum(captures)
    assert len(captures) <= 1
    assert 0 <= payment.refunded <= payment.captured <= payment.authorised <= payment.amount
    assert not captures or "void" not in [line.kind for line in books]
    assert (payment.captured > 0) == (payment.state is PaymentState.CAPTURED)
