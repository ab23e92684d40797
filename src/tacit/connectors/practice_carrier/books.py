"""What the practice carrier keeps, in one SQLite file: its parcels, and what it was told to do with them."""

from __future__ import annotations

import secrets
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

from tacit.connectors.practice_carrier.journey import Kept, Told

_VERSION = 1
_SCHEMA = """
CREATE TABLE parcels (
    reference TEXT PRIMARY KEY,
    tracking TEXT NOT NULL UNIQUE,
    sent_at TEXT NOT NULL
) WITHOUT ROWID;
CREATE TABLE told (
    tracking TEXT NOT NULL REFERENCES parcels (tracking),
    what TEXT NOT NULL CHECK (what IN ('deliver', 'delay', 'lose')),
    at TEXT NOT NULL
);
CREATE INDEX told_of ON told (tracking);
"""
_TAKE = (
    "INSERT INTO parcels (reference, tracking, sent_at) VALUES (?, ?, ?) ON CONFLICT (reference) DO NOTHING"
)
WAIT_SECONDS = 5


class BooksUnusable(Exception):
    """The file cannot be used; the message names it and the reason."""


class Books:
    """A connection a call: nothing is shared between threads, and nothing is open between calls."""

    def __init__(self, file: Path) -> None:
        self._file = file

    def take(self, reference: str, *, sent_at: datetime) -> Kept:
        """The parcel called ``reference``, taken now unless it was before. One parcel, however many ask at once."""
        with self._open() as books:
            books.execute(_TAKE, [reference, _tracking_code(), sent_at.isoformat()])
            kept = _kept(books, "reference", reference)
            assert kept is not None
            return kept

    def parcel(self, *, reference: str = "", tracking: str = "") -> Kept | None:
        """By either of its names."""
        with self._open() as books:
            return _kept(books, "reference", reference) if reference else _kept(books, "tracking", tracking)

    def tell(self, tracking: str, what: Told, *, at: datetime) -> None:
        """Note what is to become of a parcel."""
        with self._open() as books:
            books.execute(
                "INSERT INTO told (tracking, what, at) VALUES (?, ?, ?)", [tracking, what, at.isoformat()]
            )

    def count(self) -> int:
        """How many parcels there are."""
        with self._open() as books:
            return int(books.execute("SELECT count(*) FROM parcels").fetchone()[0])

    @contextmanager
    def _open(self) -> Iterator[sqlite3.Connection]:
        """One transaction, written from its beginning, so that no two writers wait for each other."""
        try:
            books = sqlite3.connect(self._file, isolation_level=None, timeout=WAIT_SECONDS)
            try:
                books.execute("PRAGMA synchronous = NORMAL")
                books.execute("BEGIN IMMEDIATE")
                self._prepare(books)
                yield books
                books.execute("COMMIT")
            finally:
                books.close()
        except sqlite3.Error as error:
            raise BooksUnusable(f"{self._file} cannot be used by the practice carrier: {error}") from error

    def _prepare(self, books: sqlite3.Connection) -> None:
        version = books.execute("PRAGMA user_version").fetchone()[0]
        if version == _VERSION:
            return
        if version:
            raise BooksUnusable(f"{self._file} was written by another version; move it away to start afresh")
        for statement in _SCHEMA.split(";"):
            books.execute(statement)
        books.execute(f"PRAGMA user_version = {_VERSION}")


def _tracking_code() -> str:
    return f"PP{secrets.randbelow(10**10):010d}"


def _kept(books: sqlite3.Connection, column: str, value: str) -> Kept | None:
    row = books.execute(
        f"SELECT reference, tracking, sent_at FROM parcels WHERE {column} = ?",  # noqa: S608 - a name of ours
        [value],
    ).fetchone()
    if row is None:
        return None
    told = books.execute(
        "SELECT what, at FROM told WHERE tracking = ? ORDER BY at, rowid", [row[1]]
    ).fetchall()
    return Kept(
        row[0],
        row[1],
        datetime.fromisoformat(row[2]),
        tuple((Told(what), datetime.fromisoformat(at)) for what, at in told),
    )
