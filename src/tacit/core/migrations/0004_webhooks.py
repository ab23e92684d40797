"""Receivers of webhooks, and one row for each message to each of them."""

import django.db.models.deletion
from django.db import migrations, models
from django.db.models import Q

import tacit.core.fields

OFF = [("staff", "Staff"), ("gone", "Gone"), ("failing", "Failing")]
STATUSES = [("queued", "Queued"), ("sending", "Sending"), ("sent", "Sent"), ("failed", "Failed")]
IS_ON = Q(("off_at__isnull", True), ("off_reason", ""))
IS_OFF = Q(("off_at__isnull", False), ("off_reason__in", [reason for reason, _ in OFF]))


class Migration(migrations.Migration):
    dependencies = [("core", "0003_demo")]
    operations = [
        migrations.CreateModel(
            name="WebhookEndpoint",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                ("url", models.CharField(max_length=500, unique=True)),
                ("description", models.CharField(blank=True, default="", max_length=100)),
                ("kinds", tacit.core.fields.TextArrayField()),
                ("seed", models.CharField(max_length=22, unique=True)),
                ("generation", models.PositiveSmallIntegerField(default=1)),
                ("rotated_at", models.DateTimeField(null=True)),
                ("since_entry", models.BigIntegerField()),
                ("created_at", models.DateTimeField()),
                ("failing_since", models.DateTimeField(null=True)),
                ("off_at", models.DateTimeField(null=True)),
                ("off_reason", models.CharField(blank=True, choices=OFF, default="", max_length=10)),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(condition=IS_ON | IS_OFF, name="webhook_off_has_reason"),
                    models.CheckConstraint(condition=Q(generation__gte=1), name="webhook_generation"),
                ]
            },
        ),
        migrations.CreateModel(
            name="WebhookDelivery",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                ("kind", models.CharField(max_length=60)),
                ("message_id", models.CharField(max_length=40, unique=True)),
                ("status", models.CharField(choices=STATUSES, default="queued", max_length=10)),
                ("attempts", models.PositiveSmallIntegerField(default=0)),
                ("due_at", models.DateTimeField()),
                ("created_at", models.DateTimeField()),
                ("sent_at", models.DateTimeField(null=True)),
                ("code", models.PositiveSmallIntegerField(null=True)),
                ("error", models.CharField(blank=True, default="", max_length=20)),
                (
                    "entry",
                    models.ForeignKey(
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="core.journalentry",
                    ),
                ),
                (
                    "endpoint",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="deliveries",
                        to="core.webhookendpoint",
                    ),
                ),
            ],
            options={
                "indexes": [
                    models.Index(
                        condition=Q(status__in=["queued", "sending"]),
                        fields=["endpoint", "due_at"],
                        name="webhook_due",
                    ),
                    models.Index(fields=["endpoint", "-id"], name="webhook_log"),
                    models.Index(
                        condition=Q(status="failed"), fields=["endpoint", "-id"], name="webhook_failed"
                    ),
                ],
                "constraints": [
                    models.UniqueConstraint(fields=["endpoint", "entry"], name="webhook_entry_once"),
                    models.CheckConstraint(
                        condition=Q(status__in=[status for status, _ in STATUSES]), name="webhook_status"
                    ),
                    models.CheckConstraint(
                        condition=~Q(status="sent") | Q(sent_at__isnull=False), name="webhook_sent_has_time"
                    ),
                ],
            },
        ),
    ]
