"""What passkeys are asked to sign. Each works once."""

from __future__ import annotations

import secrets
from datetime import datetime
from uuid import UUID

from django.db import connection

from tacit.accounts.models import PasskeyChallenge
from tacit.accounts.rules import passkeys as rules
from tacit.accounts.rules import sign_in
from tacit.accounts.types import AccountError
from tacit.core import ids

_USE = """
UPDATE accounts_passkeychallenge SET used_at = %s
WHERE token = %s AND used_at IS NULL AND expires_at > %s AND person_id IS NOT DISTINCT FROM %s
RETURNING challenge
"""


def new_challenge(*, person: UUID | None, client: str, now: datetime) -> tuple[str, bytes]:
    """(token, challenge). ``client``: the keyed hash of the network address.

    Raises AccountError (``too_many_asked``).
    """
    PasskeyChallenge.objects.filter(expires_at__lt=now - sign_in.AT_ONCE).delete()
    if client:
        asked = PasskeyChallenge.objects.filter(client=client, created_at__gt=now - sign_in.AT_ONCE).count()
        if asked >= rules.CHALLENGES_A_CLIENT:
            wait = int(sign_in.AT_ONCE.total_seconds())
            raise AccountError("passkey", "too_many_asked", wait=wait)
    row = PasskeyChallenge.objects.create(
        token=ids.token(),
        challenge=secrets.token_bytes(32),
        person_id=person,
        client=client,
        created_at=now,
        expires_at=now + rules.CHALLENGE_LIFETIME,
    )
    return row.token, bytes(row.challenge)


def use_challenge(token: str, *, person: UUID | None, now: datetime) -> bytes:
    """The challenge of ``token``, from now on used. One statement. Raises AccountError (``void``)."""
    found = None
    if sign_in.is_token(token):
        with connection.cursor() as cursor:
            cursor.execute(_USE, [now, token, now, person])
            found = cursor.fetchone()
    if found is None:
        raise AccountError("passkey", "void")
    return bytes(found[0])
