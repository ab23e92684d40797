"""Ending sessions. What is ended is out at its next request."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.db.models import F

from tacit.accounts.models import Person, Session, SignInCode
from tacit.accounts.types import NotAllowed, Visitor


def revoke_sessions(person: UUID, *, now: datetime) -> None:
    """End every session of this person, everywhere, and void the codes on their way."""
    with transaction.atomic():
        if Person.objects.filter(pk=person).update(session_epoch=F("session_epoch") + 1):
            email = Person.objects.values_list("email", flat=True).get(pk=person)
            SignInCode.objects.filter(email=email, used_at=None).update(used_at=now)
            Session.objects.filter(person_id=person).delete()


def end_session(visitor: Visitor, *, handle: str) -> None:
    """End one session of the signed-in person; one that is over already is no error. Raises NotAllowed."""
    if visitor.person is None:
        raise NotAllowed
    Session.objects.filter(person_id=visitor.person, handle=handle).delete()


def end_other_sessions(visitor: Visitor, *, here: str) -> int:
    """End all but the one with the session key ``here``; how many. Raises NotAllowed."""
    if visitor.person is None:
        raise NotAllowed
    return Session.objects.filter(person_id=visitor.person).exclude(session_key=here).delete()[0]
