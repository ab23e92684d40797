"""What somebody is about to buy, and at which price."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import F, Q

LARGEST_QUANTITY = 999
_CURRENCY = r"^[A-Z]{3}$"


class Cart(models.Model):
    """What somebody is about to buy. The token is 128 random bits in their cookie: holding it is owning it."""

    token = models.CharField(max_length=32, primary_key=True)
    currency = models.CharField(max_length=3)
    person = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+"
    )
    created_at = models.DateTimeField()
    updated_at = models.DateTimeField()

    class Meta:
        constraints = [models.CheckConstraint(name="cart_currency", condition=Q(currency__regex=_CURRENCY))]


class CartLine(models.Model):
    cart = models.ForeignKey(Cart, on_delete=models.CASCADE, related_name="lines")
    variant = models.ForeignKey("catalog.Variant", on_delete=models.CASCADE, related_name="+")
    quantity = models.IntegerField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["cart", "variant"], name="cart_variant_once"),
            models.CheckConstraint(
                name="cart_quantity", condition=Q(quantity__gte=1, quantity__lte=LARGEST_QUANTITY)
            ),
        ]


class PriceLimit(models.Model):
    """How many units may be sold in all by grants that share this ``key``."""

    key = models.CharField(max_length=120, primary_key=True)
    allowed = models.IntegerField()
    used = models.IntegerField(default=0)

    class Meta:
        constraints = [
            models.CheckConstraint(name="price_limit_kept", condition=Q(used__gte=0, used__lte=F("allowed")))
        ]


class PriceGrant(models.Model):
    """Another room's permission to sell up to ``quantity`` units of a cart line at ``unit_minor``.

    Checkout never asks why; ``reason`` is kept for people. Lapsed at ``expires_at``.
    """

    key = models.CharField(max_length=120, unique=True)
    cart_line = models.ForeignKey(CartLine, on_delete=models.CASCADE, related_name="grants")
    unit_minor = models.BigIntegerField()
    currency = models.CharField(max_length=3)
    quantity = models.IntegerField()
    expires_at = models.DateTimeField()
    limit = models.ForeignKey(PriceLimit, null=True, on_delete=models.PROTECT, related_name="+")
    reason = models.CharField(max_length=200)

    class Meta:
        constraints = [
            models.CheckConstraint(name="grant_unit", condition=Q(unit_minor__gte=0)),
            models.CheckConstraint(name="grant_quantity", condition=Q(quantity__gte=1)),
        ]
