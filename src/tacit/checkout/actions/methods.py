"""Keeping ways to pay for next time, and letting go of them."""

from __future__ import annotations

import logging
from datetime import datetime, timedelta
from uuid import UUID

from django.db import IntegrityError, connection, transaction

from tacit.accounts.types import NotAllowed, Visitor
from tacit.checkout.models import Payment, SavedMethod
from tacit.checkout.rules.moves import SECURED
from tacit.checkout.types.order import CheckoutError
from tacit.checkout.types.payment import (
    KeptInstrument,
    PaymentAnswer,
    PaymentProvider,
    PaymentState,
    ProviderRefused,
    ProviderUnreachable,
)
from tacit.core import crash, ids, jobs, ports

log = logging.getLogger(__name__)
TRY_AGAIN_AFTER = timedelta(minutes=10)
"""When the provider could not be asked to forget."""
BATCH = 20


def keep_instrument(payment: Payment, answer: PaymentAnswer, *, now: datetime) -> None:
    """Once the money is secured: keep what its buyer asked to keep, and note that a kept one was used.

    The caller holds the payment's row locked. What was asked once is kept once, however often the answer comes: a
    method removed since does not return by a late one. No statement for anybody else's payment.
    """
    if PaymentState(payment.state) not in SECURED:
        return
    if payment.saved_id is not None:
        SavedMethod.objects.filter(pk=payment.saved_id, used_at__lt=payment.created_at).update(
            used_at=payment.created_at
        )
    if not payment.keep or answer.kept is None or payment.order.person_id is None:
        return
    payment.keep = False
    Payment.objects.filter(pk=payment.pk).update(keep=False)
    try:
        with transaction.atomic():
            _keep(payment.order.person_id, payment, answer.kept, now)
    except IntegrityError:  # another person's token: the money counts all the same
        # Nothing of the error, which quotes the token.
        log.error("the instrument of payment %s cannot be kept: it is another person's", payment.pk)


def _keep(person: UUID, payment: Payment, kept: KeptInstrument, now: datetime) -> None:
    """A new row; the same instrument kept before gives way to it. The first one becomes the default."""
    _hold(person)
    mine = SavedMethod.objects.select_for_update().filter(person_id=person, removed_at__isnull=True)
    rows = list(mine.order_by("pk"))
    same = next(
        (each for each in rows if (each.provider, each.token) == (payment.provider, kept.token)), None
    )
    if same is not None:
        SavedMethod.objects.filter(pk=same.pk).update(
            label=kept.label[:60], expires=kept.expires, used_at=payment.created_at
        )
        return
    twins = [
        each
        for each in rows
        if payment.fingerprint
        and (each.provider, each.fingerprint) == (payment.provider, payment.fingerprint)
    ]
    is_default = not any(each.is_default for each in rows if each not in twins)
    for each in twins:
        _remove(each, now)
    SavedMethod.objects.create(
        reference=ids.token(),
        person_id=person,
        provider=payment.provider,
        token=kept.token,
        customer=kept.customer,
        label=kept.label[:60],
        expires=kept.expires,
        fingerprint=payment.fingerprint,
        is_default=is_default,
        created_at=now,
        used_at=payment.created_at,
    )


def choose_method(visitor: Visitor, *, method: str) -> None:
    """Make this kept way to pay the one that one tap uses. ``method``: its reference.

    Raises NotAllowed, CheckoutError.
    """
    with transaction.atomic():
        person, chosen = _mine(visitor, method)
        SavedMethod.objects.filter(person_id=person, is_default=True).exclude(pk=chosen.pk).update(
            is_default=False
        )
        SavedMethod.objects.filter(pk=chosen.pk).update(is_default=True)


def remove_method(visitor: Visitor, *, method: str, now: datetime) -> None:
    """Nobody is charged by it from now on; a job has the provider forget it. The one used last becomes the default.

    Removing twice is removing once. Raises NotAllowed, CheckoutError for what is not this person's.
    """
    with transaction.atomic():
        person, chosen = _mine(visitor, method, removed=True)
        if chosen.removed_at is not None:
            return
        was_default = chosen.is_default
        _remove(chosen, now)
        if was_default:
            left = SavedMethod.objects.filter(person_id=person, removed_at__isnull=True)
            heir = left.order_by("-used_at", "-pk").first()
            if heir is not None:
                SavedMethod.objects.filter(pk=heir.pk).update(is_default=True)


def remove_methods_of(person: UUID, *, now: datetime) -> int:
    """All of them, for a person who is being erased; how many. The caller has passed the gate.

    What is left until the provider has forgotten it are the provider's own ids.
    """
    with transaction.atomic():
        _hold(person)
        rows = list(SavedMethod.objects.select_for_update().filter(person_id=person).order_by("pk"))
        for each in rows:
            if each.removed_at is None:
                _remove(each, now)
        SavedMethod.objects.filter(person_id=person).update(person=None, label="", fingerprint="")
        return len(rows)


def _mine(visitor: Visitor, reference: str, *, removed: bool = False) -> tuple[UUID, SavedMethod]:
    if visitor.person is None:
        raise NotAllowed
    _hold(visitor.person)
    mine = SavedMethod.objects.select_for_update().filter(person_id=visitor.person, reference=reference)
    found = (mine if removed else mine.filter(removed_at__isnull=True)).first()
    if found is None:
        raise CheckoutError("method", "gone")
    return visitor.person, found


def _hold(person: UUID) -> None:
    """One change at a time to a person's kept methods, so that exactly one of them stays the default."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [f"methods:{person}"])


def _remove(method: SavedMethod, now: datetime) -> None:
    SavedMethod.objects.filter(pk=method.pk).update(removed_at=now, forget_at=now, is_default=False)
    jobs.enqueue("checkout.forget_method", method=method.pk)


def forget_method(method: int, *, now: datetime) -> bool:
    """Have the provider let go of a removed method, then drop its row; whether it is gone. Idempotent."""
    row = SavedMethod.objects.filter(pk=method, removed_at__isnull=False).first()
    if row is None:
        return True
    # Kept anew under the same token: then it must not go.
    used = SavedMethod.objects.filter(provider=row.provider, token=row.token, removed_at__isnull=True)
    if not used.exists():
        try:
            ports.get(PaymentProvider, row.provider).forget(row.token, customer=row.customer)
        except (ProviderUnreachable, ProviderRefused, ports.PortNotWired) as trouble:
            log.warning("kept method %s is not forgotten yet: %s", row.pk, type(trouble).__name__)
            SavedMethod.objects.filter(pk=row.pk).update(forget_at=now + TRY_AGAIN_AFTER)
            return False
        crash.point("methods.forgotten")
    SavedMethod.objects.filter(pk=row.pk, removed_at__isnull=False).delete()
    return True


def sweep_methods(*, now: datetime) -> int:
    """Removed methods the provider does not know of yet; how many were tried."""
    due = SavedMethod.objects.filter(removed_at__isnull=False, forget_at__lte=now).order_by("forget_at")
    rows = list(due.values_list("pk", flat=True)[:BATCH])
    for each in rows:
        try:
            forget_method(each, now=now)
        except Exception:  # one that cannot be forgotten must not keep the others waiting
            log.exception("kept method %s cannot be forgotten", each)
    return len(rows)
