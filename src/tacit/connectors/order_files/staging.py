"""The file's rows in temporary tables of the session: checked, counted and read back from there.

order_file_line       one row of the file: Row's fields
order_file_order      one invoice: what its lines have in common, and their sums
order_file_cancelled  a cancelled line of goods: pieces ``wanted`` back, pieces ``matched`` to purchases
order_file_returned   a purchased line: ``pieces`` of it given back
The tables belong to the connection and are gone with it, so a killed import leaves nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby, islice
from typing import Any, cast

from django.db import connection

from tacit.connectors.files.bad import MOST_BAD_ROWS, BadRow, ascii_safe
from tacit.connectors.order_files.profile import Oddity, Profile
from tacit.connectors.order_files.returns import Movement, allocate
from tacit.connectors.order_files.rows import MOST_LINES, Row
from tacit.core.money import LARGEST_MINOR

_TABLES = ("order_file_line", "order_file_order", "order_file_cancelled", "order_file_returned")
_CREATE = """
CREATE TEMP TABLE order_file_line (
  line int, invoice text COLLATE "C", kind text COLLATE "C", code_given text COLLATE "C",
  code text COLLATE "C", goods bool, description text COLLATE "C", name text COLLATE "C", quantity int, price numeric,
  unit_minor bigint, at timestamptz, customer text COLLATE "C", country text COLLATE "C");
CREATE TEMP TABLE order_file_cancelled (line int, wanted int, matched int);
CREATE TEMP TABLE order_file_returned (line int, pieces int)
"""
_ORDERS = """
CREATE TEMP TABLE order_file_order AS SELECT invoice, min(line) AS line, min(at) AS at,
  CASE WHEN min(kind) = 'sale' AND min(quantity) < 0 THEN 'adjustment' ELSE min(kind) END AS kind,
  min(customer) AS customer, max(customer) AS other_customer, min(country) AS country,
  max(country) AS other_country, min(at) <> max(at) AS several_times, count(*)::int AS lines,
  sum(quantity) AS pieces, sum(quantity * unit_minor) AS amount
FROM order_file_line GROUP BY invoice
"""
_MIXED = """
SELECT l.line, o.invoice, l.customer <> f.customer AS by_customer,
  CASE WHEN l.customer <> f.customer THEN l.customer ELSE l.country END
FROM order_file_order o JOIN order_file_line f ON f.line = o.line
JOIN order_file_line l ON l.invoice = o.invoice
WHERE (o.customer <> o.other_customer OR o.country <> o.other_country)
  AND (l.customer <> f.customer OR l.country <> f.country) ORDER BY l.line LIMIT %s
"""
_TOO_LARGE = """
SELECT l.line, o.invoice, o.lines > %s AS too_long, o.amount::text FROM order_file_order o
JOIN order_file_line l ON l.invoice = o.invoice WHERE o.lines > %s OR abs(o.amount) > %s ORDER BY l.line LIMIT %s
"""
_MOVEMENTS = """
SELECT l.customer, l.code, l.line, l.quantity FROM order_file_line l JOIN order_file_order o USING (invoice)
WHERE l.goods AND l.customer <> '' AND (o.kind = 'sale' OR (o.kind = 'credit_note' AND l.quantity < 0))
  AND (l.customer, l.code) IN (SELECT customer, code FROM order_file_line WHERE kind = 'credit_note')
ORDER BY l.customer, l.code, l.at, l.quantity < 0, l.line
"""
_PRODUCTS = """
WITH sold AS (
  SELECT code, line, at, unit_minor, name FROM order_file_line
  WHERE goods AND kind = 'sale' AND quantity > 0 AND unit_minor > 0),
named AS (
  SELECT DISTINCT ON (code) code, name FROM (
    SELECT code, name, count(*) AS times, max(line) AS latest FROM sold
    WHERE name <> '' GROUP BY code, name) n
  ORDER BY code, times DESC, latest DESC),
priced AS (SELECT DISTINCT ON (code) code, unit_minor, at FROM sold ORDER BY code, at DESC, line DESC)
SELECT code, coalesce(name, code), unit_minor, at FROM priced LEFT JOIN named USING (code) ORDER BY code
"""
_ORDER_ROWS = "SELECT invoice, kind, at, customer, country, lines FROM order_file_order ORDER BY line"
_LINE_ROWS = """
SELECT l.code, l.goods, l.name, l.quantity, l.unit_minor, coalesce(r.pieces, 0)
FROM order_file_line l JOIN order_file_order o USING (invoice)
LEFT JOIN order_file_returned r ON r.line = l.line
ORDER BY o.line, l.line
"""
_COPIED_AT_ONCE = 20_000
_FETCHED_AT_ONCE = 5_000


@dataclass(frozen=True, slots=True)
class Totals:
    """What the staged file comes to. ``amount``: sum of quantity × unit price in minor units."""

    lines: int
    orders: int
    cancellations: int
    customers: int
    pieces: int
    amount: int


@dataclass(frozen=True, slots=True)
class StagedProduct:
    code: str
    name: str
    unit_minor: int
    since: datetime


@dataclass(frozen=True, slots=True)
class StagedLine:
    code: str
    goods: bool
    name: str
    quantity: int
    unit_minor: int
    returned: int


@dataclass(frozen=True, slots=True)
class StagedOrder:
    invoice: str
    kind: str
    at: datetime
    customer: str
    country: str
    lines: tuple[StagedLine, ...]


class Staging:
    """The temporary tables, between ``staged()`` opening and dropping them."""

    def __init__(self) -> None:
        self._returned: list[tuple[int, int]] = []
        self._cancelled: list[tuple[int, int, int]] = []

    def fill(self, rows: Iterable[Row]) -> None:
        """Copy rows in, some thousands a transaction, so that journal readers are not held up."""
        rest = iter(rows)
        while chunk := list(islice(rest, _COPIED_AT_ONCE)):
            with (
                connection.cursor() as cursor,
                cursor.copy(f"COPY order_file_line ({', '.join(Row._fields)}) FROM STDIN") as copy,
            ):
                for row in chunk:
                    copy.write_row(row)

    def gather_orders(self) -> None:
        """Make invoices of the lines."""
        _run("ANALYZE order_file_line")
        _run("DROP TABLE IF EXISTS order_file_order")
        _run(_ORDERS)
        _run("ANALYZE order_file_order")

    def bad_invoices(self, profile: Profile) -> list[BadRow]:
        """Lines that contradict the rest of their invoice: another customer or country, too large."""
        columns = profile.columns
        found = [
            BadRow(
                line,
                columns.customer if by_customer else columns.country,
                f"it differs from the first line of invoice {invoice}",
                ascii_safe(value),
            )
            for line, invoice, by_customer, value in _rows(_MIXED, [MOST_BAD_ROWS])
        ]
        if found:
            return found
        for line, invoice, too_long, value in _rows(
            _TOO_LARGE, [MOST_LINES, MOST_LINES, LARGEST_MINOR, MOST_BAD_ROWS]
        ):
            if too_long:
                reason = f"the invoice has more than {MOST_LINES:,} lines"
                found.append(BadRow(line, columns.invoice, reason, ascii_safe(invoice)))
            else:
                reason = f"invoice {invoice} comes to more than an order can"
                found.append(BadRow(line, columns.price, reason, value))
        return found

    def drop_lines(self, numbers: list[int]) -> None:
        _run("DELETE FROM order_file_line WHERE line = ANY(%s)", [numbers])

    def match_returns(self) -> None:
        """Find the purchases that cancelled goods give back (returns.py)."""
        rows = _stream("order_file_movements", _MOVEMENTS)
        for _, group in groupby(rows, key=lambda row: row[:2]):
            movements = [Movement(line, quantity) for _, _, line, quantity in group]
            found = allocate(movements)
            wanted = {each.line: -each.pieces for each in movements if each.pieces < 0}
            self._returned += found.returned.items()
            self._cancelled += ((line, wanted[line], pieces) for line, pieces in found.matched.items())
            if len(self._returned) + len(self._cancelled) > _COPIED_AT_ONCE:
                self._keep_matches()
        self._keep_matches()
        _run("ANALYZE order_file_returned")

    def _keep_matches(self) -> None:
        for table, rows in (
            ("order_file_returned", self._returned),
            ("order_file_cancelled", self._cancelled),
        ):
            with connection.cursor() as cursor, cursor.copy(f"COPY {table} FROM STDIN") as copy:
                for row in cast("list[tuple[int, ...]]", rows):
                    copy.write_row(row)
            rows.clear()

    def totals(self) -> Totals:
        ((lines, orders, cancellations, customers, pieces, amount),) = _rows(
            "SELECT coalesce(sum(lines), 0)::bigint, count(*), count(*) FILTER (WHERE kind = 'credit_note'),"
            " count(DISTINCT customer) FILTER (WHERE customer <> ''), coalesce(sum(pieces), 0)::bigint,"
            " coalesce(sum(amount), 0)::bigint FROM order_file_order"
        )
        return Totals(lines, orders, cancellations, customers, pieces, amount)

    def count(self, oddity: Oddity) -> int:
        """How often the file has it."""
        ((found,),) = _rows(oddity.count)
        return int(found)

    def products(self) -> Iterator[StagedProduct]:
        """Goods that were sold at a price: named as most often when sold (a tie: as last), priced as last."""
        for row in _stream("order_file_products", _PRODUCTS):
            yield StagedProduct(*row)

    def orders(self) -> Iterator[StagedOrder]:
        """Every invoice with its lines, in the order of the file."""
        lines = _stream("order_file_lines", _LINE_ROWS)
        for invoice, kind, at, customer, country, count in _stream("order_file_orders", _ORDER_ROWS):
            of_order = tuple(StagedLine(*row) for row in islice(lines, count))
            yield StagedOrder(invoice, kind, at, customer, country, of_order)


@contextmanager
def staged() -> Iterator[Staging]:
    """Open the temporary tables; they are dropped afterwards, whatever happens."""
    _drop()
    _run(_CREATE)
    try:
        yield Staging()
    finally:
        if connection.connection is not None and not connection.connection.closed:
            _drop()


def _drop() -> None:
    if not connection.needs_rollback:
        _run("CLOSE ALL")
        _run(f"DROP TABLE IF EXISTS {', '.join('pg_temp.' + table for table in _TABLES)}")


def _run(statement: str, parameters: list[Any] | None = None) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement, parameters)


def _rows(statement: str, parameters: list[Any] | None = None) -> list[Any]:
    with connection.cursor() as cursor:
        cursor.execute(statement, parameters)
        found: list[Any] = cursor.fetchall()
        return found


def _stream(name: str, statement: str) -> Iterator[Any]:
    """The rows of a SELECT, some thousands at a time. Between two of them other statements may run on the
    connection, a COPY too; the cursor is held, so a transaction may end as well."""
    _run(f"DECLARE {name} NO SCROLL CURSOR WITH HOLD FOR {statement}")
    while rows := _rows(f"FETCH {_FETCHED_AT_ONCE} FROM {name}"):
        yield from rows
    _run(f"CLOSE {name}")
