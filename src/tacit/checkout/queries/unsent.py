"""What is left to send of several orders. One statement a call."""

from __future__ import annotations

from collections.abc import Sequence

from django.db import connection

from tacit.accounts.types import NotAllowed, Visitor

_UNSENT = """
SELECT o.number, l.quantity - l.shipped - l.cancelled, l.name, l.label
FROM checkout_order o JOIN checkout_orderline l ON l.order_id = o.id
WHERE o.number = ANY(%s) AND l.quantity - l.shipped - l.cancelled > 0
ORDER BY o.number, l.position, l.id
"""


def unsent_lines(visitor: Visitor, numbers: Sequence[str]) -> dict[str, tuple[tuple[int, str, str], ...]]:
    """By order, the pieces left to send of each line as (pieces, name, label). Raises NotAllowed."""
    if not visitor.staff:
        raise NotAllowed
    with connection.cursor() as cursor:
        cursor.execute(_UNSENT, [list(numbers)])
        rows = cursor.fetchall()
    found: dict[str, tuple[tuple[int, str, str], ...]] = {}
    for number, pieces, name, label in rows:
        found[number] = (*found.get(number, ()), (pieces, name, label))
    return found
