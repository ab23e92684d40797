"""What every change to somebody's ways in has to check first."""

from __future__ import annotations

from uuid import UUID

from tacit.accounts.actions.held import hold
from tacit.accounts.models import Person
from tacit.accounts.queries.ways_in import ways_in
from tacit.accounts.types import NotAllowed, Visitor, WaysIn


def hold_ways_in(visitor: Visitor) -> tuple[Person, WaysIn]:
    """The signed-in person and what they have set up, still until the caller's transaction ends.

    Staff who have a second factor change it only after showing it: else whoever reads their mail could.
    Raises NotAllowed.
    """
    person = person_of(visitor)
    hold(f"ways-in:{person}")
    row = Person.objects.filter(pk=person, is_active=True).first()
    if row is None:
        raise NotAllowed
    ways = ways_in(person)
    if row.is_staff and ways.second_factor and not visitor.staff:
        raise NotAllowed
    return row, ways


def person_of(visitor: Visitor) -> UUID:
    """Whoever is signed in. Raises NotAllowed."""
    if visitor.person is None:
        raise NotAllowed
    return visitor.person
