"""Orders whose buyer was erased; and nobody orders in the name of somebody who was."""

from django.db import migrations, models
from django.db.models import Q

TABLES = ("checkout_order", "checkout_cart", "checkout_savedmethod")


def guard(table):
    """SQL: as in accounts 0003; nobody's rows pass."""
    return (
        f"CREATE TRIGGER person_is_here BEFORE INSERT ON {table} FOR EACH ROW"
        " WHEN (NEW.person_id IS NOT NULL) EXECUTE FUNCTION accounts_person_is_here();"
        f"CREATE TRIGGER person_is_here_still BEFORE UPDATE OF person_id ON {table} FOR EACH ROW"
        " WHEN (NEW.person_id IS DISTINCT FROM OLD.person_id AND NEW.person_id IS NOT NULL)"
        " EXECUTE FUNCTION accounts_person_is_here();"
    )


def unguard(table):
    return f"DROP TRIGGER person_is_here ON {table}; DROP TRIGGER person_is_here_still ON {table};"


class Migration(migrations.Migration):
    dependencies = [("checkout", "0008_order_by_email"), ("accounts", "0003_consent")]
    operations = [
        migrations.AddField("order", "erased_at", models.DateTimeField(null=True)),
        migrations.AddField("order", "erase_on", models.DateField(null=True)),
        migrations.AddIndex(
            "order",
            models.Index(fields=["erase_on"], name="order_to_erase", condition=Q(erase_on__isnull=False)),
        ),
        migrations.AddConstraint(
            "order",
            models.CheckConstraint(
                name="order_erased_first", condition=Q(erase_on__isnull=True) | Q(erased_at__isnull=False)
            ),
        ),
        *(migrations.RunSQL(guard(table), unguard(table)) for table in TABLES),
    ]
