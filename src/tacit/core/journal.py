"""The append-only record of what happened, and readers that never skip a late commit.

A row's id is taken before its transaction commits, so a reader that remembered only the largest id would
miss rows that commit late. Readers therefore go by (transaction id, row id) and stop below the oldest
transaction that is still open (``pg_snapshot_xmin``): whatever they have passed can no longer grow.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import connection, transaction

from tacit.core.asking import Asking, staff_only
from tacit.core.events import KINDS, Event
from tacit.core.models import JournalEntry, JournalReader

PER_PAGE = 100


@dataclass(frozen=True, slots=True)
class Entry:
    """One journal row as a reader gets it. ``historic``: imported, nobody is to be told."""

    id: int
    kind: str
    at: datetime
    historic: bool
    data: dict[str, Any]

    def event(self) -> Event:
        """The row as its declared class. Raises KeyError for a kind this version no longer knows."""
        return KINDS[self.kind](**self.data)


@dataclass(frozen=True, slots=True)
class Lag:
    """How far a reader is behind: ``entries`` unread, the oldest of them ``age`` old."""

    reader: str
    entries: int
    age: timedelta
    read_at: datetime | None


def record(event: Event, *, at: datetime, historic: bool = False) -> None:
    """Append ``event`` in the caller's transaction. One statement."""
    if KINDS.get(event.kind) is not type(event):
        raise TypeError(f"{type(event).__name__} is not a declared journal kind")
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO core_journalentry (kind, at, historic, data) VALUES (%s, %s, %s, %s)",
            [event.kind, at, historic, json.dumps(event.data())],
        )


def read(reader: str, handle: Callable[[Sequence[Entry]], None], *, now: datetime, limit: int = 500) -> int:
    """Give the next rows to ``handle`` and move on, in one transaction; how many there were.

    What ``handle`` writes to the database happens exactly once; anything else at least once. A second
    process reading as the same ``reader`` at that moment returns 0 at once.
    """
    with transaction.atomic(), connection.cursor() as cursor:
        JournalReader.objects.bulk_create([JournalReader(name=reader)], ignore_conflicts=True)
        cursor.execute(
            "SELECT xid::text, entry FROM core_journalreader WHERE name = %s FOR UPDATE SKIP LOCKED", [reader]
        )
        position = cursor.fetchone()
        if position is None:
            return 0
        cursor.execute(
            "SELECT id, xid::text, kind, at, historic, data::text FROM core_journalentry"
            " WHERE (xid, id) > (%s::xid8, %s) AND xid < pg_snapshot_xmin(pg_current_snapshot())"
            " ORDER BY xid, id LIMIT %s",
            [*position, limit],
        )
        rows = cursor.fetchall()
        if not rows:
            return 0
        handle([Entry(row[0], row[2], row[3], row[4], json.loads(row[5])) for row in rows])
        cursor.execute(
            "UPDATE core_journalreader SET xid = %s::xid8, entry = %s, read_at = %s WHERE name = %s",
            [rows[-1][1], rows[-1][0], now, reader],
        )
        return len(rows)


def lags(*, now: datetime) -> list[Lag]:
    """How far every reader is behind, the worst first."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT r.name, count(e.id), min(e.at), r.read_at FROM core_journalreader r"
            " LEFT JOIN core_journalentry e ON (e.xid, e.id) > (r.xid, r.entry)"
            " GROUP BY r.name, r.read_at ORDER BY 2 DESC, 1"
        )
        return [
            Lag(name, count, now - oldest if oldest else timedelta(0), read_at)
            for name, count, oldest, read_at in cursor.fetchall()
        ]


def latest(asking: Asking, *, page: int = 1) -> tuple[list[Entry], bool]:
    """The newest rows for staff, newest first: PER_PAGE a page (from 1), and whether there are more.

    Raises NotAllowed.
    """
    staff_only(asking)
    start = (max(page, 1) - 1) * PER_PAGE
    rows = JournalEntry.objects.order_by("-id")[start : start + PER_PAGE + 1]
    entries = [Entry(row.id, row.kind, row.at, row.historic, row.data) for row in rows]
    return entries[:PER_PAGE], len(entries) > PER_PAGE
