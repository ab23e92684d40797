"""Orders of whoever asks."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.db import connection

from tacit.accounts.types import Scope, Visitor
from tacit.checkout.queries.stuck import STUCK
from tacit.checkout.rules.pricing import tax_parts
from tacit.checkout.types.carrier import ParcelEvent, ParcelState
from tacit.checkout.types.delivery import Arrival
from tacit.checkout.types.order import (
    NoSuchOrder,
    OrderKind,
    OrderLineView,
    OrderRow,
    OrderStatus,
    OrderView,
    PaymentView,
    ShipmentView,
)
from tacit.checkout.types.payment import PaymentState
from tacit.core.address import Address
from tacit.core.money import Money

PER_PAGE = 50

# The gate: staff, a program that may read orders, the holder of this order's signed link, or the person it
# belongs to. A null person equals nobody.
_GATE = "(%(staff)s OR o.number = %(link)s OR o.person_id = %(person)s)"

_ORDER = f"""
SELECT o.number, o.kind, o.status, o.historic, o.origin, o.placed_at, o.email, o.name, o.line1, o.line2,
  o.postcode, o.city, o.country, o.shipping_name, o.currency, o.goods_minor, o.shipping_minor, o.tax_minor,
  o.total_minor,
  (SELECT json_agg(json_build_array(l.id, l.variant_id, l.sku, l.name, l.label, l.quantity, l.unit_minor,
     l.tax_percent::text, l.shipped, l.returned, l.cancelled, l.tax_minor + l.delivery_tax_minor) ORDER BY l.position)
     FROM checkout_orderline l WHERE l.order_id = o.id)::text,
  (SELECT json_agg(json_build_array(s.id, s.shipped_at, s.carrier, s.tracking, s.state, s.state_at, s.expected,
     (SELECT json_agg(json_build_array(e.state, e.at) ORDER BY e.at, e.id) FROM checkout_shipmentevent e
        WHERE e.shipment_id = s.id), s.error, s.settled) ORDER BY s.id)
     FROM checkout_shipment s WHERE s.order_id = o.id)::text,
  (SELECT json_build_array(p.reference, p.provider, p.state, p.instrument, p.amount_minor, p.authorised_minor,
     p.captured_minor, p.refunded_minor, p.refunding_minor, p.action_url, p.decline_code,
     (SELECT json_agg(json_build_array(i.kind, i.error) ORDER BY i.id) FROM checkout_moneyintent i
        WHERE i.payment_id = p.id AND p.state IN ('authorised', 'captured') AND {STUCK}))
     FROM checkout_payment p WHERE p.order_id = o.id ORDER BY p.id DESC LIMIT 1)::text,
  o.language, o.tax_included, o.arrives_from, o.arrives_until,
  (SELECT json_agg(json_build_array(h.what, h.at) ORDER BY h.at) FROM (
     SELECT CASE m.kind WHEN 'authorised' THEN 'held' WHEN 'captured' THEN 'taken' WHEN 'released' THEN 'released'
         ELSE 'given_back' END AS what, m.at AS at
       FROM checkout_moneymovement m JOIN checkout_payment p ON p.id = m.payment_id WHERE p.order_id = o.id
         AND NOT (m.kind = 'authorised' AND EXISTS (SELECT 1 FROM checkout_moneymovement taken
           WHERE taken.payment_id = p.id AND taken.kind = 'captured' AND taken.at = m.at))
     UNION ALL SELECT 'cancelled', c.at FROM checkout_orderchange c
       WHERE c.order_id = o.id AND c.what = 'cancel') h)::text,
  o.undo_until, (o.person_id = %(person)s) IS TRUE
FROM checkout_order o WHERE o.number = %(number)s AND {_GATE}
"""  # noqa: S608 - only constants are put together


def order_of(visitor: Visitor, number: str) -> OrderView:
    """The order, if it is the visitor's to see. Raises NoSuchOrder, the same for unknown and for another's."""
    with connection.cursor() as cursor:
        cursor.execute(
            _ORDER,
            {
                "number": number,
                "staff": visitor.may(Scope.ORDERS_READ),
                "link": visitor.order,
                "person": visitor.person,
            },
        )
        row = cursor.fetchone()
    if row is None:
        raise NoSuchOrder(number)
    return _order(row)


def _order(row: tuple[Any, ...]) -> OrderView:
    currency = row[14]
    lines = tuple(_line(line, currency) for line in json.loads(row[19] or "[]"))
    return OrderView(
        number=row[0],
        kind=OrderKind(row[1]),
        status=OrderStatus(row[2]),
        historic=row[3],
        origin=row[4],
        placed_at=row[5],
        email=row[6],
        address=Address(*row[7:13]),
        shipping_name=row[13],
        goods=Money(row[15], currency),
        shipping=Money(row[16], currency),
        tax=Money(row[17], currency),
        total=Money(row[18], currency),
        lines=lines,
        shipments=tuple(_shipment(parcel) for parcel in json.loads(row[20] or "[]")),
        payment=_payment(json.loads(row[21]), currency) if row[21] else None,
        language=row[22],
        tax_included=row[23],
        taxes=tax_parts((line.percent, line.tax) for line in lines if line.tax is not None),
        arrival=Arrival(row[24], row[25]) if row[24] else None,
        moments=tuple((what, datetime.fromisoformat(at)) for what, at in json.loads(row[26] or "[]")),
        undo_until=row[27],
        mine=row[28],
    )


def _shipment(data: list[Any]) -> ShipmentView:
    return ShipmentView(
        id=data[0],
        shipped_at=datetime.fromisoformat(data[1]),
        carrier=data[2],
        tracking=data[3],
        state=ParcelState(data[4]),
        state_at=datetime.fromisoformat(data[5]),
        expected=date.fromisoformat(data[6]) if data[6] else None,
        events=tuple(
            ParcelEvent(ParcelState(state), datetime.fromisoformat(at)) for state, at in data[7] or ()
        ),
        error=data[8],
        settled=data[9],
    )


def _line(data: list[Any], currency: str) -> OrderLineView:
    identifier, variant, sku, name, label, quantity, unit, percent, shipped, returned, cancelled, tax = data
    return OrderLineView(
        id=identifier,
        variant=variant,
        sku=sku,
        name=name,
        label=label,
        quantity=quantity,
        unit=Money(unit, currency),
        total=Money(unit * quantity, currency),
        percent=Decimal(percent),
        shipped=shipped,
        returned=returned,
        cancelled=cancelled,
        tax=Money(tax, currency),
    )


def _payment(data: list[Any], currency: str) -> PaymentView:
    return PaymentView(
        reference=data[0],
        provider=data[1],
        state=PaymentState(data[2]),
        instrument=data[3],
        amount=Money(data[4], currency),
        authorised=Money(data[5], currency),
        captured=Money(data[6], currency),
        refunded=Money(data[7], currency),
        refunding=Money(data[8], currency),
        action_url=data[9],
        decline_code=data[10],
        refused=tuple((kind, error) for kind, error in data[11] or ()),
    )


ROW = """o.number, o.status, o.kind, o.historic, o.placed_at, o.name, o.email, o.total_minor, o.currency,
  (SELECT coalesce(sum(l.quantity), 0) FROM checkout_orderline l WHERE l.order_id = o.id), o.arrives_until"""
"""The columns of one line of an order list, from ``checkout_order o``; ``order_row`` reads them."""


def order_row(row: Sequence[Any]) -> OrderRow:
    """What ``ROW`` selected; columns after it are left alone."""
    number, status, kind, historic, placed_at, name, email, total, currency, pieces, arrives_until = row[:11]
    return OrderRow(
        number=number,
        status=OrderStatus(status),
        kind=OrderKind(kind),
        historic=historic,
        placed_at=placed_at,
        name=name,
        email=email,
        total=Money(total, currency),
        pieces=int(pieces),
        arrives_until=arrives_until,
    )


_ROWS = f"""
SELECT {ROW}
FROM (SELECT * FROM checkout_order o WHERE {{where}} ORDER BY o.placed_at DESC, o.id DESC
      LIMIT %(limit)s OFFSET %(offset)s) o
ORDER BY o.placed_at DESC, o.id DESC
"""  # noqa: S608 - only constants are put together


def _rows(where: str, parameters: dict[str, str | int | UUID]) -> tuple[OrderRow, ...]:
    with connection.cursor() as cursor:
        cursor.execute(_ROWS.format(where=where), parameters)
        return tuple(order_row(row) for row in cursor.fetchall())


def orders_of(visitor: Visitor) -> tuple[OrderRow, ...]:
    """The signed-in person's orders, newest first; nothing for a guest."""
    if visitor.person is None:
        return ()
    return _rows("o.person_id = %(person)s", {"person": visitor.person, "limit": PER_PAGE, "offset": 0})
