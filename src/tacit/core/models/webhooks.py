"""Programs that are told what happens, and every telling."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from tacit.core.fields import TextArrayField
from tacit.core.models.journal import JournalEntry


class WebhookEndpoint(models.Model):
    """An address that is told of some kinds of journal entries, those after ``since_entry``.

    No secret is stored: it is derived from the installation's key, ``seed`` and ``generation``. Of the generation
    before the present one, until a while after ``rotated_at``, both sign. ``failing_since``: nothing has arrived
    from then on.
    """

    class Off(models.TextChoices):
        STAFF = "staff"
        GONE = "gone"
        FAILING = "failing"

    id = models.BigAutoField(primary_key=True)
    url = models.CharField(max_length=500, unique=True)
    description = models.CharField(max_length=100, blank=True, default="")
    kinds = TextArrayField()
    seed = models.CharField(max_length=22, unique=True)
    generation = models.PositiveSmallIntegerField(default=1)
    rotated_at = models.DateTimeField(null=True)
    since_entry = models.BigIntegerField()
    created_at = models.DateTimeField()
    failing_since = models.DateTimeField(null=True)
    off_at = models.DateTimeField(null=True)
    off_reason = models.CharField(max_length=10, choices=Off, blank=True, default="")

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="webhook_off_has_reason",
                condition=Q(off_at__isnull=True, off_reason="")
                | Q(off_at__isnull=False, off_reason__in=["staff", "gone", "failing"]),
            ),
            models.CheckConstraint(name="webhook_generation", condition=Q(generation__gte=1)),
        ]


class WebhookDelivery(models.Model):
    """One entry for one endpoint; ``entry`` is null for a test.

    ``message_id`` stays the same over retries, so that what arrives twice is one message to its receiver.
    ``code``: the HTTP status last answered; ``error``: a short word for what went wrong last.
    """

    class Status(models.TextChoices):
        QUEUED = "queued"
        SENDING = "sending"
        SENT = "sent"
        FAILED = "failed"

    id = models.BigAutoField(primary_key=True)
    endpoint = models.ForeignKey(
        WebhookEndpoint, on_delete=models.CASCADE, related_name="deliveries", db_index=False
    )
    entry = models.ForeignKey(
        JournalEntry, on_delete=models.PROTECT, related_name="+", null=True, db_index=False
    )
    kind = models.CharField(max_length=60)
    message_id = models.CharField(max_length=40, unique=True)
    status = models.CharField(max_length=10, choices=Status, default=Status.QUEUED)
    attempts = models.PositiveSmallIntegerField(default=0)
    due_at = models.DateTimeField()
    created_at = models.DateTimeField()
    sent_at = models.DateTimeField(null=True)
    code = models.PositiveSmallIntegerField(null=True)
    error = models.CharField(max_length=20, blank=True, default="")

    class Meta:
        indexes = [
            models.Index(
                fields=["endpoint", "due_at"],
                name="webhook_due",
                condition=Q(status__in=["queued", "sending"]),
            ),
            models.Index(fields=["endpoint", "-id"], name="webhook_log"),
            models.Index(fields=["endpoint", "-id"], name="webhook_failed", condition=Q(status="failed")),
        ]
        constraints = [
            models.UniqueConstraint(fields=["endpoint", "entry"], name="webhook_entry_once"),
            models.CheckConstraint(
                name="webhook_status", condition=Q(status__in=["queued", "sending", "sent", "failed"])
            ),
            models.CheckConstraint(
                name="webhook_sent_has_time", condition=~Q(status="sent") | Q(sent_at__isnull=False)
            ),
        ]
