"""What people may show beside a mailed code."""

from __future__ import annotations

from uuid import UUID

from django.db import connection

from tacit.accounts.models import Passkey
from tacit.accounts.types import PasskeyView, Visitor, WaysIn

_WAYS = """
SELECT (SELECT count(*) FROM accounts_passkey WHERE person_id = %(person)s),
  EXISTS (SELECT 1 FROM accounts_authenticatorapp WHERE person_id = %(person)s),
  (SELECT count(*) FROM accounts_recoverycode WHERE person_id = %(person)s AND used_at IS NULL)
"""


def ways_in(person: UUID) -> WaysIn:
    """What this person has set up. One statement."""
    with connection.cursor() as cursor:
        cursor.execute(_WAYS, {"person": person})
        passkeys, app, recovery = cursor.fetchone()
    return WaysIn(passkeys=passkeys, app=app, recovery_left=recovery)


def passkeys(visitor: Visitor) -> tuple[PasskeyView, ...]:
    """The signed-in person's, the oldest first; none for a guest."""
    if visitor.person is None:
        return ()
    return tuple(
        PasskeyView(row.pk, row.name, row.created_at, row.last_used_at)
        for row in Passkey.objects.filter(person_id=visitor.person).order_by("id")
    )
