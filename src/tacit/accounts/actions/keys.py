"""Making, using and revoking the keys of programs."""

from __future__ import annotations

import secrets
from collections.abc import Collection
from datetime import datetime, timedelta
from uuid import UUID, uuid4

from django.db import transaction
from django.utils.crypto import salted_hmac

from tacit.accounts.models import ProgramKey
from tacit.accounts.queries.keys import key_view
from tacit.accounts.rules import keys as rules
from tacit.accounts.types import AccountError, KeyView, NotAllowed, Visitor
from tacit.core import journal
from tacit.core.events import ProgramKeyMade, ProgramKeyRevoked


def make_key(
    visitor: Visitor, *, name: str, scopes: Collection[str], days: int, now: datetime, once: str = ""
) -> tuple[KeyView, str]:
    """Staff make a key for a program: the key as lists show it, and the key itself, which nobody can read again.

    ``once``: the key of the form, '' for none: the same form makes one key. Raises NotAllowed, AccountError
    (``form``, ``shown_already`` when it made one before).
    """
    if not visitor.staff:
        raise NotAllowed
    called, allowed = rules.check_name(name), rules.check_scopes(scopes)
    until = now + timedelta(days=rules.check_days(days))
    key = rules.BEGIN + secrets.token_urlsafe(rules.SECRET_BYTES)
    with transaction.atomic():
        made, is_new = ProgramKey.objects.get_or_create(
            pk=_id(visitor, once),
            defaults={
                "name": called,
                "begins": key[: rules.SHOWN],
                "hash": _hash(key),
                "scopes": allowed,
                "created_by": str(visitor.person or ""),
                "created_at": now,
                "expires_at": until,
            },
        )
        if not is_new:
            raise AccountError("form", "shown_already")
        journal.record(ProgramKeyMade(str(made.pk), allowed, visitor.by), at=now)
    return key_view(made), key


def _id(visitor: Visitor, once: str) -> UUID:
    """The same for the same form of the same member of staff."""
    if not once:
        return uuid4()
    return UUID(salted_hmac("tacit.accounts.program-key.form", f"{visitor.person}:{once}").hexdigest()[:32])


def revoke_key(visitor: Visitor, key: UUID, *, now: datetime) -> None:
    """Staff end a key, at once and for good; a second time changes nothing. Raises NotAllowed, AccountError."""
    if not visitor.staff:
        raise NotAllowed
    with transaction.atomic():
        if ProgramKey.objects.filter(pk=key, revoked_at=None).update(revoked_at=now):
            journal.record(ProgramKeyRevoked(str(key), visitor.by), at=now)
        elif not ProgramKey.objects.filter(pk=key).exists():
            raise AccountError("key", "unknown")


def recognise_program(key: str, *, now: datetime) -> Visitor | None:
    """The program that shows this key, None for one that does not work (any more). One statement, rarely two.

    The key is found by its keyed hash, so the time it takes tells nothing about how nearly it was guessed.
    """
    if not rules.is_key(key):
        return None
    found = ProgramKey.objects.filter(hash=_hash(key), revoked_at=None, expires_at__gt=now).first()
    if found is None:
        return None
    if rules.is_used_anew(found.last_used_at, now):
        ProgramKey.objects.filter(pk=found.pk).update(last_used_at=now)
    return Visitor(program=str(found.pk), scopes=rules.granted(found.scopes))


def _hash(key: str) -> str:
    return salted_hmac("tacit.accounts.program-key", key, algorithm="sha256").hexdigest()
