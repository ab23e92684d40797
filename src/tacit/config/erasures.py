"""The file of erasures beside the backups: who was erased and which consents were taken back, as opaque ids, so that no
backup brings them back.

One line each, such as ``person:0d3f… 2026-06-01T12:00:00Z`` or ``order:7K3M9QX2C4TB 2026-06-01T12:00:00Z``. It only
ever grows. A line cut off by a crash belongs to an erasure that was not made; whoever appends next says so on it, and
readers pass over it. Anything else that is no such line is damage, and is never taken for nobody.
"""

from __future__ import annotations

import contextlib
import fcntl
import io
import os
import re
from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path

from tacit.config import pgtools
from tacit.core.personal import ErasureNotNoted
from tacit.core.restored import ERASED, HAS_JOURNAL

NAME = "erasures.txt"
FOLDER = "backups"
HEAD = "# Erasures of a Tacit shop. `tacit restore` needs this file: keep it beside the backups, never shorten it.\n"
_PERSON = "[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}"
_ID = rf"person:{_PERSON}|order:[0-9A-Za-z_-]{{1,20}}|consent:{_PERSON}:[a-z_]{{1,40}}:[0-9]{{1,11}}"
_LINE = re.compile(rf"({_ID}) (\d{{4}}-\d\d-\d\dT\d\d:\d\d:\d\dZ)", re.ASCII)
_CUT_OFF = " cut off"
Line = tuple[str, datetime]


class ErasuresDamaged(Exception):
    """The file is not what a shop wrote; the text names the line and the way out."""


class ErasureFile:
    """The port ``core.personal.ErasureLog`` on one file; several processes may append at once."""

    def __init__(self, file: Path) -> None:
        self._file = file

    def append(self, names: list[str], at: datetime) -> None:
        try:
            add(self._file, [(name, at) for name in names])
        except OSError as error:
            raise ErasureNotNoted(
                f"{self._file} cannot be written: {error.strerror}. Nothing was erased; make its folder writable "
                "for the shop (TACIT_BACKUPS) and try again."
            ) from error


def read(file: Path) -> list[Line]:
    """What the file says, each name once, the earliest time of each. Raises OSError, ErasuresDamaged.

    An empty file names nobody.
    """
    text = file.read_bytes().decode("ascii", errors="replace")
    if HEAD.startswith(text):  # a crash while it was made
        return []
    head, *lines = text.split("\n")
    if head != HEAD.rstrip("\n"):
        raise _damaged(file, 1, f"It does not begin with {HEAD.split('.', maxsplit=1)[0]!r}.")
    cut_off = lines.pop()  # '' after a last line that is whole
    found: dict[str, datetime] = {}
    for number, line in enumerate(lines, start=2):
        if line.endswith(_CUT_OFF):
            continue
        if (whole := _whole(line)) is None:
            raise _damaged(file, number, f"It says {line[:80]!r}.")
        found[whole[0]] = min(whole[1], found.get(whole[0], whole[1]))
    if whole := _whole(cut_off):
        found.setdefault(*whole)
    return list(found.items())


def _whole(line: str) -> Line | None:
    if parts := _LINE.fullmatch(line):
        with contextlib.suppress(ValueError):  # a day that never was
            return parts[1], datetime.strptime(parts[2], "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=UTC)
    return None


def _damaged(file: Path, number: int, says: str) -> ErasuresDamaged:
    return ErasuresDamaged(
        f"{file} is damaged in line {number}. {says} Whoever it named would come back, so it is not used as it is. "
        f"Take a whole copy of {NAME} (one lies beside every backup; the newest holds all of the older ones), "
        "or mend that line, which reads person:ID, order:NUMBER or consent:ID:PURPOSE:SECONDS, a space, and a time as "
        "2026-06-01T12:00:00Z."
    )


def add(file: Path, lines: Iterable[Line]) -> None:
    """Append ``lines`` and see them on disk; makes the file, readable by its owner only. Raises OSError."""
    is_new = not file.exists()
    file.parent.mkdir(parents=True, exist_ok=True)
    with os.fdopen(os.open(file, os.O_RDWR | os.O_APPEND | os.O_CREAT, 0o600), "rb+", buffering=0) as log:
        fcntl.flock(log, fcntl.LOCK_EX)
        text = _mended(log)
        text += "".join(f"{name} {at.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}\n" for name, at in lines)
        data = memoryview(text.encode("ascii"))
        while data:
            data = data[log.write(data) :]
        os.fsync(log.fileno())
    if is_new:
        folder = os.open(file.parent, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)


def _mended(log: io.FileIO) -> str:
    """What to write first, so that new lines stand by themselves after one that a crash cut off."""
    end = log.seek(0, os.SEEK_END)
    log.seek(max(0, end - 2 * len(HEAD)))
    tail = log.read().decode("ascii", errors="replace")
    if end == len(tail) and HEAD.startswith(tail):
        return HEAD[end:]
    last = tail.rpartition("\n")[2]
    return "" if not last else "\n" if _whole(last) else f"{_CUT_OFF}\n"


def merge(file: Path, lines: Iterable[Line]) -> int:
    """Append those of ``lines`` whose names the file lacks; how many. The file is there afterwards.

    Raises OSError, ErasuresDamaged.
    """
    known = {name for name, _at in read(file)} if file.exists() else set()
    missing = [(name, at) for name, at in dict(lines).items() if name not in known]
    if missing or not file.exists():
        add(file, missing)
    return len(missing)


DUE = "erasures_due"
"""A table that is there from a restore until everybody it names is erased again; meanwhile the shop does not start."""
_IS_DUE = f"to_regclass('public.{DUE}') IS NOT NULL"
WAITS = (
    "This shop comes from a backup, and people who were erased since are in it again. Run `tacit prepare`, which "
    "erases them."
)


class ErasuresWait(Exception):
    """The shop must not start: see ``WAITS``."""


def noted(lines: Iterable[Line]) -> str:
    """SQL for the transaction of a restore: whom to erase before the shop may start. ``lines`` are as ``read`` and
    ``of_database`` give them."""
    rows = "".join(
        f"INSERT INTO public.{DUE} VALUES ('{name}', '{at.isoformat()}') ON CONFLICT DO NOTHING;\n"  # noqa: S608 - matched by _LINE
        for name, at in lines
    )
    return (
        f"CREATE TABLE IF NOT EXISTS public.{DUE} (name text PRIMARY KEY, at timestamptz NOT NULL);\n{rows}"
    )


def of_database(url: str) -> list[Line]:
    """Whom the journal of this database knows to be erased, and who waits to be; nobody where there is no shop."""
    with pgtools.connect(url) as connection:
        there = connection.execute(f"SELECT {HAS_JOURNAL}, {_IS_DUE}").fetchone()
        has_journal, has_due = there or (False, False)
        rows = connection.execute(ERASED).fetchall() if has_journal else []
        found: list[Line] = (
            connection.execute(f"SELECT name, at FROM public.{DUE}").fetchall() if has_due else []  # noqa: S608 - a name of ours
        )
    for person, orders, at in rows:
        found += [(f"person:{person}", at)] if person else []
        found += [(f"order:{number}", at) for number in orders]
    return [(name, at) for name, at in found if re.fullmatch(_ID, name)]


def are_due(url: str) -> bool:
    """Whether people wait to be erased again."""
    with pgtools.connect(url) as connection:
        row = connection.execute(f"SELECT {_IS_DUE}").fetchone()
    return bool(row and row[0])


def refuse_while_due(url: str = "") -> None:
    """Raise ErasuresWait while people wait to be erased again. Without ``url`` it asks Django's database."""
    if url:
        if are_due(url):
            raise ErasuresWait(WAITS)
        return
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {_IS_DUE}")
        if cursor.fetchone()[0]:
            raise ErasuresWait(WAITS)


def replay(*, now: datetime) -> int | None:
    """Finish a restore, in one transaction: nobody who was erased since, no way in that was revoked since.

    How many people and orders were erased again. None: nothing waited. Needs Django and this version's tables.
    """
    from django.conf import settings
    from django.db import connection, transaction

    from tacit.accounts import actions
    from tacit.core import webhooks

    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(f"SELECT {_IS_DUE}")
        if not cursor.fetchone()[0]:
            return None
        actions.revoke_all(now=now)
        webhooks.all_off(now=now)
        cursor.execute(f"SELECT name, at FROM public.{DUE} ORDER BY at, name")  # noqa: S608 - a name of ours
        due = cursor.fetchall()
        taken_back = [(name, at) for name, at in due if name.startswith("consent:")]
        done = actions.erase_again(line for line in due if line not in taken_back)
        actions.take_back_again(name for name, _at in taken_back)
        if settings.STAFF_MAILS:
            actions.set_staff(emails=settings.STAFF_MAILS, now=now)
        cursor.execute(f"DROP TABLE public.{DUE}")
    return done
