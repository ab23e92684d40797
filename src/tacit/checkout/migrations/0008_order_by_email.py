import django.db.models.functions.text
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("checkout", "0007_saved_methods")]
    operations = [
        migrations.AddIndex(
            model_name="order",
            index=models.Index(
                django.db.models.functions.text.Lower("email"),
                condition=models.Q(("person__isnull", True), models.Q(("email", ""), _negated=True)),
                name="order_of_nobody_by_email",
            ),
        ),
    ]
