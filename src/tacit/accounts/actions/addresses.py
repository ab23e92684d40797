"""Keeping addresses for people who ask us to."""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime
from uuid import UUID

from django.db import transaction

from tacit.accounts.actions.held import hold
from tacit.accounts.models import SavedAddress
from tacit.accounts.rules import addresses as rules
from tacit.accounts.types import AccountError, NotAllowed, Visitor
from tacit.core.address import Address


def keep_address(
    visitor: Visitor, *, address: Address, now: datetime, label: str = "", default: bool = False
) -> int:
    """Keep an address for the signed-in person; its id. One kept already only counts as used now.

    The first is the default, later ones with ``default``. Raises AccountError, NotAllowed for guests.
    """
    person = _person(visitor)
    given = asdict(rules.check_address(address))
    called = rules.check_label(label)
    with transaction.atomic():
        hold(f"addresses:{person}")
        mine = SavedAddress.objects.filter(person_id=person)
        row = mine.filter(**given).first()
        if row is None:
            if mine.count() >= rules.MOST_ADDRESSES:
                raise AccountError("address", "too_many", most=rules.MOST_ADDRESSES)
            first = not mine.filter(is_default=True).exists()
            row = SavedAddress.objects.create(
                person_id=person, label=called, **given, is_default=first, created_at=now, used_at=now
            )
        else:
            mine.filter(pk=row.pk).update(used_at=now, **({"label": called} if called else {}))
        if default:
            _choose(person, row.pk)
    return row.pk


def change_address(
    visitor: Visitor, *, id: int, address: Address, label: str = "", default: bool = False
) -> None:
    """Write an address anew. Raises AccountError (``unknown``: not theirs, ``kept_already``), NotAllowed."""
    person = _person(visitor)
    given = asdict(rules.check_address(address))
    called = rules.check_label(label)
    with transaction.atomic():
        hold(f"addresses:{person}")
        mine = SavedAddress.objects.filter(person_id=person)
        if mine.filter(**given).exclude(pk=id).exists():
            raise AccountError("address", "kept_already")
        if not mine.filter(pk=id).update(label=called, **given):
            raise AccountError("address", "unknown")
        if default:
            _choose(person, id)


def choose_address(visitor: Visitor, *, id: int) -> None:
    """Make an address the default. Raises AccountError (``unknown``), NotAllowed."""
    person = _person(visitor)
    with transaction.atomic():
        hold(f"addresses:{person}")
        if not SavedAddress.objects.filter(person_id=person, pk=id).exists():
            raise AccountError("address", "unknown")
        _choose(person, id)


def remove_address(visitor: Visitor, *, id: int) -> None:
    """Forget an address; one that is gone already is no error. Raises NotAllowed."""
    SavedAddress.objects.filter(person_id=_person(visitor), pk=id).delete()


def _choose(person: UUID, chosen: int) -> None:
    mine = SavedAddress.objects.filter(person_id=person)
    mine.filter(is_default=True).exclude(pk=chosen).update(is_default=False)
    mine.filter(pk=chosen).update(is_default=True)


def _person(visitor: Visitor) -> UUID:
    if visitor.person is None:
        raise NotAllowed
    return visitor.person
