"""The mail outbox."""

from __future__ import annotations

from django.db import models
from django.db.models import Q


class OutboxMail(models.Model):
    """A message to send, written in the transaction that caused it.

    ``dedupe`` makes writing idempotent: the same cause never writes a second message. ``message_id`` stays
    the same over retries, so that a message sent twice by a crash is one message to its reader.
    """

    class Status(models.TextChoices):
        QUEUED = "queued"
        SENDING = "sending"
        SENT = "sent"
        FAILED = "failed"

    id = models.BigAutoField(primary_key=True)
    dedupe = models.CharField(max_length=200, unique=True)
    message_id = models.CharField(max_length=200, unique=True)
    to = models.EmailField(max_length=254)
    subject = models.CharField(max_length=200)
    text = models.TextField()
    html = models.TextField()
    status = models.CharField(max_length=10, choices=Status, default=Status.QUEUED)
    attempts = models.PositiveSmallIntegerField(default=0)
    due_at = models.DateTimeField()
    created_at = models.DateTimeField()
    sent_at = models.DateTimeField(null=True)
    error = models.TextField(blank=True, default="")

    class Meta:
        indexes = [
            models.Index(fields=["due_at"], name="mail_due", condition=Q(status__in=["queued", "sending"]))
        ]
        constraints = [
            models.CheckConstraint(
                name="mail_status", condition=Q(status__in=["queued", "sending", "sent", "failed"])
            ),
            models.CheckConstraint(
                name="mail_sent_has_time", condition=~Q(status="sent") | Q(sent_at__isnull=False)
            ),
        ]
