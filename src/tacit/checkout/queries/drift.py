"""Disagreements about money that stand open, for the desk."""

from __future__ import annotations

from django.db import connection

from tacit.accounts.types import NotAllowed, Visitor
from tacit.checkout.types.ledger import DriftRow, What
from tacit.core.money import Money

_OPEN = """
SELECT d.reference, coalesce(o.number, ''), d.what, d.ours_minor, d.theirs_minor, d.currency, d.since, d.last_seen
FROM checkout_moneydrift d LEFT JOIN checkout_order o ON o.id = d.order_id
WHERE d.gone_at IS NULL ORDER BY d.since, d.id LIMIT %s
"""


def open_drift(visitor: Visitor, *, limit: int) -> list[DriftRow]:
    """What ledger, payments, orders and providers disagree on now, the oldest first. Raises NotAllowed."""
    if not visitor.staff:
        raise NotAllowed
    with connection.cursor() as cursor:
        cursor.execute(_OPEN, [limit])
        return [
            DriftRow(
                reference=reference,
                order=order,
                what=What(what),
                ours=Money(ours, currency),
                theirs=Money(theirs, currency),
                since=since,
                last_seen=last_seen,
            )
            for reference, order, what, ours, theirs, currency, since, last_seen in cursor.fetchall()
        ]
