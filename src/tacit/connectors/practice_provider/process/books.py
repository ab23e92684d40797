"""What the provider keeps, in one SQLite file: payments, movements, idempotency keys, webhooks to deliver."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import astuple, dataclass, fields
from pathlib import Path
from typing import Any

from tacit.checkout.types.payment import PaymentState
from tacit.connectors.practice_provider.process.rules import Change, Movement, Payment

KEYS_LAST_SECONDS = 24 * 3600
"""Providers forget idempotency keys after about a day, and so does this one."""

GIVE_UP_AFTER_SECONDS = 3 * 24 * 3600
"""A webhook that was not accepted for this long is no longer tried."""

_FIRST = """
CREATE TABLE payments (
    id TEXT PRIMARY KEY,
    page_token TEXT NOT NULL UNIQUE,
    reference TEXT NOT NULL,
    amount INTEGER NOT NULL CHECK (amount > 0),
    currency TEXT NOT NULL,
    return_url TEXT NOT NULL,
    description TEXT NOT NULL,
    key TEXT NOT NULL,
    created_at REAL NOT NULL,
    state TEXT NOT NULL,
    card TEXT NOT NULL,
    authorised INTEGER NOT NULL CHECK (authorised BETWEEN 0 AND amount),
    captured INTEGER NOT NULL CHECK (captured BETWEEN 0 AND authorised),
    refunded INTEGER NOT NULL CHECK (refunded BETWEEN 0 AND captured),
    decline_code TEXT NOT NULL,
    capture_by REAL,
    succeeds_at REAL
);
CREATE INDEX payments_reference ON payments (reference);
CREATE INDEX payments_lapsing ON payments (capture_by) WHERE state = 'authorised';
CREATE INDEX payments_late ON payments (succeeds_at) WHERE state = 'processing';
CREATE TABLE movements (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    payment TEXT NOT NULL REFERENCES payments,
    kind TEXT NOT NULL,
    amount INTEGER NOT NULL CHECK (amount >= 0),
    key TEXT NOT NULL,
    at REAL NOT NULL
);
CREATE INDEX movements_payment ON movements (payment);
CREATE TABLE answers (
    key TEXT PRIMARY KEY,
    request BLOB NOT NULL,
    status INTEGER NOT NULL,
    body BLOB NOT NULL,
    at REAL NOT NULL
);
CREATE INDEX answers_at ON answers (at);
CREATE TABLE deliveries (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    body BLOB NOT NULL,
    created_at REAL NOT NULL,
    due_at REAL NOT NULL,
    attempts INTEGER NOT NULL DEFAULT 0
);
CREATE INDEX deliveries_due ON deliveries (due_at);
"""
_KEPT_CARDS = """
ALTER TABLE payments ADD COLUMN at_once INTEGER NOT NULL DEFAULT 0;
ALTER TABLE payments ADD COLUMN kept TEXT NOT NULL DEFAULT '';
ALTER TABLE payments ADD COLUMN customer TEXT NOT NULL DEFAULT '';
CREATE UNIQUE INDEX payments_kept ON payments (kept) WHERE kept <> '';
CREATE INDEX payments_created ON payments (created_at);
"""
_STEPS = (_FIRST, _KEPT_CARDS)
"""What brings a file from the version that is the step's place in here to the next."""
_COLUMNS = tuple(field.name for field in fields(Payment))


@dataclass(frozen=True, slots=True)
class KeptAnswer:
    """The first answer given under an idempotency key, and the hash of the request it answered."""

    request: bytes
    status: int
    body: bytes


@dataclass(frozen=True, slots=True)
class Delivery:
    """One copy of one webhook, still to be delivered."""

    id: int
    body: bytes
    created_at: float
    attempts: int


class BooksUnusable(Exception):
    """The state file cannot be used; the message names it and the reason."""


class Books:
    """One connection, used from one thread. Everything that belongs together is one ``transaction``."""

    def __init__(self, path: Path) -> None:
        try:
            self._db = sqlite3.connect(path, isolation_level=None, timeout=5)
            self._db.execute("PRAGMA journal_mode = WAL")
            # Survives kill -9; only a power cut may lose the last moments, and no real money is here.
            self._db.execute("PRAGMA synchronous = NORMAL")
            self._db.execute("PRAGMA foreign_keys = ON")
            version = self._db.execute("PRAGMA user_version").fetchone()[0]
            if 0 <= version < len(_STEPS):
                steps = " ".join(_STEPS[version:])
                self._db.executescript(f"BEGIN; {steps} PRAGMA user_version = {len(_STEPS)}; COMMIT;")
            elif version != len(_STEPS):
                raise BooksUnusable(f"{path} was written by another version; move it away to start afresh")
        except sqlite3.Error as error:
            raise BooksUnusable(f"{path} cannot be used as state file: {error}") from error

    def close(self) -> None:
        """Fold the log into the file."""
        self._db.close()

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """All or nothing, on disk when it ends."""
        self._db.execute("BEGIN IMMEDIATE")
        try:
            yield
        except BaseException:
            self._db.execute("ROLLBACK")
            raise
        self._db.execute("COMMIT")

    def add(self, payment: Payment) -> None:
        """A new payment."""
        marks = ", ".join("?" * len(_COLUMNS))
        self._db.execute(f"INSERT INTO payments ({', '.join(_COLUMNS)}) VALUES ({marks})", astuple(payment))  # noqa: S608 (our own column names)

    def apply(self, change: Change) -> None:
        """Write what a rule decided."""
        payment = change.payment
        self._db.execute(
            "UPDATE payments SET state = ?, card = ?, authorised = ?, captured = ?, refunded = ?,"
            " decline_code = ?, capture_by = ?, succeeds_at = ? WHERE id = ?",
            (
                payment.state,
                payment.card,
                payment.authorised,
                payment.captured,
                payment.refunded,
                payment.decline_code,
                payment.capture_by,
                payment.succeeds_at,
                payment.id,
            ),
        )
        if change.movement:
            self._db.execute(
                "INSERT INTO movements (payment, kind, amount, key, at) VALUES (?, ?, ?, ?, ?)",
                (payment.id, *astuple(change.movement)),
            )

    def payment(self, identity: str) -> Payment | None:
        """By the provider's own id."""
        return self._first("id = ?", identity)

    def payment_on_page(self, page_token: str) -> Payment | None:
        """By the unguessable part of its page's address."""
        return self._first("page_token = ?", page_token)

    def payments_called(self, reference: str) -> list[Payment]:
        """By the shop's reference, oldest first. Several when the shop created it several times."""
        return self._payments("reference = ? ORDER BY created_at, rowid", reference)

    def payments_opened(self, since: float, *, after: int, limit: int) -> list[tuple[int, Payment]]:
        """Those opened at ``since`` or later, each with its place; ``after`` that place, oldest first."""
        rows = self._db.execute(
            f"SELECT rowid, {', '.join(_COLUMNS)} FROM payments"  # noqa: S608 (our own column names)
            " WHERE created_at >= ? AND rowid > ? ORDER BY rowid LIMIT ?",
            (since, after, limit),
        )
        return [(row[0], _payment(row[1:])) for row in rows]

    def payment_that_kept(self, token: str) -> Payment | None:
        """The payment whose card is kept under ``token``, once money was held."""
        return self._first("kept = ? AND kept <> '' AND authorised > 0", token)

    def forget_kept(self, token: str) -> None:
        """The card is no longer kept."""
        self._db.execute("UPDATE payments SET kept = '' WHERE kept = ?", (token,))

    def payments_due(self, now: float) -> list[Payment]:
        """Those to which time has done something."""
        late = self._payments("state = 'processing' AND succeeds_at <= ? LIMIT 100", now)
        return late + self._payments("state = 'authorised' AND capture_by <= ? LIMIT 100", now)

    def movements(self, identity: str) -> list[Movement]:
        """The lines of one payment, oldest first."""
        rows = self._db.execute(
            "SELECT kind, amount, key, at FROM movements WHERE payment = ? ORDER BY id", (identity,)
        )
        return [Movement(*row) for row in rows]

    def ledger(self) -> list[tuple[str, str, Movement]]:
        """Every line there is, oldest first: reference, currency, movement."""
        rows = self._db.execute(
            "SELECT reference, currency, kind, movements.amount, movements.key, at"
            " FROM movements JOIN payments ON payments.id = payment ORDER BY movements.id"
        )
        return [(reference, currency, Movement(*rest)) for reference, currency, *rest in rows]

    def kept_answer(self, key: str, now: float) -> KeptAnswer | None:
        """What was answered under ``key``, unless that is forgotten."""
        row = self._db.execute(
            "SELECT request, status, body FROM answers WHERE key = ? AND at > ?",
            (key, now - KEYS_LAST_SECONDS),
        ).fetchone()
        return KeptAnswer(*row) if row else None

    def keep_answer(self, key: str, answer: KeptAnswer, now: float) -> None:
        """Remember the answer for a day."""
        self._db.execute("DELETE FROM answers WHERE at <= ?", (now - KEYS_LAST_SECONDS,))
        self._db.execute("INSERT INTO answers VALUES (?, ?, ?, ?, ?)", (key, *astuple(answer), now))

    def forget_keys(self) -> None:
        """As if a day had passed."""
        self._db.execute("DELETE FROM answers")

    def add_delivery(self, body: bytes, *, now: float, due_at: float) -> None:
        """One copy of a webhook."""
        self._db.execute(
            "INSERT INTO deliveries (body, created_at, due_at) VALUES (?, ?, ?)", (body, now, due_at)
        )

    def deliveries_due(self, now: float, *, limit: int, not_these: set[int]) -> list[Delivery]:
        """Webhooks whose time has come, longest waiting first."""
        rows = self._db.execute(
            "SELECT id, body, created_at, attempts FROM deliveries WHERE due_at <= ? ORDER BY due_at LIMIT ?",
            (now, limit + len(not_these)),
        )
        return [Delivery(*row) for row in rows if row[0] not in not_these][:limit]

    def delivered(self, number: int) -> None:
        """The shop accepted it, or it is given up."""
        self._db.execute("DELETE FROM deliveries WHERE id = ?", (number,))

    def deliver_later(self, number: int, *, due_at: float) -> None:
        """The shop did not accept it."""
        self._db.execute(
            "UPDATE deliveries SET attempts = attempts + 1, due_at = ? WHERE id = ?", (due_at, number)
        )

    def next_due(self, *, deliveries_after: float) -> float | None:
        """When time will next do something. Deliveries due before ``deliveries_after`` are not counted."""
        row = self._db.execute(
            "SELECT min(at) FROM ("
            " SELECT min(succeeds_at) AS at FROM payments WHERE state = 'processing'"
            " UNION ALL SELECT min(capture_by) FROM payments WHERE state = 'authorised'"
            " UNION ALL SELECT min(due_at) FROM deliveries WHERE due_at > ?)",
            (deliveries_after,),
        ).fetchone()
        return None if row[0] is None else float(row[0])

    def clear(self) -> None:
        """Forget everything."""
        for table in ("movements", "payments", "answers", "deliveries"):
            self._db.execute(f"DELETE FROM {table}")  # noqa: S608 (the names above)

    def _first(self, condition: str, value: str) -> Payment | None:
        found = self._payments(condition, value)
        return found[0] if found else None

    def _payments(self, condition: str, *values: Any) -> list[Payment]:
        rows = self._db.execute(f"SELECT {', '.join(_COLUMNS)} FROM payments WHERE {condition}", values)  # noqa: S608 (conditions are written above)
        return [_payment(row) for row in rows]


def _payment(row: tuple[Any, ...]) -> Payment:
    values = dict(zip(_COLUMNS, row, strict=True))
    values["state"] = PaymentState(values["state"])
    values["at_once"] = bool(values["at_once"])
    return Payment(**values)
