"""Guest orders join the account of whoever proved the address they were placed with."""

from __future__ import annotations

from django.db import connection

from tacit.accounts import queries as accounts
from tacit.accounts.types import Visitor

_CLAIM = """
UPDATE checkout_order SET person_id = %(person)s
WHERE id IN (
  SELECT id FROM checkout_order
  WHERE person_id IS NULL AND erased_at IS NULL AND email <> '' AND lower(email) = %(email)s
  ORDER BY id FOR UPDATE
)
"""


def claim_orders(visitor: Visitor) -> int:
    """Orders of nobody, placed with the signed-in person's address, are theirs from now on; how many.

    To be called right after they proved that address. Orders of somebody else and those without an address
    (erased, or imported without one) are never touched.
    """
    person = accounts.person(visitor.person) if visitor.person is not None else None
    if person is None or not person.email:
        return 0
    with connection.cursor() as cursor:
        cursor.execute(_CLAIM, {"person": person.id, "email": person.email})
        return int(cursor.rowcount)
