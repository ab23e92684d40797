"""Bringing in another shop's order history: written as it was, marked historic, so that nobody is mailed."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime

from django.db import connection, transaction

from tacit.checkout.actions.setup import set_shipping_method, set_shipping_rates
from tacit.checkout.models import ShippingMethod, ShippingRate
from tacit.checkout.types.delivery import Rate
from tacit.checkout.types.importing import ImportedOrder, ImportResult
from tacit.checkout.types.order import OrderKind, OrderStatus
from tacit.core import ids, journal
from tacit.core.events import OrdersImported
from tacit.core.money import Money

_AT_ONCE = 1_000
_LINES_AT_ONCE = 20_000
DIFFERING_SHOWN = 5

_GIVEN = (
    "CREATE TEMP TABLE checkout_import (id bigint, external_id text, lines int, amount bigint) ON COMMIT DROP"
)
_KNOWN = "SELECT id, external_id FROM checkout_order WHERE origin = %s AND external_id = ANY(%s)"
_ORDERS = """
INSERT INTO checkout_order (number, kind, status, historic, origin, external_id, person_id, customer, cart,
  email, name, line1, line2, postcode, city, country, currency, goods_minor, shipping_minor, tax_minor, total_minor,
  shipping_code, shipping_name, placed_at, pay_by)
SELECT number, kind, status, true, %s, external_id, NULL, customer, NULL, '', '', '', '', '', '', country,
  currency, goods, 0, 0, goods, '', '', placed_at, NULL
FROM unnest(%s::text[], %s::text[], %s::text[], %s::text[], %s::text[], %s::text[], %s::text[], %s::bigint[],
  %s::timestamptz[]) AS o(number, kind, status, external_id, customer, country, currency, goods, placed_at)
RETURNING id, external_id
"""
_LINES = """
COPY checkout_orderline (order_id, position, variant_id, sku, name, label, quantity, unit_minor, tax_percent,
  tax_minor, limit_id, shipped, returned, cancelled, historic) FROM STDIN
"""
_WRITTEN = """
SELECT count(DISTINCT g.id), count(l.id), coalesce(sum(l.quantity), 0)::bigint,
  coalesce(sum(l.quantity * l.unit_minor), 0)::bigint
FROM checkout_import g JOIN checkout_orderline l ON l.order_id = g.id
"""
_DIFFERING = """
SELECT g.external_id FROM checkout_import g LEFT JOIN checkout_orderline l ON l.order_id = g.id
GROUP BY g.external_id, g.lines, g.amount
HAVING count(l.id) <> g.lines OR coalesce(sum(l.quantity * l.unit_minor), 0) <> g.amount
ORDER BY g.external_id LIMIT %s
"""


def import_orders(*, origin: str, orders: Iterable[ImportedOrder], now: datetime) -> ImportResult:
    """Write the orders that ``origin`` has and we do not; those we have are left as they are.

    Sales count as shipped, everything else as closed. One journal row for all of it, none when nothing is
    new. ``orders`` is read in portions and may itself read from the same connection. It joins
    the transaction around it. Raises IntegrityError for what no order can be.
    """
    created = created_lines = kept = 0
    with transaction.atomic():
        _one_at_a_time(origin)
        with connection.cursor() as cursor:
            cursor.execute(_GIVEN)
        for portion in _portions(orders):
            known = _known(origin, portion)
            new = [order for order in portion if order.external_id not in known]
            written = _write_orders(origin, new)
            created += len(new)
            created_lines += _write_lines(new, written)
            kept += len(portion) - len(new)
            _note_given(portion, {**known, **written})
        if created:
            event = OrdersImported(origin=origin, orders=created, lines=created_lines)
            journal.record(event, at=now, historic=True)
        return _read_back(created, created_lines, kept)


def _portions(orders: Iterable[ImportedOrder]) -> Iterator[list[ImportedOrder]]:
    """Not too many orders, nor too many lines, in memory at once."""
    portion: list[ImportedOrder] = []
    lines = 0
    for order in orders:
        portion.append(order)
        lines += len(order.lines)
        if len(portion) >= _AT_ONCE or lines >= _LINES_AT_ONCE:
            yield portion
            portion, lines = [], 0
    if portion:
        yield portion


def _one_at_a_time(origin: str) -> None:
    """A second import from the same origin waits here for the first to commit, then finds its orders."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [f"checkout import {origin}"])


def _known(origin: str, orders: Sequence[ImportedOrder]) -> dict[str, int]:
    with connection.cursor() as cursor:
        cursor.execute(_KNOWN, [origin, [order.external_id for order in orders]])
        return {external_id: id_ for id_, external_id in cursor.fetchall()}


def _amount(order: ImportedOrder) -> int:
    return sum(line.quantity * line.unit_minor for line in order.lines)


def _write_orders(origin: str, orders: Sequence[ImportedOrder]) -> dict[str, int]:
    if not orders:
        return {}
    with connection.cursor() as cursor:
        cursor.execute(
            _ORDERS,
            [
                origin,
                [ids.order_number() for _ in orders],
                [order.kind.value for order in orders],
                [_status(order.kind).value for order in orders],
                [order.external_id for order in orders],
                [order.customer for order in orders],
                [order.country for order in orders],
                [order.currency for order in orders],
                [_amount(order) for order in orders],
                [order.placed_at for order in orders],
            ],
        )
        return {external_id: id_ for id_, external_id in cursor.fetchall()}


def _status(kind: OrderKind) -> OrderStatus:
    return OrderStatus.SHIPPED if kind is OrderKind.SALE else OrderStatus.CLOSED


def _write_lines(orders: Sequence[ImportedOrder], written: dict[str, int]) -> int:
    if not orders:
        return 0
    lines = 0
    with connection.wrap_database_errors, connection.cursor() as cursor, cursor.copy(_LINES) as copy:
        for order in orders:
            id_, sold = written[order.external_id], order.kind is OrderKind.SALE
            for position, line in enumerate(order.lines, start=1):
                shipped = line.quantity if sold else 0
                what = (id_, position, line.variant, line.sku, line.name, "", line.quantity, line.unit_minor)
                copy.write_row((*what, 0, 0, None, shipped, line.returned, 0, True))
            lines += len(order.lines)
    return lines


def _note_given(orders: Sequence[ImportedOrder], known: dict[str, int]) -> None:
    with connection.cursor() as cursor, cursor.copy("COPY checkout_import FROM STDIN") as copy:
        for order in orders:
            id_ = known[order.external_id]
            copy.write_row((id_, order.external_id, len(order.lines), _amount(order)))


def _read_back(created: int, created_lines: int, kept: int) -> ImportResult:
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE checkout_import")
        cursor.execute(_WRITTEN)
        orders, lines, pieces, amount = cursor.fetchone()
        cursor.execute(_DIFFERING, [DIFFERING_SHOWN])
        differing = tuple(row[0] for row in cursor.fetchall())
        cursor.execute("DROP TABLE checkout_import")
    return ImportResult(created, created_lines, kept, orders, lines, pieces, amount, differing)


def offer_shipping(*, code: str, name: str, price: Money, free_over: Money | None = None) -> bool:
    """Make a way of sending in this currency when the shop has none yet; whether it was made."""
    if ShippingRate.objects.filter(currency=price.currency, destination__method__active=True).exists():
        return False
    if ShippingMethod.objects.filter(code=code).exists():
        rates = [Rate(price)]
        if free_over is not None:
            rates.append(Rate(Money(0, price.currency), total_from=free_over.minor))
        set_shipping_rates(method=code, currency=price.currency, rates=rates)
        return True
    set_shipping_method(code=code, name=name, currency=price.currency, price=price, free_over=free_over)
    return True
