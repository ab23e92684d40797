"""The ledger of money movements, opened with what every payment has come to, and what disagrees with it."""

import django.db.models.deletion
from django.db import migrations, models
from django.db.models import F, Q

KINDS = ["authorised", "captured", "refunded", "released"]
WHAT = [
    "ledger_authorised",
    "ledger_captured",
    "ledger_refunded",
    "ledger_released",
    "promised_capture",
    "promised_refund",
    "provider_amount",
    "provider_authorised",
    "provider_captured",
    "provider_refunded",
    "provider_held",
    "provider_missing",
    "opened_twice",
    "opened_unknown",
    "order_lines",
    "order_total",
    "order_unpaid",
    "order_waits",
    "order_above",
    "order_kept",
    "order_held",
]

# What was never counted: authorised and not taken, of payments of which nothing more is taken.
RELEASED = """
UPDATE checkout_payment SET released_minor = authorised_minor - captured_minor
WHERE state IN ('captured', 'voided', 'declined')
"""
OPENING = """
INSERT INTO checkout_moneymovement (payment_id, kind, amount_minor, before_minor, currency, key, at)
SELECT p.id, m.kind, m.amount, 0, p.currency, '',
  coalesce((SELECT max(i.done_at) FROM checkout_moneyintent i WHERE i.payment_id = p.id AND i.state = 'done'
    AND i.kind = m.intent), p.created_at)
FROM checkout_payment p CROSS JOIN LATERAL (VALUES
  ('authorised', '', p.authorised_minor), ('captured', 'capture', p.captured_minor),
  ('refunded', 'refund', p.refunded_minor), ('released', 'void', p.released_minor)) m (kind, intent, amount)
WHERE m.amount > 0;
SET CONSTRAINTS ALL IMMEDIATE
"""
FORBID = """
CREATE TRIGGER movement_append_only BEFORE UPDATE OR DELETE ON checkout_moneymovement
  FOR EACH ROW EXECUTE FUNCTION core_append_only();
CREATE TRIGGER movement_never_emptied BEFORE TRUNCATE ON checkout_moneymovement
  FOR EACH STATEMENT EXECUTE FUNCTION core_append_only();
"""
ALLOW = """
DROP TRIGGER movement_append_only ON checkout_moneymovement;
DROP TRIGGER movement_never_emptied ON checkout_moneymovement;
"""


def key():
    return models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")


class Migration(migrations.Migration):
    dependencies = [("checkout", "0005_parcels_settled"), ("core", "0002_journal_append_only")]
    operations = [
        migrations.AddField("payment", "released_minor", models.BigIntegerField(default=0, db_default=0)),
        migrations.AddField("payment", "compared_at", models.DateTimeField(null=True)),
        migrations.RunSQL(RELEASED, migrations.RunSQL.noop),
        migrations.AddConstraint(
            "payment",
            models.CheckConstraint(
                name="payment_released_within_authorised",
                condition=Q(
                    released_minor__gte=0, authorised_minor__gte=F("captured_minor") + F("released_minor")
                ),
            ),
        ),
        migrations.AddIndex(
            "payment",
            models.Index(F("compared_at").asc(nulls_first=True), name="payment_compared"),
        ),
        migrations.CreateModel(
            "MoneyMovement",
            [
                ("id", key()),
                ("kind", models.CharField(choices=[(kind, kind) for kind in KINDS], max_length=10)),
                ("amount_minor", models.BigIntegerField()),
                ("before_minor", models.BigIntegerField()),
                ("currency", models.CharField(max_length=3)),
                ("key", models.CharField(blank=True, default="", max_length=120)),
                ("at", models.DateTimeField()),
                (
                    "payment",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="movements",
                        to="checkout.payment",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=["payment", "kind", "before_minor"], name="movement_once"),
                    models.CheckConstraint(
                        name="movement_amount", condition=Q(amount_minor__gt=0, before_minor__gte=0)
                    ),
                    models.CheckConstraint(name="movement_kind", condition=Q(kind__in=KINDS)),
                ]
            },
        ),
        migrations.RunSQL(OPENING, migrations.RunSQL.noop),
        migrations.RunSQL(FORBID, ALLOW),
        migrations.CreateModel(
            "MoneyDrift",
            [
                ("id", key()),
                ("reference", models.CharField(max_length=160)),
                ("what", models.CharField(choices=[(what, what) for what in WHAT], max_length=24)),
                ("ours_minor", models.BigIntegerField()),
                ("theirs_minor", models.BigIntegerField()),
                ("currency", models.CharField(max_length=3)),
                ("since", models.DateTimeField()),
                ("last_seen", models.DateTimeField()),
                ("gone_at", models.DateTimeField(null=True)),
                (
                    "order",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="checkout.order",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        condition=Q(gone_at__isnull=True),
                        fields=["reference", "what"],
                        name="drift_open_once",
                    ),
                    models.CheckConstraint(name="drift_what", condition=Q(what__in=WHAT)),
                ]
            },
        ),
        # Addresses of hosted pages are longer than one thinks.
        migrations.AlterField(
            "payment", "action_url", models.CharField(blank=True, default="", max_length=2000)
        ),
    ]
