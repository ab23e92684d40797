"""Parcels handed over, and what became of them."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from tacit.checkout.models.orders import Order, OrderLine
from tacit.checkout.types.carrier import ParcelState, Settled

_STATES = [(state, state) for state in ParcelState]


class Shipment(models.Model):
    """One parcel. ``key`` makes sending it twice impossible.

    ``through`` is the carrier port it goes through, which is asked by ``reference``; '' when somebody typed
    ``carrier`` and ``tracking``. ``look_at``: when the carrier is asked next, null when never; ``trying``: until
    then somebody is at it. ``settled``: how what went wrong with it was made good, since ``settled_at``.
    """

    order = models.ForeignKey(Order, on_delete=models.PROTECT, related_name="shipments")
    key = models.CharField(max_length=80, unique=True)
    carrier = models.CharField(max_length=60, blank=True)
    tracking = models.CharField(max_length=80, blank=True)
    shipped_at = models.DateTimeField()
    through = models.CharField(max_length=40, blank=True, default="")
    reference = models.CharField(max_length=40, null=True, unique=True)  # noqa: DJ001 - null: nobody is asked
    state = models.CharField(max_length=12, choices=_STATES, default=ParcelState.BY_HAND)
    state_at = models.DateTimeField()
    expected = models.DateField(null=True)
    look_at = models.DateTimeField(null=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    trying = models.BooleanField(default=False)
    error = models.CharField(max_length=300, blank=True, default="")
    settled_at = models.DateTimeField(null=True)
    settled = models.CharField(max_length=12, choices=[(how, how) for how in Settled], blank=True, default="")

    class Meta:
        indexes = [
            models.Index(fields=["look_at"], name="parcel_due", condition=Q(look_at__isnull=False)),
            models.Index(
                fields=["state"], name="parcel_open", condition=~Q(state__in=["by_hand", "delivered"])
            ),
        ]
        constraints = [
            models.CheckConstraint(name="parcel_state", condition=Q(state__in=list(ParcelState))),
            models.CheckConstraint(
                name="parcel_by_hand_or_through",
                condition=Q(state=ParcelState.BY_HAND, through="", reference__isnull=True)
                | (~Q(state=ParcelState.BY_HAND) & ~Q(through="") & Q(reference__isnull=False)),
            ),
            models.CheckConstraint(
                name="parcel_taken_has_tracking",
                condition=Q(state__in=[ParcelState.BY_HAND, ParcelState.WAITING, ParcelState.REFUSED])
                | ~Q(tracking=""),
            ),
            models.CheckConstraint(
                name="parcel_waiting_is_looked_after",
                condition=~Q(state=ParcelState.WAITING) | Q(look_at__isnull=False),
            ),
            models.CheckConstraint(
                name="parcel_over_is_not_looked_after",
                condition=~Q(state__in=[ParcelState.BY_HAND, ParcelState.DELIVERED, ParcelState.REFUSED])
                | Q(look_at__isnull=True),
            ),
            models.CheckConstraint(
                name="parcel_refused_says_why", condition=~Q(state=ParcelState.REFUSED) | ~Q(error="")
            ),
            models.CheckConstraint(
                name="parcel_settled_somehow",
                condition=Q(settled_at__isnull=True, settled="")
                | Q(settled_at__isnull=False, settled__in=list(Settled)),
            ),
        ]


class ShipmentLine(models.Model):
    shipment = models.ForeignKey(Shipment, on_delete=models.CASCADE, related_name="lines")
    order_line = models.ForeignKey(OrderLine, on_delete=models.PROTECT, related_name="+")
    quantity = models.IntegerField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["shipment", "order_line"], name="shipment_line_once"),
            models.CheckConstraint(name="shipment_quantity", condition=Q(quantity__gte=1)),
        ]


class ShipmentEvent(models.Model):
    """One thing that happened to a parcel, as its carrier told it; ``noted_at`` is when we heard."""

    shipment = models.ForeignKey(Shipment, on_delete=models.CASCADE, related_name="events")
    state = models.CharField(max_length=12, choices=_STATES)
    at = models.DateTimeField()
    noted_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["shipment", "state", "at"], name="shipment_event_once"),
            models.CheckConstraint(name="shipment_event_state", condition=Q(state__in=list(ParcelState))),
        ]
