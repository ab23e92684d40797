"""What happened since somebody last looked, counted by kind: for figures, not for acting on it."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

from django.db import connection

MOST_ROWS = 20_000


@dataclass(frozen=True, slots=True)
class Place:
    """A row of the journal: everything up to it is counted."""

    xid: str
    entry: int


def newest() -> Place:
    """The last row that can be counted now."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT xid::text, id FROM core_journalentry WHERE xid < pg_snapshot_xmin(pg_current_snapshot())"
            " ORDER BY xid DESC, id DESC LIMIT 1"
        )
        row = cursor.fetchone()
    return Place(*row) if row else Place("0", 0)


def since(place: Place) -> tuple[Place, Counter[tuple[str, str]]]:
    """How often each (kind, reason) was recorded after `place`, imported history left out, and the new place.

    The reason is "" for kinds that have none. Counts MOST_ROWS at most; ask again for the rest.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT kind, coalesce(data->>'reason', ''), historic, xid::text, id FROM core_journalentry"
            " WHERE (xid, id) > (%s::xid8, %s) AND xid < pg_snapshot_xmin(pg_current_snapshot())"
            " ORDER BY xid, id LIMIT %s",
            [place.xid, place.entry, MOST_ROWS],
        )
        rows = cursor.fetchall()
    counted = Counter((kind, reason) for kind, reason, historic, _, _ in rows if not historic)
    return (Place(*rows[-1][3:]) if rows else place), counted
