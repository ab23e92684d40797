"""Ways of sending: where to, how long it takes, what it costs."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Coalesce

EVERYWHERE = ""
"""The country of a destination that stands for all countries its method does not name."""


class ShippingMethod(models.Model):
    """A way of sending. ``handling``: working days, in the shop's country, until the parcel leaves."""

    code = models.SlugField(max_length=40, unique=True)
    name = models.CharField(max_length=80)
    translations = models.JSONField(default=dict, blank=True)
    """Language → name; the column holds the shop's first language."""
    position = models.SmallIntegerField(default=0)
    active = models.BooleanField(default=True)
    handling_from = models.SmallIntegerField(default=0)
    handling_until = models.SmallIntegerField(default=0)

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="shipping_handling",
                condition=Q(handling_from__gte=0, handling_until__gte=F("handling_from")),
            ),
        ]


class ShippingDestination(models.Model):
    """A country a method goes to, and the working days there that the way takes.

    ``country`` EVERYWHERE: all the method does not name; a country's own row wins over it.
    """

    method = models.ForeignKey(ShippingMethod, on_delete=models.CASCADE, related_name="destinations")
    country = models.CharField(max_length=2, blank=True, default=EVERYWHERE)
    days_from = models.SmallIntegerField(default=1)
    days_until = models.SmallIntegerField(default=3)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["method", "country"], name="destination_once"),
            models.CheckConstraint(name="destination_country", condition=Q(country__regex=r"^([A-Z]{2})?$")),
            models.CheckConstraint(
                name="destination_days", condition=Q(days_from__gte=0, days_until__gte=F("days_from"))
            ),
        ]


class ShippingRate(models.Model):
    """What a destination costs in a currency from a weight and a goods total on, both up to and including a most.

    Rates may overlap: of those that fit a cart the cheapest counts, so that "free from 50" is one more rate.
    """

    destination = models.ForeignKey(ShippingDestination, on_delete=models.CASCADE, related_name="rates")
    currency = models.CharField(max_length=3)
    weight_from = models.IntegerField(default=0, db_default=0)
    weight_most = models.IntegerField(null=True)
    """Grams; null: any weight."""
    total_from = models.BigIntegerField(default=0)
    total_most = models.BigIntegerField(null=True)
    """Minor units of the goods; null: any total."""
    price_minor = models.BigIntegerField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                "destination",
                "currency",
                "weight_from",
                Coalesce("weight_most", -1),
                "total_from",
                Coalesce("total_most", -1),
                name="rate_once",
            ),
            models.CheckConstraint(name="rate_currency", condition=Q(currency__regex=r"^[A-Z]{3}$")),
            models.CheckConstraint(
                name="rate_price", condition=Q(price_minor__gte=0, price_minor__lte=10**12)
            ),
            models.CheckConstraint(
                name="rate_weight",
                condition=Q(weight_from__gte=0)
                & (Q(weight_most__isnull=True) | Q(weight_most__gte=F("weight_from"))),
            ),
            models.CheckConstraint(
                name="rate_total",
                condition=Q(total_from__gte=0)
                & (Q(total_most__isnull=True) | Q(total_most__gte=F("total_from"))),
            ),
        ]
