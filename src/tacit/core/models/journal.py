"""The journal and how far its readers have come."""

from __future__ import annotations

from django.db import models

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
