"""The ledger of money movements, which only grows, and what was found not to agree with it."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from tacit.checkout.models.orders import Order
from tacit.checkout.models.payments import Payment
from tacit.checkout.types.ledger import MovementKind, What


class MoneyMovement(models.Model):
    """Money that was set aside, taken, given back or let go. Triggers refuse UPDATE, DELETE and TRUNCATE.

    ``before_minor`` is the total of the kind until then, so that the same movement cannot be written twice. It is
    written by the statement that raises the payment's total.
    """

    payment = models.ForeignKey(Payment, on_delete=models.PROTECT, related_name="movements")
    kind = models.CharField(max_length=10, choices=[(k, k) for k in MovementKind])
    amount_minor = models.BigIntegerField()
    before_minor = models.BigIntegerField()
    currency = models.CharField(max_length=3)
    key = models.CharField(max_length=120, blank=True, default="")
    """Of our operation, if one is known; the provider's own doing has none."""
    at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["payment", "kind", "before_minor"], name="movement_once"),
            models.CheckConstraint(
                name="movement_amount", condition=Q(amount_minor__gt=0, before_minor__gte=0)
            ),
            models.CheckConstraint(name="movement_kind", condition=Q(kind__in=list(MovementKind))),
        ]


class MoneyDrift(models.Model):
    """Two of ledger, payment, order and provider that disagree, from ``since`` until ``gone_at``."""

    reference = models.CharField(max_length=160)
    """The payment's, ours or else the provider's; the order's number where there is no payment."""
    order = models.ForeignKey(Order, null=True, on_delete=models.PROTECT, related_name="+")
    what = models.CharField(max_length=24, choices=[(w, w) for w in What])
    ours_minor = models.BigIntegerField()
    theirs_minor = models.BigIntegerField()
    currency = models.CharField(max_length=3)
    since = models.DateTimeField()
    last_seen = models.DateTimeField()
    gone_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["reference", "what"], condition=Q(gone_at__isnull=True), name="drift_open_once"
            ),
            models.CheckConstraint(name="drift_what", condition=Q(what__in=list(What))),
        ]
