"""Ways of sending."""

from __future__ import annotations

from django.db import models
from django.db.models import Q


class ShippingMethod(models.Model):
    """A way of sending: ``price_minor`` flat, nothing once the goods reach ``free_over_minor``."""

    code = models.SlugField(max_length=40)
    name = models.CharField(max_length=80)
    translations = models.JSONField(default=dict, blank=True)
    """Language → name; the column holds the shop's first language."""
    currency = models.CharField(max_length=3)
    price_minor = models.BigIntegerField()
    free_over_minor = models.BigIntegerField(null=True)
    position = models.SmallIntegerField(default=0)
    active = models.BooleanField(default=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["code", "currency"], name="shipping_method_once"),
            models.CheckConstraint(
                name="shipping_price",
                condition=Q(price_minor__gte=0)
                & (Q(free_over_minor__isnull=True) | Q(free_over_minor__gte=0)),
            ),
        ]
