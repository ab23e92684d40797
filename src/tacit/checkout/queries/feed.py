"""All orders in turn, for programs."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db import connection

from tacit.accounts.types import NotAllowed, Scope, Visitor
from tacit.checkout.queries.orders import ROW, order_row
from tacit.checkout.types.order import OrderRow

_FEED = f"""
SELECT {ROW}, o.id FROM checkout_order o WHERE {{where}} ORDER BY o.placed_at, o.id LIMIT %(limit)s
"""  # noqa: S608 - only constants are put together


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
    found = tuple(order_row(row) for row in rows[:limit])
    return found, (rows[limit - 1][4], rows[limit - 1][11]) if len(rows) > limit else None
