from django.db import migrations, models
from django.db.models import Q


class Migration(migrations.Migration):
    dependencies = [("catalog", "0002_search")]
    operations = [
        migrations.CreateModel(
            name="Currency",
            fields=[
                ("code", models.CharField(max_length=3, primary_key=True, serialize=False)),
                ("prices_include_tax", models.BooleanField()),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(name="currency_code", condition=Q(code__regex=r"^[A-Z]{3}$"))
                ]
            },
        ),
        migrations.AddField("variant", "weight_grams", models.IntegerField(null=True)),
        migrations.AddConstraint(
            "variant",
            models.CheckConstraint(
                name="variant_weight", condition=Q(weight_grams__isnull=True) | Q(weight_grams__gte=0)
            ),
        ),
    ]
