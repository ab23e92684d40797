"""Orders in the order they were placed, those of one moment too: read from either end, from any place in it."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("checkout", "0009_erasure")]
    operations = [
        migrations.RemoveIndex("order", "order_newest"),
        migrations.AddIndex("order", models.Index(fields=["placed_at", "id"], name="order_in_time")),
    ]
