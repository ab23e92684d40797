"""The one place that asks what time it is. Faces, commands and jobs call it; rules and actions are told.

In a demo one offset in the database, which every process reads, lets days pass in a moment. Elsewhere that
table is never read and cannot be written.
"""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db import DatabaseError, connection

from tacit.core.demo import demo_only
from tacit.core.refusal import Refusal

FARTHEST = timedelta(days=366)
"""How far ahead of the world a demo's clock may be in all; the table refuses more."""
READ_AGAIN_SECONDS = 1.0
"""Other processes follow a move within this."""

_MOVE = """
INSERT INTO core_democlock AS c (id, ahead_seconds) VALUES (1, %(by)s)
ON CONFLICT (id) DO UPDATE SET ahead_seconds = c.ahead_seconds + excluded.ahead_seconds
WHERE c.ahead_seconds + excluded.ahead_seconds <= %(farthest)s RETURNING ahead_seconds
"""

_read_at = float("-inf")
_ahead = timedelta(0)


class ClockRefusal(Refusal):
    """The clock does not move like that. ``code``: not_forward, too_far."""


def now() -> datetime:
    """The present moment, aware, in UTC; in a demo moved on by its offset."""
    return real() + ahead()


def real() -> datetime:
    """The present moment of the world, which no demo moves: for signatures exchanged with others."""
    return datetime.now(UTC)


def in_shop(moment: datetime) -> datetime:
    """``moment`` as the clock on the shop's wall shows it (TACIT_TIME_ZONE)."""
    return moment.astimezone(ZoneInfo(settings.SHOP_TIME_ZONE))


def ahead() -> timedelta:
    """How far a demo's clock is ahead of the world; nothing elsewhere. Read at most once a second."""
    if not settings.DEMO:
        return timedelta(0)
    if time.monotonic() - _read_at >= READ_AGAIN_SECONDS:
        try:
            with connection.cursor() as cursor:
                cursor.execute("SELECT ahead_seconds FROM core_democlock")
                row = cursor.fetchone()
        except DatabaseError:
            _seen(_ahead)  # what was known still holds; the caller will say that the database is away
        else:
            _seen(timedelta(seconds=row[0] if row else 0))
    return _ahead


def move(*, by: timedelta) -> timedelta:
    """Let ``by`` pass in a moment, for the whole demo; how far ahead the clock is now. One statement.

    Only forward: rows and jobs of a later moment must not come before those of an earlier one. This process sees
    it at once, others within READ_AGAIN_SECONDS. Raises DemoOnly, ClockRefusal.
    """
    demo_only()
    seconds = int(by.total_seconds())
    if seconds <= 0:
        raise ClockRefusal("clock", "not_forward")
    if by > FARTHEST:
        raise ClockRefusal("clock", "too_far", days=FARTHEST.days)
    with connection.cursor() as cursor:
        cursor.execute(_MOVE, {"by": seconds, "farthest": int(FARTHEST.total_seconds())})
        row = cursor.fetchone()
    if row is None:
        raise ClockRefusal("clock", "too_far", days=FARTHEST.days)
    return _seen(timedelta(seconds=row[0]))


def back_to_present() -> None:
    """Take the offset away. What happened meanwhile keeps its later times; what was planned for them waits.

    The one way backward, for a person who wants the demo's clock to be right again. The journal is read in the
    order of commits, not of times, so nothing in it is skipped or told twice. Raises DemoOnly.
    """
    demo_only()
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM core_democlock")
    _seen(timedelta(0))


def forget() -> None:
    """Read the offset anew at the next question."""
    global _read_at  # noqa: PLW0603 - one value a process, kept because every page asks for the time
    _read_at = float("-inf")


def _seen(ahead: timedelta) -> timedelta:
    global _ahead, _read_at
    _ahead, _read_at = ahead, time.monotonic()
    return ahead
