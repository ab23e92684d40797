"""What people said yes or no to."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from tacit.accounts.types import Purpose, Source


class Consent(models.Model):
    """One answer of one person to one purpose; the latest counts. Append-only: a trigger refuses UPDATE and DELETE.

    ``person`` is the opaque id alone, so that the row outlives an erasure. ``text_version``: number and language of
    the sentence that was shown (``wording.CONSENT_TEXTS``), such as 1-de.
    """

    id = models.BigAutoField(primary_key=True)
    person = models.UUIDField()
    purpose = models.CharField(max_length=40, choices=[(p, p) for p in Purpose])
    granted = models.BooleanField()
    source = models.CharField(max_length=20, choices=[(s, s) for s in Source])
    text_version = models.CharField(max_length=20)
    at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["person", "purpose", "-id"], name="consent_latest")]
        constraints = [
            models.CheckConstraint(name="consent_purpose", condition=Q(purpose__in=list(Purpose))),
            models.CheckConstraint(name="consent_source", condition=Q(source__in=list(Source))),
            models.CheckConstraint(name="consent_text", condition=~Q(text_version="")),
        ]
