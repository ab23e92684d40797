"""Bad rows: counted, the first ones remembered to be shown, and with ``--skip-bad`` written aside."""

from __future__ import annotations

import contextlib
import csv
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TextIO

from tacit.connectors.files.reader import UnusableFile

MOST_BAD_ROWS = 100_000
"""With more than these a file is not what it was said to be."""
SHOWN = 20
_VALUE_SHOWN = 40
HEADER = ("line", "column", "reason", "value", "row")


@dataclass(frozen=True, slots=True)
class BadRow:
    """A line that cannot be used: its number, the column, why, and what stands there, shortened."""

    line: int
    column: str
    reason: str
    value: str
    text: str = ""

    def __str__(self) -> str:
        value = f" ({self.value})" if self.value else ""
        return f"line {self.line}, {self.column}: {self.reason}{value}"


def bad_row(line: int, column: str, reason: str, value: str, text: str = "") -> BadRow:
    """A BadRow whose ``value`` is shortened and safe to show on a terminal."""
    shown = value if len(value) <= _VALUE_SHOWN else value[: _VALUE_SHOWN - 1] + "…"
    return BadRow(line, column, reason, ascii_safe(shown), text)


def ascii_safe(text: str) -> str:
    """``text`` in quotes, with whatever a terminal could stumble over written as an escape."""
    return "'" + "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in text) + "'"


class BadRows(Exception):
    """Rows that cannot be used, so nothing was imported: the ``first`` of ``total``."""

    def __init__(self, first: tuple[BadRow, ...], total: int) -> None:
        super().__init__(f"{total} bad rows")
        self.first = first
        self.total = total


class Aside:
    """Collects bad rows. Without a file to write them to, ``complain`` refuses them all."""

    def __init__(self, writer: TextIO | None = None) -> None:
        self.total = 0
        self.skipping = writer is not None
        self._first: list[BadRow] = []
        self._rows = csv.writer(writer) if writer is not None else None
        if self._rows is not None:
            self._rows.writerow(HEADER)

    def add(self, bad: BadRow) -> None:
        """Raises UnusableFile when there are more than any file of this profile has."""
        self.total += 1
        if len(self._first) < SHOWN:
            self._first.append(bad)
        if self._rows is not None:
            self._rows.writerow((bad.line, bad.column, bad.reason, bad.value, bad.text))
        if self.total >= MOST_BAD_ROWS:
            raise UnusableFile(
                f"{self.total:,} rows are bad, the first: {self._first[0]}. This is another kind of file."
            )

    def complain(self) -> None:
        """Raises BadRows when there are any and they are not written aside."""
        if self.total and not self.skipping:
            raise BadRows(tuple(self._first), self.total)


@contextmanager
def aside(target: Path | None, *, source: Path) -> Iterator[Aside]:
    """``target`` gets the bad rows as CSV when the block ends well, and is not touched otherwise.

    Raises UnusableFile when it cannot be written or is the file being read.
    """
    if target is None:
        yield Aside()
        return
    if target.is_dir() or (target.exists() and source.exists() and target.samefile(source)):
        raise UnusableFile(f"Bad rows cannot be written to {target}; name another file.")
    draft = target.with_name(f".{target.name}.{os.getpid()}")
    try:
        with draft.open("w", encoding="utf-8", newline="") as writer:
            yield Aside(writer)
        draft.replace(target)
    except OSError as error:
        raise UnusableFile(f"Bad rows cannot be written to {target}: {error.strerror or error}.") from None
    finally:
        with contextlib.suppress(OSError):
            draft.unlink(missing_ok=True)
