"""What only a demo may do to itself: the gate, and trouble made in a room on purpose."""

from __future__ import annotations

import time
from dataclasses import dataclass

from django.conf import settings
from django.db import connection

LONGEST_DELAY_MS = 10_000
READ_AGAIN_SECONDS = 0.5


class DemoOnly(Exception):
    """This is no demo (TACIT_DEMO), so nothing was done."""


def demo_only() -> None:
    """Raises DemoOnly unless this is a demo."""
    if not settings.DEMO:
        raise DemoOnly("this is possible in a demo only (TACIT_DEMO=1)")


@dataclass(frozen=True, slots=True)
class Trouble:
    """What is wrong with a room: it answers ``slow_ms`` later, or, when ``dead``, not at all."""

    slow_ms: int = 0
    dead: bool = False


_WELL = Trouble()
_read_at = float("-inf")
_troubles: dict[str, Trouble] = {}


def troubles() -> dict[str, Trouble]:
    """Rooms in trouble; none outside a demo. Read at most twice a second."""
    global _read_at, _troubles  # noqa: PLW0603 - one value a process: fragments ask at every page
    if not settings.DEMO:
        return {}
    if time.monotonic() - _read_at >= READ_AGAIN_SECONDS:
        with connection.cursor() as cursor:
            cursor.execute("SELECT room, slow_ms, dead FROM core_roomtrouble")
            _troubles = {room: Trouble(slow_ms, dead) for room, slow_ms, dead in cursor.fetchall()}
        _read_at = time.monotonic()
    return _troubles


def trouble_of(room: str) -> Trouble:
    """What is wrong with ``room``; nothing outside a demo."""
    return troubles().get(room, _WELL)


def make_trouble(*, room: str, slow_ms: int = 0, dead: bool = False) -> None:
    """Slow a room down or kill it; with neither it is well again. One statement; every process sees it soon.

    ``slow_ms`` is cut to LONGEST_DELAY_MS. Raises DemoOnly.
    """
    demo_only()
    with connection.cursor() as cursor:
        if not slow_ms and not dead:
            cursor.execute("DELETE FROM core_roomtrouble WHERE room = %s", [room])
        else:
            cursor.execute(
                "INSERT INTO core_roomtrouble (room, slow_ms, dead) VALUES (%s, %s, %s)"
                " ON CONFLICT (room) DO UPDATE SET slow_ms = excluded.slow_ms, dead = excluded.dead",
                [room, max(0, min(slow_ms, LONGEST_DELAY_MS)), dead],
            )
    forget()


def forget() -> None:
    """Read the rooms' troubles anew at the next question."""
    global _read_at  # noqa: PLW0603 - see above
    _read_at = float("-inf")
