"""All orders in turn, for programs."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db import connection

from tacit.accounts.types import NotAllowed, Scope, Visitor
from tacit.checkout.types.order import OrderKind, OrderRow, OrderStatus
from tacit.core.money import Money

_FEED = """
SELECT o.number, o.status, o.kind, o.historic, o.placed_at, o.name, o.email, o.total_minor, o.currency,
  (SELECT coalesce(sum(l.quantity), 0) FROM checkout_orderline l WHERE l.order_id = o.id), o.arrives_until, o.id
FROM checkout_order o WHERE {where} ORDER BY o.placed_at, o.id LIMIT %(limit)s
"""


def order_feed(
    visitor: Visitor,
    *,
    status: str = "",
    since: datetime | None = None,
    after: tuple[datetime, int] | None = None,
    limit: int = 50,
) -> tuple[tuple[OrderRow, ...], tuple[datetime, int] | None]:
    """At most ``limit`` orders placed after ``after`` (moment, id), the oldest first, and where to go on.

    ``since``: placed then or later. None as the place to go on is the end. Raises NotAllowed.
    """
    if not visitor.may(Scope.ORDERS_READ):
        raise NotAllowed
    conditions, parameters = ["TRUE"], dict[str, Any](limit=limit + 1)
    if status:
        conditions.append("o.status = %(status)s")
        parameters["status"] = status
    if since is not None:
        conditions.append("o.placed_at >= %(since)s")
        parameters["since"] = since
    if after is not None:
        conditions.append("(o.placed_at, o.id) > (%(at)s, %(id)s)")
        parameters |= {"at": after[0], "id": after[1]}
    with connection.cursor() as cursor:
        cursor.execute(_FEED.format(where=" AND ".join(conditions)), parameters)
        rows = cursor.fetchall()
    found = tuple(
        OrderRow(
            number=row[0],
            status=OrderStatus(row[1]),
            kind=OrderKind(row[2]),
            historic=row[3],
            placed_at=row[4],
            name=row[5],
            email=row[6],
            total=Money(row[7], row[8]),
            pieces=int(row[9]),
            arrives_until=row[10],
        )
        for row in rows[:limit]
    )
    return found, (rows[limit - 1][4], rows[limit - 1][11]) if len(rows) > limit else None
