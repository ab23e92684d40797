"""Parcels handed over."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from tacit.checkout.models.orders import Order, OrderLine


class Shipment(models.Model):
    """One parcel handed over. ``key`` makes handing it over twice impossible."""

    order = models.ForeignKey(Order, on_delete=models.PROTECT, related_name="shipments")
    key = models.CharField(max_length=80, unique=True)
    carrier = models.CharField(max_length=60, blank=True)
    tracking = models.CharField(max_length=80, blank=True)
    shipped_at = models.DateTimeField()


class ShipmentLine(models.Model):
    shipment = models.ForeignKey(Shipment, on_delete=models.CASCADE, related_name="lines")
    order_line = models.ForeignKey(OrderLine, on_delete=models.PROTECT, related_name="+")
    quantity = models.IntegerField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["shipment", "order_line"], name="shipment_line_once"),
            models.CheckConstraint(name="shipment_quantity", condition=Q(quantity__gte=1)),
        ]
