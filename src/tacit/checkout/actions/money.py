"""Writing the intent rows of captures, voids and refunds, inside the transaction of what causes them."""

from __future__ import annotations

from datetime import datetime

from django.db.models import F

from tacit.checkout.models import MoneyIntent, Payment
from tacit.checkout.types.payment import OperationKind, PaymentState
from tacit.core import jobs


def want_capture(payment: Payment, amount: int, *, key: str, now: datetime) -> None:
    """Take ``amount`` minor units; the promise may not exceed what is authorised (constraint)."""
    if amount > 0 and _want(payment, OperationKind.CAPTURE, amount, key=key, reason="", now=now):
        Payment.objects.filter(pk=payment.pk).update(capturing_minor=F("capturing_minor") + amount)


def want_refund(payment: Payment, amount: int, *, key: str, reason: str, now: datetime) -> None:
    """Give back ``amount`` minor units; the promise may not exceed what is captured (constraint)."""
    if amount > 0 and _want(payment, OperationKind.REFUND, amount, key=key, reason=reason, now=now):
        Payment.objects.filter(pk=payment.pk).update(refunding_minor=F("refunding_minor") + amount)


def want_void(payment: Payment, *, now: datetime) -> None:
    """Release what is authorised and not captured. One that was refused may be wanted again."""
    refused = MoneyIntent.objects.filter(
        payment=payment, kind=OperationKind.VOID, state=MoneyIntent.State.REFUSED
    ).count()
    key = f"{payment.reference}:void:{refused + 1}"
    _want(payment, OperationKind.VOID, 0, key=key, reason="", now=now)


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
    key = f"{payment.reference}:lower:{total}"
    want_refund(payment, min(above - back, left), key=key, reason=LOWER, now=now)


def give_money_back(payment: Payment, *, reason: str, now: datetime) -> None:
    """Undo a payment whose order came to nothing: refund what was captured, else void.

    While a capture is on its way neither is possible; recording its answer calls this again.
    """
    if payment.state in {PaymentState.DECLINED, PaymentState.VOIDED} or payment.capturing_minor:
        return
    left = payment.captured_minor - payment.refunded_minor - payment.refunding_minor
    if left > 0:
        want_refund(payment, left, key=f"{payment.reference}:undo:{left}", reason=reason, now=now)
    elif not payment.captured_minor:
        want_void(payment, now=now)


def _want(
    payment: Payment, kind: OperationKind, amount: int, *, key: str, reason: str, now: datetime
) -> bool:
    intent, created = MoneyIntent.objects.get_or_create(
        key=key,
        defaults={
            "payment": payment,
            "kind": kind,
            "amount_minor": amount,
            "reason": reason[:200],
            "created_at": now,
            "due_at": now,
        },
    )
    if created:
        jobs.enqueue("checkout.run_intent", intent=intent.pk)
    return created
