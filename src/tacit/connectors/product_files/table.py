"""From lines of text to CSV records with their line numbers, one at a time. No Django."""

from __future__ import annotations

import csv
import itertools
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from tacit.connectors.files import reader
from tacit.connectors.files.reader import UnusableFile

LONGEST_LINE = 256 * 1024
MOST_COLUMNS = 500
MOST_ROWS_A_PRODUCT = 2_000


@dataclass(frozen=True, slots=True)
class Record:
    """One record of the file: the line it begins in, its cells by column, and its text as it stood.

    ``wrong``: why its cells cannot be told apart, '' when they can; they are then guesses.
    """

    line: int
    cells: Mapping[str, str]
    text: str
    wrong: str = ""


class Table:
    """The header of a file, then its records. Iterating raises UnusableFile when quotes do not pair up."""

    def __init__(
        self, path: Path, *, unpacked_limit: int, progress: Callable[[int], None] = lambda _bytes: None
    ) -> None:
        """Reads the header. Raises UnusableFile."""
        self.path = path
        self._text: list[str] = []
        self._line = 0
        found = reader.lines(
            path, unpacked_limit=unpacked_limit, longest_line=LONGEST_LINE, progress=progress
        )
        first = list(itertools.islice(found, 1))
        self._csv = csv.reader(
            self._heard(itertools.chain(first, found)), delimiter=_delimiter(first), strict=True
        )
        header = self._next()
        if header is None:
            raise UnusableFile(f"{path} is empty.")
        self.header = tuple(" ".join(name.split()) for name in header)
        if len(self.header) > MOST_COLUMNS:
            raise UnusableFile(f"{path} has more than {MOST_COLUMNS} columns.")
        twice = sorted({name for name in self.header if name and self.header.count(name) > 1})
        if twice:
            raise UnusableFile(f"{path} has the column {twice[0]!r} twice.")

    def __iter__(self) -> Iterator[Record]:
        while True:
            self._text.clear()
            line = self._line + 1
            fields = self._next()
            if fields is None:
                return
            text = "\n".join(self._text)
            if not fields:
                continue  # an empty line between products is no product
            wrong = ""
            if len(fields) != len(self.header):
                wrong = f"it has {len(fields)} columns instead of {len(self.header)}"
                fields = (fields + [""] * len(self.header))[: len(self.header)]
            yield Record(line, dict(zip(self.header, fields, strict=True)), text, wrong)

    def _heard(self, found: Iterator[tuple[int, str]]) -> Iterator[str]:
        for number, text in found:
            self._line = number
            self._text.append(text)
            yield text + "\n"

    def _next(self) -> list[str] | None:
        try:
            return next(self._csv, None)
        except csv.Error as error:
            raise UnusableFile(
                f"{self.path}, line {self._line}: quotes do not pair up or a cell is too long ({error})."
            ) from None


def _delimiter(first: list[tuple[int, str]]) -> str:
    """What parts the cells: spreadsheets of countries with a decimal comma save "CSV" with semicolons."""
    return ";" if any(";" in text and "," not in text for _line, text in first) else ","


def grouped(table: Table, key: Callable[[Record], str]) -> Iterator[tuple[str, tuple[Record, ...]]]:
    """Records one after the other with the same key, which are a product."""
    current: str = ""
    records: list[Record] = []
    for record in table:
        name = key(record)
        if records and (name != current or len(records) >= MOST_ROWS_A_PRODUCT):
            yield current, tuple(records)
            records = []
        current = name
        records.append(record)
    if records:
        yield current, tuple(records)
