"""Reading people."""

from __future__ import annotations

from uuid import UUID

from tacit.accounts.models import Person
from tacit.accounts.types import PersonView


def person(person_id: UUID) -> PersonView | None:
    """The person with this id, or None when there is none or they were shut out."""
    found = Person.objects.filter(pk=person_id, is_active=True).first()
    return view(found) if found else None


def view(person: Person) -> PersonView:
    """A row as the rest of the house sees it."""
    return PersonView(
        id=person.pk,
        email=person.email or "",
        name=person.name,
        is_staff=person.is_staff,
        created_at=person.created_at,
    )
