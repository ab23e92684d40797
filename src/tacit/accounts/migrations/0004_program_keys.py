import uuid

from django.db import migrations, models

import tacit.core.fields


class Migration(migrations.Migration):
    dependencies = [("accounts", "0003_consent")]
    operations = [
        migrations.CreateModel(
            name="ProgramKey",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ("name", models.CharField(max_length=60)),
                ("begins", models.CharField(max_length=16)),
                ("hash", models.CharField(max_length=64, unique=True)),
                ("scopes", tacit.core.fields.TextArrayField()),
                ("created_by", models.CharField(max_length=40)),
                ("created_at", models.DateTimeField()),
                ("expires_at", models.DateTimeField()),
                ("last_used_at", models.DateTimeField(null=True)),
                ("revoked_at", models.DateTimeField(null=True)),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("expires_at__gt", models.F("created_at"))), name="program_key_expires"
                    )
                ],
            },
        ),
        migrations.RunSQL(
            "ALTER TABLE accounts_programkey ADD CONSTRAINT program_key_scopes CHECK ("
            "cardinality(scopes) > 0 AND scopes <@ ARRAY['orders:read', 'orders:write', 'stock:write'])",
            "ALTER TABLE accounts_programkey DROP CONSTRAINT program_key_scopes",
        ),
    ]
