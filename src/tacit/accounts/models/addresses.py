"""Addresses people asked us to keep."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from tacit.accounts.models.people import Person


class SavedAddress(models.Model):
    """An address of ``person``; no two of one person are the same, and at most one is where things go by default."""

    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="+")
    label = models.CharField(max_length=40, blank=True, default="")
    """What its owner calls it, '' when it has no name."""
    name = models.CharField(max_length=100)
    line1 = models.CharField(max_length=120)
    line2 = models.CharField(max_length=120, blank=True, default="")
    postcode = models.CharField(max_length=20)
    city = models.CharField(max_length=80)
    country = models.CharField(max_length=2)
    is_default = models.BooleanField(default=False)
    created_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["person", "name", "line1", "line2", "postcode", "city", "country"],
                name="address_kept_once",
            ),
            models.UniqueConstraint(
                fields=["person"], condition=Q(is_default=True), name="address_one_default"
            ),
            models.CheckConstraint(name="address_country", condition=Q(country__regex=r"^[A-Z]{2}$")),
        ]
