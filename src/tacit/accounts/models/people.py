"""People and the codes that let them in."""

from __future__ import annotations

import uuid
from typing import ClassVar, Self

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Lower
from django.utils.crypto import salted_hmac


class Person(AbstractBaseUser):
    """Somebody we know. The id is opaque and is all that append-only rows may carry.

    ``email`` is proven and lower case, or null. ``session_epoch`` is part of every session's hash: raising it
    ends all sessions at once.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    email = models.EmailField(max_length=254, null=True, unique=True)  # noqa: DJ001 - null: none proven
    name = models.CharField(max_length=100, blank=True, default="")
    is_staff = models.BooleanField(default=False)
    is_active = models.BooleanField(default=True)
    session_epoch = models.PositiveIntegerField(default=0)
    created_at = models.DateTimeField()
    password = None  # type: ignore[assignment]  # nobody has one

    objects: ClassVar[BaseUserManager[Self]] = BaseUserManager()

    USERNAME_FIELD = "email"

    class Meta:
        constraints = [
            models.CheckConstraint(name="person_email_lower", condition=Q(email=Lower("email"))),
        ]

    def get_session_auth_hash(self) -> str:
        return salted_hmac("tacit.accounts.session", f"{self.pk}.{self.session_epoch}").hexdigest()

    def get_session_auth_fallback_hash(self) -> list[str]:
        return []


class SignInCode(models.Model):
    """A code mailed to ``email``. Only its keyed hash is kept; it works once, briefly, for few tries.

    ``known``: asked for by a browser that signed in as this address before. ``client``: a keyed hash of the
    network address that asked, '' when none is known.
    """

    token = models.CharField(max_length=32, primary_key=True)
    email = models.EmailField(max_length=254)
    code_hash = models.CharField(max_length=64)
    created_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    tries_left = models.SmallIntegerField()
    used_at = models.DateTimeField(null=True)
    known = models.BooleanField(default=False)
    client = models.CharField(max_length=64, blank=True, default="")

    class Meta:
        indexes = [
            models.Index(fields=["email", "created_at"], name="code_by_email"),
            models.Index(fields=["client", "created_at"], name="code_by_client"),
        ]
        constraints = [
            models.CheckConstraint(name="code_tries", condition=Q(tries_left__gte=0)),
            models.CheckConstraint(name="code_email_lower", condition=Q(email=Lower("email"))),
            models.CheckConstraint(name="code_expires", condition=Q(expires_at__gt=F("created_at"))),
        ]
