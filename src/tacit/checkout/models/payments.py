"""Payments, and what is asked of the provider afterwards."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q

from tacit.checkout.models.methods import SavedMethod
from tacit.checkout.models.orders import Order
from tacit.checkout.types.payment import OperationKind, PaymentState


class Payment(models.Model):
    """One attempt to be paid: an intent row written before the provider is asked, with all it takes to ask.

    ``reference`` is ours, stable, and what the provider is asked by. ``capturing_minor`` and
    ``refunding_minor`` are promised to operations on their way, so that two can never exceed the money.
    """

    order = models.ForeignKey(Order, on_delete=models.PROTECT, related_name="payments")
    reference = models.CharField(max_length=40, unique=True)
    provider = models.CharField(max_length=40)
    method = models.CharField(max_length=60)
    hosted = models.BooleanField(default=False)
    keep = models.BooleanField(default=False, db_default=False)
    """Its buyer asked to keep the instrument, and it is not kept yet."""
    saved = models.ForeignKey(SavedMethod, null=True, on_delete=models.SET_NULL, related_name="+")
    """The kept instrument it is paid with."""
    return_url = models.CharField(max_length=300)
    provider_reference = models.CharField(max_length=120, blank=True, default="")
    state = models.CharField(
        max_length=20, choices=[(s, s) for s in PaymentState], default=PaymentState.CREATED
    )
    currency = models.CharField(max_length=3)
    amount_minor = models.BigIntegerField()
    authorised_minor = models.BigIntegerField(default=0)
    captured_minor = models.BigIntegerField(default=0)
    capturing_minor = models.BigIntegerField(default=0)
    refunded_minor = models.BigIntegerField(default=0)
    refunding_minor = models.BigIntegerField(default=0)
    released_minor = models.BigIntegerField(default=0, db_default=0)
    """Held and let go without having been taken."""
    fingerprint = models.CharField(max_length=120, blank=True, default="")
    instrument = models.CharField(max_length=60, blank=True, default="")
    capture_by = models.DateTimeField(null=True)
    action_url = models.CharField(max_length=2000, blank=True, default="")
    decline_code = models.CharField(max_length=60, blank=True, default="")
    created_at = models.DateTimeField()
    look_at = models.DateTimeField()
    """When the worker looks at it next, while its order awaits payment."""
    compared_at = models.DateTimeField(null=True)
    """When it was last compared with what its provider says."""

    class Meta:
        indexes = [
            models.Index(
                fields=["look_at"],
                name="payment_open",
                condition=Q(state__in=["created", "needs_action", "processing"]),
            ),
            models.Index(F("compared_at").asc(nulls_first=True), name="payment_compared"),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["order"],
                condition=~Q(state__in=["declined", "voided"]),
                name="payment_one_live_an_order",
            ),
            models.CheckConstraint(name="payment_state", condition=Q(state__in=list(PaymentState))),
            models.CheckConstraint(
                name="payment_not_negative",
                condition=Q(
                    authorised_minor__gte=0,
                    captured_minor__gte=0,
                    capturing_minor__gte=0,
                    refunded_minor__gte=0,
                    refunding_minor__gte=0,
                    amount_minor__gt=0,
                ),
            ),
            models.CheckConstraint(
                name="payment_authorised_within_amount", condition=Q(authorised_minor__lte=F("amount_minor"))
            ),
            models.CheckConstraint(
                name="payment_captured_within_authorised",
                condition=Q(authorised_minor__gte=F("captured_minor") + F("capturing_minor")),
            ),
            models.CheckConstraint(
                name="payment_refunded_within_captured",
                condition=Q(captured_minor__gte=F("refunded_minor") + F("refunding_minor")),
            ),
            models.CheckConstraint(
                name="payment_released_within_authorised",
                condition=Q(
                    released_minor__gte=0, authorised_minor__gte=F("captured_minor") + F("released_minor")
                ),
            ),
        ]


class MoneyIntent(models.Model):
    """A capture, void or refund to be done exactly once: row first, then the provider by ``key``, then the record."""

    class State(models.TextChoices):
        PENDING = "pending"
        DONE = "done"
        REFUSED = "refused"

    OVERTAKEN = "overtaken"
    """The ``error`` of what is REFUSED by nobody: the provider's own console left no room for it."""

    payment = models.ForeignKey(Payment, on_delete=models.PROTECT, related_name="intents")
    key = models.CharField(max_length=120, unique=True)
    kind = models.CharField(max_length=10, choices=[(k, k) for k in OperationKind])
    amount_minor = models.BigIntegerField()
    state = models.CharField(max_length=10, choices=State, default=State.PENDING)
    reason = models.CharField(max_length=200, blank=True, default="")
    attempts = models.PositiveSmallIntegerField(default=0)
    due_at = models.DateTimeField()
    created_at = models.DateTimeField()
    done_at = models.DateTimeField(null=True)
    error = models.CharField(max_length=300, blank=True, default="")

    class Meta:
        indexes = [models.Index(fields=["due_at"], name="intent_due", condition=Q(state="pending"))]
        constraints = [
            models.CheckConstraint(name="intent_amount", condition=Q(kind="void") | Q(amount_minor__gt=0)),
            models.CheckConstraint(name="intent_kind", condition=Q(kind__in=list(OperationKind))),
            models.CheckConstraint(
                name="intent_state", condition=Q(state__in=["pending", "done", "refused"])
            ),
            models.UniqueConstraint(
                fields=["payment"], condition=Q(kind="void") & ~Q(state="refused"), name="intent_one_void"
            ),
        ]
