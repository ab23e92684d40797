"""Reading people."""

from __future__ import annotations

from uuid import UUID

from django.utils.crypto import salted_hmac

from tacit.accounts.models import Person
from tacit.accounts.rules import sign_in as rules
from tacit.accounts.types import AccountError, PersonView


def person(person_id: UUID) -> PersonView | None:
    """The person with this id, or None when there is none or they were shut out."""
    found = Person.objects.filter(pk=person_id, is_active=True).first()
    return view(found) if found else None


def browser_mark(email: str) -> str:
    """What a browser keeps, signed, to show later that it signed in as ``email`` before; not the address.

    '' for what is no address.
    """
    try:
        address = rules.normalise_email(email)
    except AccountError:
        return ""
    return salted_hmac("tacit.accounts.browser", address, algorithm="sha256").hexdigest()[:32]


def view(person: Person) -> PersonView:
    """A row as the rest of the house sees it."""
    return PersonView(
        id=person.pk,
        email=person.email or "",
        name=person.name,
        is_staff=person.is_staff,
        created_at=person.created_at,
    )
