"""Ending sessions."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.db.models import F

from tacit.accounts.models import Person, SignInCode


def revoke_sessions(person: UUID, *, now: datetime) -> None:
    """End every session of this person, everywhere, and void the codes on their way."""
    with transaction.atomic():
        if Person.objects.filter(pk=person).update(session_epoch=F("session_epoch") + 1):
            email = Person.objects.values_list("email", flat=True).get(pk=person)
            SignInCode.objects.filter(email=email, used_at=None).update(used_at=now)
