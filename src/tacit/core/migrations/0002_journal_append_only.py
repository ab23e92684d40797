"""The journal only grows: the database refuses to change or remove a row."""

from django.db import migrations

FORBID = """
CREATE FUNCTION core_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = 'restrict_violation';
END $$;
CREATE TRIGGER journal_append_only BEFORE UPDATE OR DELETE ON core_journalentry
  FOR EACH ROW EXECUTE FUNCTION core_append_only();
"""
ALLOW = "DROP TRIGGER journal_append_only ON core_journalentry; DROP FUNCTION core_append_only();"


class Migration(migrations.Migration):
    dependencies = [("core", "0001_initial")]
    operations = [migrations.RunSQL(FORBID, ALLOW)]
