"""What lets people in beside the mailed code, and what stops guessing."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q

from tacit.accounts.models.people import Person


class Passkey(models.Model):
    """A WebAuthn credential of ``person``. ``sign_count`` only grows, or stays 0 where none is counted."""

    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="+")
    credential_id = models.BinaryField(max_length=1023, unique=True)
    public_key = models.BinaryField(max_length=2048)
    sign_count = models.BigIntegerField(default=0)
    name = models.CharField(max_length=60)
    created_at = models.DateTimeField()
    last_used_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [models.CheckConstraint(name="passkey_count", condition=Q(sign_count__gte=0))]


class PasskeyChallenge(models.Model):
    """What a passkey is asked to sign: works once, briefly. ``person``: who may add a passkey with it, or null:
    whoever signs in. ``client``: as in SignInCode."""

    token = models.CharField(max_length=32, primary_key=True)
    challenge = models.BinaryField(max_length=64)
    person = models.ForeignKey(Person, null=True, on_delete=models.CASCADE, related_name="+")
    client = models.CharField(max_length=64, blank=True, default="")
    created_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [
            models.Index(fields=["client", "created_at"], name="challenge_by_client"),
            models.Index(fields=["expires_at"], name="challenge_by_expiry"),
        ]
        constraints = [
            models.CheckConstraint(name="challenge_expires", condition=Q(expires_at__gt=F("created_at")))
        ]


class AuthenticatorApp(models.Model):
    """The authenticator app of ``person``: its secret, encrypted, and the last time step a code was taken for."""

    person = models.OneToOneField(Person, primary_key=True, on_delete=models.CASCADE, related_name="+")
    secret = models.CharField(max_length=200)
    last_step = models.BigIntegerField()
    created_at = models.DateTimeField()


class RecoveryCode(models.Model):
    """A code that stands in for the app once. Only its keyed hash is kept."""

    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="+")
    code_hash = models.CharField(max_length=64)
    used_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["person", "code_hash"], name="recovery_code_once")]


class SecondFactorTries(models.Model):
    """Tries at the second factor since ``since``, apart for browsers that were let in before (``known``)."""

    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="+")
    known = models.BooleanField()
    since = models.DateTimeField()
    tries = models.IntegerField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["person", "known"], name="tries_one_row")]
