"""Ways to pay kept for next time; orders that their buyer may undo for some minutes."""

from django.conf import settings
from django.db import migrations, models
from django.db.models import Q


class Migration(migrations.Migration):
    dependencies = [
        ("checkout", "0006_ledger"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]
    operations = [
        migrations.CreateModel(
            name="SavedMethod",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("reference", models.CharField(max_length=32, unique=True)),
                ("provider", models.CharField(max_length=40)),
                ("token", models.CharField(max_length=200)),
                ("customer", models.CharField(blank=True, default="", max_length=120)),
                ("label", models.CharField(max_length=60)),
                ("expires", models.DateField(null=True)),
                ("fingerprint", models.CharField(blank=True, default="", max_length=120)),
                ("is_default", models.BooleanField(default=False)),
                ("created_at", models.DateTimeField()),
                ("used_at", models.DateTimeField(null=True)),
                ("removed_at", models.DateTimeField(null=True)),
                ("forget_at", models.DateTimeField(null=True)),
                (
                    "person",
                    models.ForeignKey(
                        null=True,
                        on_delete=models.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "indexes": [
                    models.Index(
                        fields=["person"], name="method_of_person", condition=Q(removed_at__isnull=True)
                    ),
                    models.Index(
                        fields=["forget_at"],
                        name="method_to_forget",
                        condition=Q(removed_at__isnull=False),
                    ),
                ],
                "constraints": [
                    models.UniqueConstraint(
                        fields=["provider", "token"],
                        condition=Q(removed_at__isnull=True),
                        name="method_token_once",
                    ),
                    models.UniqueConstraint(
                        fields=["person"], condition=Q(is_default=True), name="method_one_default"
                    ),
                    models.CheckConstraint(
                        name="method_default_is_there",
                        condition=Q(is_default=False) | Q(removed_at__isnull=True),
                    ),
                    models.CheckConstraint(
                        name="method_removed_is_forgotten",
                        condition=Q(removed_at__isnull=True, forget_at__isnull=True)
                        | Q(removed_at__isnull=False, forget_at__isnull=False),
                    ),
                    models.CheckConstraint(
                        name="method_has_owner",
                        condition=Q(person__isnull=False) | Q(removed_at__isnull=False),
                    ),
                    models.CheckConstraint(name="method_token", condition=~Q(token="")),
                ],
            },
        ),
        migrations.AddField("payment", "keep", models.BooleanField(default=False, db_default=False)),
        migrations.AddField(
            "payment",
            "saved",
            models.ForeignKey(
                null=True, on_delete=models.SET_NULL, related_name="+", to="checkout.savedmethod"
            ),
        ),
        migrations.AddField("order", "undo_until", models.DateTimeField(null=True)),
    ]
