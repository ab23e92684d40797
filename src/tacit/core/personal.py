"""What the shop holds about people: every column with its fate, and the port by which each room answers for its own.

Each room has a map (`rules/retention.py`; core's is `core/retention.py`) of the tables it writes. A column that can
hold a word, an id, bytes or an address and stands in no map fails a test. No Django.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Any, Protocol
from uuid import UUID


class Fate(StrEnum):
    """What becomes of a column when a person is erased."""

    ERASED = "erased"
    KEPT = "kept"
    """For a ``Reason``, which says until when; then erased, too."""
    OPAQUE = "opaque"
    """Only an id that leads to nobody once the rest is gone."""
    NOT_PERSONAL = "not_personal"


class How(StrEnum):
    """How a column is erased."""

    ROW = "row"
    """The whole row is deleted."""
    BLANK = "blank"
    """An empty text takes its place."""
    NULL = "null"
    REPLACED = "replaced"
    """A text that says nothing takes its place."""


class Reason(StrEnum):
    """Why a column is kept for a while after somebody was erased: a closed list."""

    TAX_RECORDS = "tax_records"
    """Of orders for which money was promised or moved: until the end of the last year tax law asks for them."""
    ON_ITS_WAY = "on_its_way"
    """Of an order that is not over: until ORDER_OVER_FOR after it is."""


@dataclass(frozen=True, slots=True)
class Column:
    """A column's fate. ``what``: the code of the thing as a person would call it; the room has its name."""

    fate: Fate
    how: How | None = None
    reason: Reason | None = None
    what: str = ""


RetentionMap = Mapping[str, Mapping[str, Column]]
"""Table → column → fate. Columns of numbers, dates and truth values may be left out."""

OPAQUE = Column(Fate.OPAQUE)
NOT_PERSONAL = Column(Fate.NOT_PERSONAL)


def erased(what: str, how: How = How.ROW) -> Column:
    """Gone at once, in the transaction of the erasure."""
    return Column(Fate.ERASED, how, None, what)


def kept(what: str, reason: Reason, how: How = How.BLANK) -> Column:
    """Kept for ``reason`` and no longer, then erased by a daily job; where the reason does not hold, at once."""
    return Column(Fate.KEPT, how, reason, what)


def columns(fate: Column, names: str) -> dict[str, Column]:
    """The same fate for several columns, their names separated by spaces."""
    return dict.fromkeys(names.split(), fate)


@dataclass(frozen=True, slots=True)
class Subject:
    """Whom it is about: a person we know, or (``person`` None) a guest who proved the address of an order.

    ``addresses``: proven e-mail addresses, lower case. ``orders``: numbers of their orders. Rooms add to both what
    they know (``PersonalData.widen``).
    """

    person: UUID | None = None
    addresses: frozenset[str] = frozenset()
    orders: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Stays:
    """What is kept of this very subject: ``what`` it is, why, and until when; ``until`` None: see the reason."""

    what: str
    reason: Reason
    until: date | None


class ErasureLog(Protocol):
    """Where erasures are written down beside the backups, so that a restored one does not bring anybody back."""

    def append(self, names: list[str], at: datetime) -> None:
        """Note person:ID or order:NUMBER; on disk when this returns. Called before the erasure commits.

        Raises ErasureNotNoted: then it must not commit.
        """
        ...


class ErasureNotNoted(Exception):
    """The erasures cannot be written down; the message names the file and the reason."""


class PersonalData(Protocol):
    """What one room holds about people. Registered in ``core.ports`` under the room's name.

    All of it runs inside the transaction of whoever calls.
    """

    @property
    def retention(self) -> RetentionMap:
        """The room's map, with tables of libraries that it writes."""
        ...

    def name(self, what: str) -> str:
        """What a ``Column.what`` of this room is called, in the reader's language."""
        ...

    def widen(self, subject: Subject) -> Subject:
        """The subject with the addresses and orders this room knows to be theirs."""
        ...

    def hold(self, subject: Subject) -> None:
        """Lock those of the subject's rows that others lock before the row of the person: called before it is."""
        ...

    def left(self, subject: Subject) -> Subject:
        """The subject without the orders of this room that are not there or were erased before."""
        ...

    def export(self, subject: Subject) -> dict[str, Any]:
        """Everything about the subject, as JSON values; nothing about anybody else."""
        ...

    def stays(self, subject: Subject, *, now: datetime) -> list[Stays]:
        """What an erasure would leave for now."""
        ...

    def erase(self, subject: Subject, *, now: datetime) -> None:
        """Erase what the map says is erased. Doing it twice changes nothing more."""
        ...
