"""Captures, voids and refunds: a row first, then the provider under a stable key, then the record.

Before any second try the payment is looked up at the provider, because providers forget keys.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import connection, transaction
from django.db.models import F

from tacit.checkout.actions.record import record_answer
from tacit.checkout.models import MoneyIntent, Payment
from tacit.checkout.types.payment import (
    OperationKind,
    PaymentAnswer,
    PaymentProvider,
    ProviderRefused,
    ProviderUnreachable,
)
from tacit.core import crash, ports
from tacit.core.money import Money

LEASE = timedelta(seconds=60)
"""Longer than any provider call may take, so that two workers are never at one intent."""


@dataclass(frozen=True, slots=True)
class Claimed:
    """An intent this worker has for the length of LEASE."""

    id: int
    key: str
    kind: OperationKind
    amount: Money
    attempts: int
    reference: str
    provider: str
    hint: str
    since: datetime


def run_intent(intent: int, *, now: datetime) -> bool:
    """Carry the intent out, unless it is done, refused or somebody else's; whether it is settled now."""
    claimed = _claim(intent, now)
    if claimed is None:
        return False
    crash.point("intent.claimed")
    provider = ports.get(PaymentProvider, claimed.provider)
    try:
        if claimed.attempts > 1:
            known = provider.look_up(claimed.reference, hint=claimed.hint, since=claimed.since)
            crash.point("intent.looked_up")
            if known is not None:
                record_answer(known, now=now)
                if _settled(intent):
                    return True
            crash.point("intent.known")
        answer = _ask(provider, claimed)
        crash.point("intent.asked")
        record_answer(answer, now=now)
        crash.point("intent.recorded")
        if not _settled(intent):
            _postpone(claimed, now, "the provider answered without naming this operation")
    except ProviderUnreachable as trouble:
        crash.point("intent.unreachable")
        _postpone(claimed, now, str(trouble))
    except ProviderRefused as refusal:
        crash.point("intent.refused")
        _refused(provider, claimed, refusal, now)
    return _settled(intent)


def _claim(intent: int, now: datetime) -> Claimed | None:
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE checkout_moneyintent i SET attempts = least(i.attempts + 1, 30000), due_at = %s"
            " FROM checkout_payment p WHERE i.id = %s AND p.id = i.payment_id AND i.state = 'pending'"
            " AND i.due_at <= %s"
            " RETURNING i.id, i.key, i.kind, i.amount_minor, p.currency, i.attempts, p.reference, p.provider,"
            " p.provider_reference, p.created_at",
            [now + LEASE, intent, now],
        )
        row = cursor.fetchone()
    if row is None:
        return None
    return Claimed(row[0], row[1], OperationKind(row[2]), Money(row[3], row[4]), *row[5:])


def _ask(provider: PaymentProvider, claimed: Claimed) -> PaymentAnswer:
    if claimed.kind is OperationKind.CAPTURE:
        return provider.capture(claimed.reference, amount=claimed.amount, key=claimed.key, hint=claimed.hint)
    if claimed.kind is OperationKind.REFUND:
        return provider.refund(claimed.reference, amount=claimed.amount, key=claimed.key, hint=claimed.hint)
    return provider.void(claimed.reference, key=claimed.key, hint=claimed.hint)


def _settled(intent: int) -> bool:
    return not MoneyIntent.objects.filter(pk=intent, state=MoneyIntent.State.PENDING).exists()


def _postpone(claimed: Claimed, now: datetime, error: str) -> None:
    pause = min(timedelta(seconds=5 * 2 ** min(claimed.attempts - 1, 12)), timedelta(hours=1))
    MoneyIntent.objects.filter(pk=claimed.id, state=MoneyIntent.State.PENDING).update(
        due_at=now + pause, error=error[:300]
    )


def _refused(provider: PaymentProvider, claimed: Claimed, refusal: ProviderRefused, now: datetime) -> None:
    """Refused may mean done before: the provider's own view decides."""
    try:
        known = provider.look_up(claimed.reference, hint=claimed.hint, since=claimed.since)
    except (ProviderUnreachable, ProviderRefused) as trouble:
        _postpone(claimed, now, str(trouble))
        return
    crash.point("intent.refused_known")
    with transaction.atomic():
        # As everywhere: the order's row and its payment's before the intent's.
        Payment.objects.select_for_update(of=("order", "self")).select_related("order").get(
            reference=claimed.reference
        )
        if known is not None:
            record_answer(known, now=now)
        pending = MoneyIntent.objects.filter(pk=claimed.id, state=MoneyIntent.State.PENDING)
        if pending.update(state=MoneyIntent.State.REFUSED, error=refusal.code[:300], done_at=now):
            _free(claimed)
        crash.point("intent.refused_written")
    if known is not None:
        # What the refusal means for the order shows only once the intent no longer counts.
        record_answer(known, now=now)


def _free(claimed: Claimed) -> None:
    payments = Payment.objects.filter(reference=claimed.reference)
    if claimed.kind is OperationKind.CAPTURE:
        payments.update(capturing_minor=F("capturing_minor") - claimed.amount.minor)
    elif claimed.kind is OperationKind.REFUND:
        payments.update(refunding_minor=F("refunding_minor") - claimed.amount.minor)
