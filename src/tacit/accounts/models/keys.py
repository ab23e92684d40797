"""Keys that programs show in place of a person."""

from __future__ import annotations

import uuid

from django.db import models
from django.db.models import F, Q

from tacit.core.fields import TextArrayField


class ProgramKey(models.Model):
    """A key a program may use until it expires or is revoked. Only its keyed hash is kept.

    ``begins``: its first characters, so that staff can tell keys apart. ``created_by``: an opaque person id.
    ``last_used_at`` is no finer than ``rules.keys.USED_EVERY``.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    name = models.CharField(max_length=60)
    begins = models.CharField(max_length=16)
    hash = models.CharField(max_length=64, unique=True)
    scopes = TextArrayField()
    created_by = models.CharField(max_length=40)
    created_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    last_used_at = models.DateTimeField(null=True)
    revoked_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(name="program_key_expires", condition=Q(expires_at__gt=F("created_at"))),
        ]
