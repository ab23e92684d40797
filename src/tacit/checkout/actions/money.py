"""Writing the intent rows of captures, voids and refunds, inside the transaction of what causes them."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db.models import F

from tacit.checkout.models import MoneyIntent, Payment
from tacit.checkout.types.payment import OperationKind, PaymentState
from tacit.core import crash, jobs

MOST_REFUSALS = 6
"""After so many refusals of the same kind a person must look; the order shows as troubled."""


def want_capture(payment: Payment, amount: int, *, now: datetime, by_hand: bool = False) -> None:
    """Take ``amount`` minor units; the promise may not exceed what is authorised (constraint).

    ``by_hand``: somebody asks for it now, however often it was refused.
    """
    if amount > 0 and _want_again(
        payment, OperationKind.CAPTURE, amount, "capture", reason="", now=now, by_hand=by_hand
    ):
        Payment.objects.filter(pk=payment.pk).update(capturing_minor=F("capturing_minor") + amount)


def want_refund(payment: Payment, amount: int, *, key: str, reason: str, now: datetime) -> None:
    """Give back ``amount`` minor units; the promise may not exceed what is captured (constraint)."""
    if amount > 0 and _want(
        payment, OperationKind.REFUND, amount, key=key, reason=reason, now=now, due_at=now
    ):
        Payment.objects.filter(pk=payment.pk).update(refunding_minor=F("refunding_minor") + amount)


def want_void(payment: Payment, *, now: datetime, by_hand: bool = False) -> None:
    """Release what is authorised and not captured."""
    _want_again(payment, OperationKind.VOID, 0, "void", reason="", now=now, by_hand=by_hand)


def _want_again(
    payment: Payment,
    kind: OperationKind,
    amount: int,
    name: str,
    *,
    reason: str,
    now: datetime,
    by_hand: bool = False,
) -> bool:
    """What was refused is wanted anew under another key, later each time, and at last no more."""
    refused = MoneyIntent.objects.filter(payment=payment, kind=kind, state=MoneyIntent.State.REFUSED).count()
    if refused >= MOST_REFUSALS and not by_hand:
        return False
    due_at = now if by_hand else now + pause_after(refused)
    key = f"{payment.reference}:{name}:{refused + 1}"
    return _want(payment, kind, amount, key=key, reason=reason, now=now, due_at=due_at)


def pause_after(refused: int) -> timedelta:
    """How long to leave a provider alone that refused so often: nothing, 10 min, 20 min, 40 min, …"""
    return timedelta(minutes=5 * 2**refused) if refused else timedelta(0)


LOWER = "lower price"


def refund_above(payment: Payment, total: int, *, now: datetime) -> None:
    """Give back what was captured above the order's ``total``, which was lowered since.

    Refunds for other reasons do not count against it. Called when a price is lowered and when a capture is
    recorded, for either may come first.
    """
    above = payment.captured_minor - total
    if above <= 0:
        return
    lowered = MoneyIntent.objects.filter(payment=payment, kind=OperationKind.REFUND, reason=LOWER)
    back = sum(lowered.exclude(state=MoneyIntent.State.REFUSED).values_list("amount_minor", flat=True))
    left = payment.captured_minor - payment.refunded_minor - payment.refunding_minor
    amount = min(above - back, left)
    if amount > 0 and _want_again(
        payment, OperationKind.REFUND, amount, f"lower:{total}", reason=LOWER, now=now
    ):
        Payment.objects.filter(pk=payment.pk).update(refunding_minor=F("refunding_minor") + amount)


def give_money_back(
    payment: Payment, *, reason: str, now: datetime, by_hand: bool = False, stray: bool = False
) -> None:
    """Undo a payment whose order came to nothing: refund what was captured, else void.

    ``by_hand``: somebody asks for it now, however often it was refused. ``stray``: money came for a payment that was
    given up. While a capture is on its way neither is possible; recording its answer calls this again.
    """
    lost = payment.state in {PaymentState.DECLINED, PaymentState.VOIDED} and not stray
    if lost or payment.capturing_minor:
        return
    left = payment.captured_minor - payment.refunded_minor - payment.refunding_minor
    if left > 0:
        if _want_again(
            payment, OperationKind.REFUND, left, f"undo:{left}", reason=reason, now=now, by_hand=by_hand
        ):
            Payment.objects.filter(pk=payment.pk).update(refunding_minor=F("refunding_minor") + left)
    elif not payment.captured_minor:
        want_void(payment, now=now, by_hand=by_hand)


def _want(
    payment: Payment,
    kind: OperationKind,
    amount: int,
    *,
    key: str,
    reason: str,
    now: datetime,
    due_at: datetime,
) -> bool:
    intent, created = MoneyIntent.objects.get_or_create(
        key=key,
        defaults={
            "payment": payment,
            "kind": kind,
            "amount_minor": amount,
            "reason": reason[:200],
            "created_at": now,
            "due_at": due_at,
        },
    )
    crash.point("money.wanted")
    if created and due_at <= now:
        jobs.enqueue("checkout.run_intent", intent=intent.pk)
    return created
