"""Parcels their carrier refuses, and how what went wrong with a parcel was made good."""

from django.db import migrations, models
from django.db.models import Q

from tacit.checkout.types.carrier import ParcelState, Settled

STATES = ["by_hand", "waiting", "refused", "handed_over", "on_its_way", "delayed", "delivered", "lost"]
CHOICES = [(ParcelState(state), ParcelState(state)) for state in STATES]
HOW = ["sent_again", "refunded", "other"]
CHANGED = {
    "parcel_state": Q(state__in=STATES),
    "parcel_taken_has_tracking": Q(state__in=["by_hand", "waiting", "refused"]) | ~Q(tracking=""),
    "parcel_over_is_not_looked_after": ~Q(state__in=["by_hand", "delivered", "refused"])
    | Q(look_at__isnull=True),
}


class Migration(migrations.Migration):
    dependencies = [("checkout", "0004_parcels")]
    operations = [
        migrations.AddField("shipment", "trying", models.BooleanField(default=False)),
        migrations.AddField("shipment", "settled_at", models.DateTimeField(null=True)),
        migrations.AddField(
            "shipment",
            "settled",
            models.CharField(
                blank=True, choices=[(Settled(how), Settled(how)) for how in HOW], default="", max_length=12
            ),
        ),
        migrations.AlterField(
            "shipment",
            "state",
            models.CharField(choices=CHOICES, default=ParcelState.BY_HAND, max_length=12),
        ),
        migrations.AlterField("shipmentevent", "state", models.CharField(choices=CHOICES, max_length=12)),
        *(
            operation
            for name, condition in CHANGED.items()
            for operation in (
                migrations.RemoveConstraint("shipment", name),
                migrations.AddConstraint("shipment", models.CheckConstraint(name=name, condition=condition)),
            )
        ),
        migrations.AddConstraint(
            "shipment",
            models.CheckConstraint(
                name="parcel_refused_says_why", condition=~Q(state="refused") | ~Q(error="")
            ),
        ),
        migrations.AddConstraint(
            "shipment",
            models.CheckConstraint(
                name="parcel_settled_somehow",
                condition=Q(settled_at__isnull=True, settled="")
                | Q(settled_at__isnull=False, settled__in=HOW),
            ),
        ),
        migrations.RemoveConstraint("shipmentevent", "shipment_event_state"),
        migrations.AddConstraint(
            "shipmentevent",
            models.CheckConstraint(name="shipment_event_state", condition=Q(state__in=STATES)),
        ),
    ]
