"""Answers about consent, which only grow; and nobody writes in the name of somebody who was erased."""

from django.db import migrations, models
from django.db.models import Q

PURPOSES = ["news", "recommendations", "named_in_cues", "group_counting"]
SOURCES = ["page", "api", "checkout", "restore"]

APPEND_ONLY = """
CREATE TRIGGER consent_append_only BEFORE UPDATE OR DELETE ON accounts_consent
  FOR EACH ROW EXECUTE FUNCTION core_append_only();
CREATE TRIGGER consent_never_emptied BEFORE TRUNCATE ON accounts_consent
  FOR EACH STATEMENT EXECUTE FUNCTION core_append_only();
"""
NOT_APPEND_ONLY = """
DROP TRIGGER consent_append_only ON accounts_consent; DROP TRIGGER consent_never_emptied ON accounts_consent;
"""
# An erasure changes the person's row, so whoever writes beside it waits here, and then finds them gone.
PERSON_IS_HERE = """
CREATE FUNCTION accounts_person_is_here() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE here boolean;
BEGIN
  SELECT is_active INTO here FROM accounts_person WHERE id = NEW.person_id FOR KEY SHARE;
  IF NOT here THEN
    RAISE EXCEPTION 'the person is gone' USING ERRCODE = 'check_violation', CONSTRAINT = 'person_is_here',
      TABLE = TG_TABLE_NAME;
  END IF;
  RETURN NEW;
END $$;
"""
OF_A_PERSON = (
    "accounts_authenticatorapp",
    "accounts_passkey",
    "accounts_passkeychallenge",
    "accounts_recoverycode",
    "accounts_savedaddress",
    "accounts_secondfactortries",
    "accounts_session",
)


def guard(table):
    """SQL: no row of ``table`` is made for, or given to, somebody who was erased; nobody's rows pass."""
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
    dependencies = [("accounts", "0002_ways_in"), ("core", "0002_journal_append_only")]
    operations = [
        migrations.CreateModel(
            name="Consent",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                ("person", models.UUIDField()),
                ("purpose", models.CharField(choices=[(p, p) for p in PURPOSES], max_length=40)),
                ("granted", models.BooleanField()),
                ("source", models.CharField(choices=[(s, s) for s in SOURCES], max_length=20)),
                ("text_version", models.CharField(max_length=20)),
                ("at", models.DateTimeField()),
            ],
            options={
                "indexes": [models.Index(fields=["person", "purpose", "-id"], name="consent_latest")],
                "constraints": [
                    models.CheckConstraint(condition=Q(purpose__in=PURPOSES), name="consent_purpose"),
                    models.CheckConstraint(condition=Q(source__in=SOURCES), name="consent_source"),
                    models.CheckConstraint(condition=~Q(text_version=""), name="consent_text"),
                ],
            },
        ),
        migrations.RunSQL(APPEND_ONLY, NOT_APPEND_ONLY),
        migrations.RunSQL(PERSON_IS_HERE, "DROP FUNCTION accounts_person_is_here();"),
        *(migrations.RunSQL(guard(table), unguard(table)) for table in OF_A_PERSON),
    ]
