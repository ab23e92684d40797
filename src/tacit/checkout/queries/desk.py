"""Orders for staff: what waits for a person, lists, sales by day. One statement a call."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db import connection

from tacit.accounts.types import NotAllowed, Visitor
from tacit.catalog import queries as catalog
from tacit.catalog.types import StockRow
from tacit.checkout.queries.parcels import PARCEL_OPEN
from tacit.checkout.queries.stuck import STUCK
from tacit.checkout.types.desk import LETTERS, Happening, SalesDay, StaffPage, StaffRow
from tacit.checkout.types.order import NoSuchOrder, OrderKind, OrderStatus
from tacit.core import clock, mail
from tacit.core.money import Money

PER_PAGE = 50
TROUBLED = "troubled"
ASTRAY = "astray"
"""Besides statuses ``staff_page`` takes these: money that needs a person, parcels that do."""

# What was authorised has lapsed under a paid order.
_LAPSED = """(o.status IN ('paid', 'shipped') AND o.total_minor > 0 AND o.id IN (
  SELECT p.order_id FROM checkout_payment p WHERE p.state = 'voided' AND NOT EXISTS (
    SELECT 1 FROM checkout_payment later WHERE later.order_id = p.order_id AND later.id > p.id)))"""
# The provider refused to take or give back money, or it has lapsed.
_TROUBLE = f"""
(o.status IN ('paid', 'shipped', 'cancelled', 'failed') AND o.id IN (
  SELECT p.order_id FROM checkout_moneyintent i JOIN checkout_payment p ON p.id = i.payment_id
    WHERE p.state IN ('authorised', 'captured') AND {STUCK})
OR {_LAPSED})
"""  # noqa: S608 - only constants are put together
_ASTRAY = f"o.id IN (SELECT s.order_id FROM checkout_shipment s WHERE {PARCEL_OPEN})"  # noqa: S608 - constants

_ROWS = """
SELECT o.number, o.status, o.kind, o.historic, o.placed_at, o.name, o.email, o.country, o.total_minor, o.currency,
  o.arrives_until, coalesce(l.pieces, 0), coalesce(l.unsent, 0), coalesce(l.sent, 0), coalesce(l.lines, 0),
  (SELECT json_agg(json_build_array(g.quantity, g.name, g.label)) FROM (SELECT quantity, name, label
     FROM checkout_orderline WHERE order_id = o.id ORDER BY position LIMIT 3) g)::text,
  p.instrument, p.authorised_minor, p.captured_minor, p.capturing_minor, p.refunded_minor, p.refunding_minor,
  p.refused::text, coalesce(p.state = 'voided' AND o.status IN ('paid', 'shipped') AND o.total_minor > 0, FALSE),
  s.state, s.state_at, s.expected, s.error, o.undo_until, o.found
FROM (SELECT o.*, {found} AS found FROM checkout_order o WHERE {where} ORDER BY {order}
      LIMIT %(limit)s OFFSET %(offset)s) o
LEFT JOIN LATERAL (SELECT sum(quantity) AS pieces, sum(quantity - shipped - cancelled) AS unsent,
    sum(shipped) AS sent, count(*) AS lines FROM checkout_orderline WHERE order_id = o.id) l ON TRUE
LEFT JOIN LATERAL (SELECT p.*, (SELECT json_agg(json_build_array(i.kind, i.error) ORDER BY i.id)
      FROM checkout_moneyintent i WHERE i.payment_id = p.id
        AND p.state IN ('authorised', 'captured') AND {stuck})
      AS refused FROM checkout_payment p WHERE p.order_id = o.id ORDER BY p.id DESC LIMIT 1) p ON TRUE
LEFT JOIN LATERAL (SELECT s.state, s.state_at, s.expected, s.error FROM checkout_shipment s WHERE s.order_id = o.id
    AND {parcel} ORDER BY s.state = 'lost' DESC, s.state = 'refused' DESC, s.id LIMIT 1) s ON TRUE
ORDER BY {order}
"""
_NEWEST = "o.placed_at DESC, o.id DESC"
_PROMISED = "o.arrives_until NULLS LAST, o.placed_at, o.id"


def staff_page(
    visitor: Visitor,
    *,
    status: str = "",
    query: str = "",
    day: date | None = None,
    page: int = 1,
    limit: int = PER_PAGE,
) -> StaffPage:
    """Orders by status, by number, e-mail or the number elsewhere, and by the shop's day they were placed on.

    ``status`` also TROUBLED and ASTRAY; paid ones are those to send, not those whose money has lapsed. Newest
    first; paid ones by the day they were promised for, then oldest
    first. Raises NotAllowed.
    """
    asked = query.strip()[:254]
    first = (max(page, 1) - 1) * limit
    parameters: dict[str, Any] = {"limit": limit + 1, "offset": first}
    conditions = ["TRUE"]
    if status in _SPECIAL:
        conditions.append(_SPECIAL[status])
    elif status:
        conditions.append("o.status = %(status)s")
        parameters["status"] = status
        if status == OrderStatus.PAID:
            conditions.append(f"NOT {_LAPSED}")
    if asked:
        conditions.append("(o.number = %(number)s OR o.email = %(email)s OR o.external_id = %(asked)s)")
        parameters |= {"number": asked.upper(), "email": asked.lower(), "asked": asked}
    if day is not None:
        conditions.append("o.placed_at >= %(since)s AND o.placed_at < %(until)s")
        parameters |= {"since": beginning(day), "until": beginning(day + timedelta(days=1))}
    counted = status in {OrderStatus.PAID, *_SPECIAL}
    rows, found = _read(
        visitor,
        " AND ".join(conditions),
        parameters,
        order=_PROMISED if status == OrderStatus.PAID else _NEWEST,
        counted=counted,
    )
    return StaffPage(rows[:limit], len(rows) > limit, (found or 0) if counted else None)


def staff_orders(
    visitor: Visitor, *, status: str = "", query: str = "", page: int = 1
) -> tuple[tuple[StaffRow, ...], bool]:
    """The rows of ``staff_page``, and whether there are more. Raises NotAllowed."""
    found = staff_page(visitor, status=status, query=query, page=page)
    return found.rows, found.more


_SPECIAL = {TROUBLED: _TROUBLE, ASTRAY: _ASTRAY}


def staff_rows(visitor: Visitor, numbers: list[str]) -> tuple[StaffRow, ...]:
    """These orders, in the order they should be sent; unknown numbers are left out. Raises NotAllowed."""
    parameters = {"numbers": numbers, "limit": len(numbers), "offset": 0}
    return _read(visitor, "o.number = ANY(%(numbers)s)", parameters, order=_PROMISED)[0]


def staff_row(visitor: Visitor, number: str) -> StaffRow:
    """One order as lists show it. Raises NotAllowed, NoSuchOrder."""
    rows = staff_rows(visitor, [number])
    if not rows:
        raise NoSuchOrder(number)
    return rows[0]


def _read(
    visitor: Visitor, where: str, parameters: dict[str, Any], *, order: str = _NEWEST, counted: bool = False
) -> tuple[tuple[StaffRow, ...], int | None]:
    if not visitor.staff:
        raise NotAllowed
    statement = _ROWS.format(
        where=where,
        order=order,
        parcel=PARCEL_OPEN,
        stuck=STUCK,
        found="count(*) OVER ()" if counted else "NULL::bigint",
    )
    with connection.cursor() as cursor:
        cursor.execute(statement, parameters)
        rows = cursor.fetchall()
    return tuple(_row(row) for row in rows), rows[0][-1] if rows else None


def _row(row: tuple[Any, ...]) -> StaffRow:
    currency = row[9]
    authorised, captured, capturing, refunded, refunding = (Money(each or 0, currency) for each in row[17:22])
    return StaffRow(
        number=row[0],
        status=OrderStatus(row[1]),
        kind=OrderKind(row[2]),
        historic=row[3],
        placed_at=row[4],
        name=row[5],
        email=row[6],
        country=row[7],
        total=Money(row[8], currency),
        arrives_until=row[10],
        pieces=int(row[11]),
        unsent=int(row[12]),
        sent=int(row[13]),
        lines=row[14],
        goods=tuple((quantity, name, label) for quantity, name, label in json.loads(row[15] or "[]")),
        instrument=row[16] or "",
        authorised=authorised,
        captured=captured,
        capturing=capturing,
        refunded=refunded,
        refunding=refunding,
        refused=tuple((kind, error) for kind, error in json.loads(row[22] or "[]")),
        lapsed=row[23],
        parcel=row[24] or "",
        parcel_at=row[25],
        parcel_expected=row[26],
        parcel_error=row[27] or "",
        undo_until=row[28],
    )


def beginning(day: date) -> datetime:
    """The moment a day of the shop begins."""
    return datetime.combine(day, time(), ZoneInfo(settings.SHOP_TIME_ZONE)).astimezone(UTC)


def sales_by_day(visitor: Visitor, *, now: datetime, days: int = 30) -> tuple[SalesDay, ...]:
    """The last ``days`` days of the shop up to today, oldest first. Revenue in the shop's first currency.

    Raises NotAllowed.
    """
    if not visitor.staff:
        raise NotAllowed
    today = clock.in_shop(now).date()
    first = today - timedelta(days=days - 1)
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT (placed_at AT TIME ZONE %(zone)s)::date, count(*),"
            " coalesce(sum(total_minor) FILTER (WHERE currency = %(currency)s), 0)::bigint FROM checkout_order"
            " WHERE placed_at >= %(since)s AND placed_at < %(until)s AND kind = 'sale'"
            " AND status IN ('paid', 'shipped', 'closed') GROUP BY 1",
            {
                "zone": settings.SHOP_TIME_ZONE,
                "currency": settings.SHOP_CURRENCY,
                "since": beginning(first),
                "until": beginning(today + timedelta(days=1)),
            },
        )
        found = {day: (orders, revenue) for day, orders, revenue in cursor.fetchall()}
    each = [first + timedelta(days=number) for number in range(days)]
    return tuple(
        SalesDay(day, orders, Money(revenue, settings.SHOP_CURRENCY))
        for day in each
        for orders, revenue in [found.get(day, (0, 0))]
    )


SOLD_DAYS = 30
COVER_DAYS = 14


def running_out(visitor: Visitor, *, now: datetime) -> tuple[tuple[StockRow, int], ...]:
    """What sold in the last SOLD_DAYS and at that pace is gone within COVER_DAYS, the scarcest first; pieces sold.

    Raises NotAllowed. A statement here and one in the catalogue.
    """
    if not visitor.staff:
        raise NotAllowed
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT l.variant_id, sum(l.quantity - l.cancelled) FROM checkout_order o"
            " JOIN checkout_orderline l ON l.order_id = o.id WHERE o.placed_at >= %s AND o.kind = 'sale'"
            " AND o.status IN ('paid', 'shipped') AND l.variant_id IS NOT NULL GROUP BY 1"
            " HAVING sum(l.quantity - l.cancelled) > 0",
            [now - timedelta(days=SOLD_DAYS)],
        )
        sold = {variant: int(pieces) for variant, pieces in cursor.fetchall()}
    return catalog.scarce(visitor, sold, days=SOLD_DAYS, cover=COVER_DAYS) if sold else ()


_HISTORY = """
SELECT at, what, state, amount, note, by FROM (
  SELECT o.placed_at AS at, 0 AS rank, 'placed' AS what, '' AS state, o.total_minor AS amount,
    CASE WHEN o.historic THEN o.origin ELSE '' END AS note, '' AS by
    FROM checkout_order o WHERE o.number = %(number)s
  UNION ALL SELECT p.created_at, 1, 'payment', p.state, p.amount_minor, p.instrument, '' FROM checkout_payment p
    JOIN checkout_order o ON o.id = p.order_id WHERE o.number = %(number)s
  UNION ALL SELECT coalesce(i.done_at, i.created_at), 4, i.kind, i.state, i.amount_minor,
    CASE WHEN i.state = 'refused' THEN i.error ELSE i.reason END, '' FROM checkout_moneyintent i
    JOIN checkout_payment p ON p.id = i.payment_id JOIN checkout_order o ON o.id = p.order_id
    WHERE o.number = %(number)s
  UNION ALL SELECT s.shipped_at, 3, 'parcel', '', NULL, trim(s.carrier || ' ' || s.tracking), ''
    FROM checkout_shipment s JOIN checkout_order o ON o.id = s.order_id WHERE o.number = %(number)s
  UNION ALL SELECT e.at, 5, 'parcel:' || e.state, '', NULL, s.tracking, '' FROM checkout_shipmentevent e
    JOIN checkout_shipment s ON s.id = e.shipment_id JOIN checkout_order o ON o.id = s.order_id
    WHERE o.number = %(number)s
  UNION ALL SELECT c.at, 2, c.what, '', NULL, '', c.by FROM checkout_orderchange c
    JOIN checkout_order o ON o.id = c.order_id
    WHERE o.number = %(number)s
      AND c.what IN ('cancel', 'address', 'lower_price', 'send_by_hand', 'send_again', 'take_back', 'settle')
) h ORDER BY at, rank
"""


def order_history(visitor: Visitor, number: str) -> tuple[Happening, ...]:
    """What happened to an order, its letters too, oldest first; nothing for an unknown one.

    Three statements. Raises NotAllowed.
    """
    if not visitor.staff:
        raise NotAllowed
    with connection.cursor() as cursor:
        cursor.execute("SELECT currency FROM checkout_order WHERE number = %s", [number])
        row = cursor.fetchone()
        if row is None:
            return ()
        cursor.execute(_HISTORY, {"number": number})
        happened = [
            Happening(at, what, state, None if amount is None else Money(amount, row[0]), note, by)
            for at, what, state, amount, note, by in cursor.fetchall()
        ]
    happened += [
        Happening(each.created_at, "mail", each.status, note=each.subject, mail=each.id)
        for each in mail.about(visitor, f"{LETTERS}:{number}:")
    ]
    return tuple(sorted(happened, key=lambda each: each.at))
