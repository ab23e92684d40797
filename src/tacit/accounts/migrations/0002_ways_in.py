import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


def of_person(**options):
    return models.ForeignKey(
        on_delete=django.db.models.deletion.CASCADE, related_name="+", to=settings.AUTH_USER_MODEL, **options
    )


def number():
    return models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")


class Migration(migrations.Migration):
    dependencies = [("accounts", "0001_initial")]
    operations = [
        # Sessions of earlier versions: nobody reads them any more, and who was signed in signs in once again.
        migrations.RunSQL("DROP TABLE IF EXISTS django_session;", migrations.RunSQL.noop),
        migrations.CreateModel(
            name="AuthenticatorApp",
            fields=[
                (
                    "person",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        primary_key=True,
                        related_name="+",
                        serialize=False,
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                ("secret", models.CharField(max_length=200)),
                ("last_step", models.BigIntegerField()),
                ("created_at", models.DateTimeField()),
            ],
        ),
        migrations.CreateModel(
            name="Session",
            fields=[
                (
                    "session_key",
                    models.CharField(
                        max_length=40, primary_key=True, serialize=False, verbose_name="session key"
                    ),
                ),
                ("session_data", models.TextField(verbose_name="session data")),
                ("expire_date", models.DateTimeField(db_index=True, verbose_name="expire date")),
                ("handle", models.CharField(max_length=32, unique=True)),
                ("agent", models.CharField(blank=True, default="", max_length=60)),
                ("created_at", models.DateTimeField()),
                ("seen_at", models.DateTimeField()),
                ("person", of_person(null=True)),
            ],
            options={"db_table": "accounts_session"},
        ),
        migrations.CreateModel(
            name="Passkey",
            fields=[
                ("id", number()),
                ("credential_id", models.BinaryField(max_length=1023, unique=True)),
                ("public_key", models.BinaryField(max_length=2048)),
                ("sign_count", models.BigIntegerField(default=0)),
                ("name", models.CharField(max_length=60)),
                ("created_at", models.DateTimeField()),
                ("last_used_at", models.DateTimeField(null=True)),
                ("person", of_person()),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(condition=models.Q(("sign_count__gte", 0)), name="passkey_count")
                ],
            },
        ),
        migrations.CreateModel(
            name="PasskeyChallenge",
            fields=[
                ("token", models.CharField(max_length=32, primary_key=True, serialize=False)),
                ("challenge", models.BinaryField(max_length=64)),
                ("client", models.CharField(blank=True, default="", max_length=64)),
                ("created_at", models.DateTimeField()),
                ("expires_at", models.DateTimeField()),
                ("used_at", models.DateTimeField(null=True)),
                ("person", of_person(null=True)),
            ],
            options={
                "indexes": [
                    models.Index(fields=["client", "created_at"], name="challenge_by_client"),
                    models.Index(fields=["expires_at"], name="challenge_by_expiry"),
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("expires_at__gt", models.F("created_at"))),
                        name="challenge_expires",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="RecoveryCode",
            fields=[
                ("id", number()),
                ("code_hash", models.CharField(max_length=64)),
                ("used_at", models.DateTimeField(null=True)),
                ("person", of_person()),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("person", "code_hash"), name="recovery_code_once")
                ],
            },
        ),
        migrations.CreateModel(
            name="SavedAddress",
            fields=[
                ("id", number()),
                ("label", models.CharField(blank=True, default="", max_length=40)),
                ("name", models.CharField(max_length=100)),
                ("line1", models.CharField(max_length=120)),
                ("line2", models.CharField(blank=True, default="", max_length=120)),
                ("postcode", models.CharField(max_length=20)),
                ("city", models.CharField(max_length=80)),
                ("country", models.CharField(max_length=2)),
                ("is_default", models.BooleanField(default=False)),
                ("created_at", models.DateTimeField()),
                ("used_at", models.DateTimeField(null=True)),
                ("person", of_person()),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        fields=("person", "name", "line1", "line2", "postcode", "city", "country"),
                        name="address_kept_once",
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("is_default", True)),
                        fields=("person",),
                        name="address_one_default",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("country__regex", "^[A-Z]{2}$")), name="address_country"
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="SecondFactorTries",
            fields=[
                ("id", number()),
                ("known", models.BooleanField()),
                ("since", models.DateTimeField()),
                ("tries", models.IntegerField()),
                ("person", of_person()),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("person", "known"), name="tries_one_row")
                ],
            },
        ),
    ]
