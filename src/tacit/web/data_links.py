"""Links to somebody's own data: signed, for one person or one guest's order, and for a while."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from uuid import UUID

from django.conf import settings
from django.core import signing
from django.urls import reverse

_PERSON, _GUEST = "tacit.web.data.person", "tacit.web.data.guest"


def of_person(person: UUID, *, now: datetime, works: timedelta) -> str:
    """Where this person, signed in, gets a copy of their data; absolute."""
    return settings.SHOP_URL + reverse("account-copy", args=[_signed(str(person), _PERSON, now + works)])


def of_guest(number: str, *, now: datetime, works: timedelta) -> str:
    """Where whoever reads the mail of this order finds their data; absolute."""
    return settings.SHOP_URL + reverse("data", args=[_signed(number, _GUEST, now + works)])


def person_in(token: str, *, now: datetime) -> UUID | None:
    """Whose copy it is; None when the link is not ours or too old."""
    value = _read(token, _PERSON, now)
    return UUID(value) if value else None


def order_in(token: str, *, now: datetime) -> str:
    """The number of the guest's order; '' when the link is not ours or too old."""
    return _read(token, _GUEST, now)


def _signed(value: str, salt: str, until: datetime) -> str:
    return signing.dumps([value, int(until.timestamp())], salt=salt)


def _read(token: str, salt: str, now: datetime) -> str:
    try:
        value, until = signing.loads(token, salt=salt)
    except signing.BadSignature:
        return ""
    return str(value) if now < datetime.fromtimestamp(until, tz=UTC) else ""
