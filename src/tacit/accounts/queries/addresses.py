"""Addresses people keep here."""

from __future__ import annotations

from tacit.accounts.models import SavedAddress
from tacit.accounts.types import KeptAddress, Visitor
from tacit.core.address import Address


def addresses(visitor: Visitor) -> tuple[KeptAddress, ...]:
    """The signed-in person's, the default first, then the latest used; none for a guest."""
    if visitor.person is None:
        return ()
    rows = SavedAddress.objects.filter(person_id=visitor.person).order_by(
        "-is_default", "-used_at", "-created_at", "-id"
    )
    return tuple(KeptAddress(row.pk, row.label, _address(row), row.is_default) for row in rows)


def default_address(visitor: Visitor) -> Address | None:
    """Where things of the signed-in person go unless they say otherwise; None for a guest. One statement."""
    if visitor.person is None:
        return None
    row = SavedAddress.objects.filter(person_id=visitor.person, is_default=True).first()
    return _address(row) if row else None


def default_contact(visitor: Visitor) -> tuple[str, Address] | None:
    """``default_address`` with the proven e-mail address. One statement."""
    if visitor.person is None:
        return None
    mine = SavedAddress.objects.filter(person_id=visitor.person, is_default=True)
    row = mine.select_related("person").first()
    return (row.person.email or "", _address(row)) if row else None


def _address(row: SavedAddress) -> Address:
    return Address(row.name, row.line1, row.line2, row.postcode, row.city, row.country)
