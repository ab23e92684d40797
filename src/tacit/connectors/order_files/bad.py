"""Bad rows: counted, the first ones remembered to be shown, and with ``--skip-bad`` written aside."""

from __future__ import annotations

import contextlib
import csv
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TextIO

from tacit.connectors.order_files.reader import UnusableFile
from tacit.connectors.order_files.rows import MOST_BAD_ROWS, BadRow

SHOWN = 20
HEADER = ("line", "column", "reason", "value", "row")


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
