"""Tables every room shares: the journal, its readers, the mail outbox; and what a demo does to itself."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from tacit.core.fields import CurrentTransactionId, TransactionIdField


class JournalEntry(models.Model):
    """One thing that happened. Append-only: a trigger refuses UPDATE and DELETE.

    ``xid`` orders entries by the transaction that wrote them; readers stop below the oldest one still open.
    """

    id = models.BigAutoField(primary_key=True)
    xid = TransactionIdField(db_default=CurrentTransactionId(), editable=False)
    kind = models.CharField(max_length=60)
    at = models.DateTimeField()
    historic = models.BooleanField(default=False)
    data = models.JSONField()

    class Meta:
        indexes = [models.Index(fields=["xid", "id"], name="journal_commit_order")]


class JournalReader(models.Model):
    """How far one reader has come: everything up to (``xid``, ``entry``) is handled."""

    name = models.CharField(max_length=100, primary_key=True)
    xid = TransactionIdField(default="0")
    entry = models.BigIntegerField(default=0)
    read_at = models.DateTimeField(null=True)


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


class DemoClock(models.Model):
    """How far a demo's clock is ahead of the world: one row or none. Read and written in demos only."""

    id = models.SmallIntegerField(primary_key=True, default=1)
    ahead_seconds = models.BigIntegerField()

    class Meta:
        constraints = [
            models.CheckConstraint(name="demo_clock_only_one", condition=Q(id=1)),
            models.CheckConstraint(
                name="demo_clock_ahead", condition=Q(ahead_seconds__gte=0, ahead_seconds__lte=366 * 86400)
            ),
        ]


class RoomTrouble(models.Model):
    """Trouble made in a room of a demo on purpose."""

    room = models.CharField(max_length=40, primary_key=True)
    slow_ms = models.IntegerField(default=0)
    dead = models.BooleanField(default=False)

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="room_trouble_delay", condition=Q(slow_ms__gte=0, slow_ms__lte=10_000)
            ),
        ]
