"""Ways to pay that somebody asked to have kept for next time."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q


class SavedMethod(models.Model):
    """A provider's token of an instrument, kept because its owner ticked it. No card number ever comes here.

    ``customer``: the provider's own id of the person. What is removed serves nobody from then on; the row goes
    once the provider has forgotten it too (``forget_at``: when that is tried next).
    """

    reference = models.CharField(max_length=32, unique=True)
    """Ours, opaque: what forms and programs choose it by."""
    person = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+"
    )
    provider = models.CharField(max_length=40)
    token = models.CharField(max_length=200)
    customer = models.CharField(max_length=120, blank=True, default="")
    label = models.CharField(max_length=60)
    expires = models.DateField(null=True)
    fingerprint = models.CharField(max_length=120, blank=True, default="")
    is_default = models.BooleanField(default=False)
    created_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True)
    removed_at = models.DateTimeField(null=True)
    forget_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [
            models.Index(fields=["person"], name="method_of_person", condition=Q(removed_at__isnull=True)),
            models.Index(
                fields=["forget_at"],
                name="method_to_forget",
                condition=Q(removed_at__isnull=False),
            ),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["provider", "token"],
                condition=Q(removed_at__isnull=True),
                name="method_token_once",
            ),
            models.UniqueConstraint(
                fields=["person"], condition=Q(is_default=True), name="method_one_default"
            ),
            models.CheckConstraint(
                name="method_default_is_there", condition=Q(is_default=False) | Q(removed_at__isnull=True)
            ),
            models.CheckConstraint(
                name="method_removed_is_forgotten",
                condition=Q(removed_at__isnull=True, forget_at__isnull=True)
                | Q(removed_at__isnull=False, forget_at__isnull=False),
            ),
            models.CheckConstraint(
                name="method_has_owner", condition=Q(person__isnull=False) | Q(removed_at__isnull=False)
            ),
            models.CheckConstraint(name="method_token", condition=~Q(token="")),
        ]
