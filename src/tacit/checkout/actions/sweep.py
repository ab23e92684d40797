"""Going on where a request, a worker or a provider stopped."""

from __future__ import annotations

import logging
from datetime import datetime, timedelta

from django.db import connection, transaction
from django.db.models import QuerySet

from tacit.checkout.actions.asking import request_again
from tacit.checkout.actions.intents import run_intent
from tacit.checkout.actions.money import want_capture, want_void
from tacit.checkout.actions.record import AnswerMismatch, fail_order, record_answer
from tacit.checkout.models import MoneyIntent, Order, Payment
from tacit.checkout.types.order import OrderStatus
from tacit.checkout.types.payment import (
    OperationKind,
    PaymentProvider,
    PaymentState,
    ProviderRefused,
    ProviderUnreachable,
)
from tacit.core import crash, ports

log = logging.getLogger(__name__)
BATCH = 50
CAPTURE_BEFORE = timedelta(hours=24)
"""What is not captured yet is captured this long before the provider's deadline passes."""
_TO_BE_PAID = (OrderStatus.PAID, OrderStatus.SHIPPED)


def sweep(*, now: datetime) -> int:
    """Look at every payment and intent that is due; how many there were. No transaction spans two of them."""
    references = _due_payments(now)
    crash.point("sweep.claimed")
    for reference in references:
        try:
            _look(reference, now)
        except AnswerMismatch as trouble:
            log.error("payment %s: %s", reference, trouble)
        except (ProviderUnreachable, ProviderRefused) as trouble:
            log.warning("payment %s: %s", reference, trouble)
        except Exception:  # one bad payment must not keep the others waiting
            log.exception("payment %s cannot be looked at", reference)
    intents = list(
        MoneyIntent.objects.filter(state=MoneyIntent.State.PENDING, due_at__lte=now)
        .order_by("due_at")
        .values_list("pk", flat=True)[:BATCH]
    )
    for intent in intents:
        try:
            run_intent(intent, now=now)
        except Exception:
            log.exception("intent %s cannot be carried out", intent)
    return len(references) + len(intents) + _capture_before_deadline(now)


def _due_payments(now: datetime) -> list[str]:
    """Claim what is due by moving its next look: soon at first, then less often."""
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE checkout_payment SET look_at = %s + least(greatest((%s - created_at) / 4,"
            " interval '15 seconds'), interval '1 hour')"
            " WHERE id IN (SELECT id FROM checkout_payment"
            " WHERE state IN ('created', 'needs_action', 'processing') AND look_at <= %s"
            " ORDER BY look_at LIMIT %s FOR UPDATE SKIP LOCKED) RETURNING reference",
            [now, now, now, BATCH],
        )
        return [row[0] for row in cursor.fetchall()]


def _look(reference: str, now: datetime) -> None:
    payment = Payment.objects.select_related("order", "saved").get(reference=reference)
    provider = ports.get(PaymentProvider, payment.provider)
    answer = provider.look_up(reference, hint=payment.provider_reference, since=payment.created_at)
    crash.point("sweep.looked_up")
    waiting = payment.order.status == OrderStatus.AWAITING_PAYMENT
    in_time = payment.order.pay_by is not None and now < payment.order.pay_by
    ask = request_again(payment) if answer is None and waiting and in_time and not payment.hosted else None
    if ask is not None:
        # The buyer pressed the button, and the provider never heard of it: ask now.
        answer = provider.authorise(ask)
        crash.point("sweep.asked")
    if answer is not None:
        record_answer(answer, now=now)
    crash.point("sweep.recorded")
    if not in_time:
        _time_out(reference, known=answer is not None, now=now)


def _time_out(reference: str, *, known: bool, now: datetime) -> None:
    """Stop waiting: the goods go back, and the provider is told so that no money comes later."""
    with transaction.atomic():
        payment = (
            Payment.objects.select_for_update(of=("order", "self"))
            .select_related("order")
            .get(reference=reference)
        )
        if payment.state not in {
            PaymentState.CREATED,
            PaymentState.NEEDS_ACTION,
            PaymentState.PROCESSING,
        }:
            return
        if payment.order.status == OrderStatus.AWAITING_PAYMENT:
            fail_order(payment.order, reason="timed_out", now=now)
        if known:
            want_void(payment, now=now)
        else:
            Payment.objects.filter(pk=payment.pk).update(state=PaymentState.VOIDED)
        crash.point("sweep.timed_out")


def _capture_refused() -> QuerySet[MoneyIntent, int]:
    """Payments whose capture was refused. A refused void is no reason: its order came to life again."""
    refused = MoneyIntent.objects.filter(state=MoneyIntent.State.REFUSED).exclude(kind=OperationKind.VOID)
    return refused.values_list("payment_id", flat=True)


def _capture_before_deadline(now: datetime) -> int:
    """Money about to lapse is taken; where a lowered price left nothing to take, it is let go."""
    due = (
        Payment.objects.filter(
            state=PaymentState.AUTHORISED,
            capture_by__lte=now + CAPTURE_BEFORE,
            order__status__in=_TO_BE_PAID,
            captured_minor=0,
            capturing_minor=0,
        )
        .exclude(pk__in=_capture_refused())  # a person looks at those: they show as troubled
        .exclude(intents__state=MoneyIntent.State.PENDING)
        .order_by("capture_by")
        .values_list("pk", "order_id")[:BATCH]
    )
    for payment_id, order_id in list(due):
        with transaction.atomic():
            order = Order.objects.select_for_update().get(pk=order_id)
            payment = Payment.objects.select_for_update().get(pk=payment_id)
            if order.status not in _TO_BE_PAID or payment.captured_minor + payment.capturing_minor:
                continue
            if order.total_minor:
                want_capture(payment, order.total_minor, now=now)
            else:
                want_void(payment, now=now)
            crash.point("sweep.deadline")
    return len(due)
