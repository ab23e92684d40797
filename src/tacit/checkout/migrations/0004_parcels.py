"""Parcels that go through a carrier: what it is asked by, what it said, and when it is asked next."""

import django.db.models.deletion
from django.db import migrations, models
from django.db.models import F, Q

from tacit.checkout.types.carrier import ParcelState

STATES = ["by_hand", "waiting", "handed_over", "on_its_way", "delayed", "delivered", "lost"]
CHOICES = [(ParcelState(state), ParcelState(state)) for state in STATES]


def since_it_left(apps, schema_editor):
    apps.get_model("checkout", "Shipment").objects.update(state_at=F("shipped_at"))


class Migration(migrations.Migration):
    dependencies = [("checkout", "0003_delivery")]
    operations = [
        migrations.AddField("shipment", "through", models.CharField(blank=True, default="", max_length=40)),
        migrations.AddField("shipment", "reference", models.CharField(max_length=40, null=True, unique=True)),
        migrations.AddField(
            "shipment",
            "state",
            models.CharField(choices=CHOICES, default=ParcelState.BY_HAND, max_length=12),
        ),
        migrations.AddField("shipment", "state_at", models.DateTimeField(null=True)),
        migrations.RunPython(since_it_left, migrations.RunPython.noop),
        migrations.AlterField("shipment", "state_at", models.DateTimeField()),
        migrations.AddField("shipment", "expected", models.DateField(null=True)),
        migrations.AddField("shipment", "look_at", models.DateTimeField(null=True)),
        migrations.AddField("shipment", "attempts", models.PositiveSmallIntegerField(default=0)),
        migrations.AddField("shipment", "error", models.CharField(blank=True, default="", max_length=300)),
        migrations.AddIndex(
            "shipment",
            models.Index(fields=["look_at"], name="parcel_due", condition=Q(look_at__isnull=False)),
        ),
        migrations.AddIndex(
            "shipment",
            models.Index(
                fields=["state"], name="parcel_open", condition=~Q(state__in=["by_hand", "delivered"])
            ),
        ),
        migrations.AddConstraint(
            "shipment", models.CheckConstraint(name="parcel_state", condition=Q(state__in=STATES))
        ),
        migrations.AddConstraint(
            "shipment",
            models.CheckConstraint(
                name="parcel_by_hand_or_through",
                condition=Q(state="by_hand", through="", reference__isnull=True)
                | (~Q(state="by_hand") & ~Q(through="") & Q(reference__isnull=False)),
            ),
        ),
        migrations.AddConstraint(
            "shipment",
            models.CheckConstraint(
                name="parcel_taken_has_tracking",
                condition=Q(state__in=["by_hand", "waiting"]) | ~Q(tracking=""),
            ),
        ),
        migrations.AddConstraint(
            "shipment",
            models.CheckConstraint(
                name="parcel_waiting_is_looked_after",
                condition=~Q(state="waiting") | Q(look_at__isnull=False),
            ),
        ),
        migrations.AddConstraint(
            "shipment",
            models.CheckConstraint(
                name="parcel_over_is_not_looked_after",
                condition=~Q(state__in=["by_hand", "delivered"]) | Q(look_at__isnull=True),
            ),
        ),
        migrations.CreateModel(
            "ShipmentEvent",
            [
                (
                    "id",
                    models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID"),
                ),
                ("state", models.CharField(choices=CHOICES, max_length=12)),
                ("at", models.DateTimeField()),
                ("noted_at", models.DateTimeField()),
                (
                    "shipment",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="events",
                        to="checkout.shipment",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=["shipment", "state", "at"], name="shipment_event_once"),
                    models.CheckConstraint(name="shipment_event_state", condition=Q(state__in=STATES)),
                ]
            },
        ),
    ]
