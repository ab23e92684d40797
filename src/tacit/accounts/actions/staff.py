"""Who works here."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from django.db import transaction

from tacit.accounts.actions.held import checked_email, hold
from tacit.accounts.actions.sessions import revoke_sessions
from tacit.accounts.models import Person
from tacit.accounts.queries.people import view
from tacit.accounts.types import PersonView
from tacit.core import journal
from tacit.core.events import StaffAdded, StaffRemoved


def make_staff(*, email: str, now: datetime) -> PersonView:
    """Let whoever proves this address work at the desk. Raises AccountError."""
    address = checked_email(email)
    with transaction.atomic():
        person, _ = Person.objects.get_or_create(email=address, defaults={"created_at": now})
        if Person.objects.filter(pk=person.pk, is_staff=False).update(is_staff=True):
            journal.record(StaffAdded(person=str(person.pk)), at=now)
        person.is_staff = True
    return view(person)


def set_staff(*, emails: Collection[str], now: datetime) -> None:
    """Let exactly these addresses work at the desk: everybody else loses that right, and all their sessions.

    Raises AccountError when one of them is no address; then nothing changed.
    """
    with transaction.atomic():
        hold("staff")
        staying = {make_staff(email=email, now=now).id for email in emails}
        for person in Person.objects.filter(is_staff=True).exclude(pk__in=staying).order_by("pk"):
            Person.objects.filter(pk=person.pk).update(is_staff=False)
            revoke_sessions(person.pk, now=now)
            journal.record(StaffRemoved(person=str(person.pk)), at=now)


def known_person(*, email: str, name: str, now: datetime) -> PersonView:
    """Somebody whose address was proven elsewhere, made known here when new. Raises AccountError."""
    person, _ = Person.objects.get_or_create(
        email=checked_email(email), defaults={"name": name[:100], "created_at": now}
    )
    return view(person)
