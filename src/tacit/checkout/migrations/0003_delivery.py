import django.db.models.deletion
from django.db import migrations, models
from django.db.models import F, Q
from django.db.models.functions import Coalesce

KEY = models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")

# One method a code, going everywhere, with a rate for each of its currencies and another for "free over"; where
# both begin at 0, the lower price. It is active if one of its currencies was, with the rates of those that were.
CONVERT = """
INSERT INTO checkout_shippingdestination (method_id, country, days_from, days_until)
SELECT min(id), '', 1, 3 FROM checkout_shippingmethod GROUP BY code;
INSERT INTO checkout_shippingrate (destination_id, currency, weight_from, total_from, price_minor)
SELECT DISTINCT ON (d.id, m.currency, r.total_from) d.id, m.currency, 0, r.total_from, r.price
FROM checkout_shippingmethod m JOIN checkout_shippingmethod k ON k.code = m.code
JOIN checkout_shippingdestination d ON d.method_id = k.id
CROSS JOIN LATERAL (VALUES (0::bigint, m.price_minor), (m.free_over_minor, 0::bigint)) r(total_from, price)
WHERE r.total_from IS NOT NULL
  AND m.active = (SELECT bool_or(a.active) FROM checkout_shippingmethod a WHERE a.code = m.code)
ORDER BY d.id, m.currency, r.total_from, r.price;
UPDATE checkout_shippingmethod m SET active = true
WHERE EXISTS (SELECT FROM checkout_shippingmethod a WHERE a.code = m.code AND a.active);
DELETE FROM checkout_shippingmethod m USING checkout_shippingmethod k WHERE k.code = m.code AND k.id < m.id;
UPDATE checkout_orderline l SET delivery_tax_minor = greatest(o.tax_minor - o.of_lines, 0)
FROM (SELECT o.tax_minor, min(l.id) AS first, sum(l.tax_minor) AS of_lines FROM checkout_order o
  JOIN checkout_orderline l ON l.order_id = o.id WHERE NOT o.historic GROUP BY o.id) o WHERE l.id = o.first;
SET CONSTRAINTS ALL IMMEDIATE;
"""


class Migration(migrations.Migration):
    dependencies = [("checkout", "0002_order_language"), ("catalog", "0003_weight_and_currency")]
    operations = [
        migrations.CreateModel(
            name="ShippingDestination",
            fields=[
                ("id", KEY),
                ("country", models.CharField(blank=True, default="", max_length=2)),
                ("days_from", models.SmallIntegerField(default=1)),
                ("days_until", models.SmallIntegerField(default=3)),
                (
                    "method",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="destinations",
                        to="checkout.shippingmethod",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("method", "country"), name="destination_once"),
                    models.CheckConstraint(
                        name="destination_country", condition=Q(country__regex=r"^([A-Z]{2})?$")
                    ),
                    models.CheckConstraint(
                        name="destination_days",
                        condition=Q(days_from__gte=0, days_until__gte=F("days_from")),
                    ),
                ]
            },
        ),
        migrations.CreateModel(
            name="ShippingRate",
            fields=[
                ("id", KEY),
                ("currency", models.CharField(max_length=3)),
                ("weight_from", models.IntegerField(default=0, db_default=0)),
                ("weight_most", models.IntegerField(null=True)),
                ("total_from", models.BigIntegerField(default=0)),
                ("total_most", models.BigIntegerField(null=True)),
                ("price_minor", models.BigIntegerField()),
                (
                    "destination",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="rates",
                        to="checkout.shippingdestination",
                    ),
                ),
            ],
            options={
                "constraints": [
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
            },
        ),
        migrations.AddField(
            "orderline", "delivery_tax_minor", models.BigIntegerField(default=0, db_default=0)
        ),
        migrations.RemoveConstraint("shippingmethod", "shipping_method_once"),
        migrations.RemoveConstraint("shippingmethod", "shipping_price"),
        migrations.RunSQL(CONVERT, migrations.RunSQL.noop),
        migrations.RemoveField("shippingmethod", "currency"),
        migrations.RemoveField("shippingmethod", "price_minor"),
        migrations.RemoveField("shippingmethod", "free_over_minor"),
        migrations.AlterField("shippingmethod", "code", models.SlugField(max_length=40, unique=True)),
        migrations.AddField("shippingmethod", "handling_from", models.SmallIntegerField(default=0)),
        migrations.AddField("shippingmethod", "handling_until", models.SmallIntegerField(default=0)),
        migrations.AddConstraint(
            "shippingmethod",
            models.CheckConstraint(
                name="shipping_handling",
                condition=Q(handling_from__gte=0, handling_until__gte=F("handling_from")),
            ),
        ),
        migrations.AddField("order", "arrives_from", models.DateField(null=True)),
        migrations.AddField("order", "arrives_until", models.DateField(null=True)),
        migrations.AddField("order", "tax_included", models.BooleanField(default=True, db_default=True)),
        migrations.RemoveConstraint("order", "order_adds_up"),
        migrations.AddConstraint(
            "order",
            models.CheckConstraint(
                name="order_adds_up",
                condition=Q(tax_included=True, total_minor=F("goods_minor") + F("shipping_minor"))
                | Q(
                    tax_included=False,
                    total_minor=F("goods_minor") + F("shipping_minor") + F("tax_minor"),
                ),
            ),
        ),
        migrations.AddConstraint(
            "order",
            models.CheckConstraint(
                name="order_arrival",
                condition=Q(arrives_from__isnull=True, arrives_until__isnull=True)
                | Q(arrives_from__isnull=False, arrives_until__isnull=False, arrives_until__gte=F("arrives_from")),
            ),
        ),
        migrations.RemoveConstraint("orderline", "line_sold"),
        migrations.AddConstraint(
            "orderline",
            models.CheckConstraint(
                name="line_sold",
                condition=Q(historic=True)
                | Q(quantity__gte=1, unit_minor__gte=0, tax_minor__gte=0, delivery_tax_minor__gte=0),
            ),
        ),
    ]
