"""The carrier port: what every carrier must be able to do, and what its answers carry."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Protocol

from tacit.core.address import Address


class ParcelState(StrEnum):
    """Where a parcel is. ``BY_HAND``: somebody typed its carrier, who tells us nothing. ``WAITING``: packed, and
    its carrier has not taken it yet. ``REFUSED``: nor will it; a person must send the parcel another way or take it
    back. A ``DELAYED`` parcel is on its way, later than promised."""

    BY_HAND = "by_hand"
    WAITING = "waiting"
    REFUSED = "refused"
    HANDED_OVER = "handed_over"
    ON_ITS_WAY = "on_its_way"
    DELAYED = "delayed"
    DELIVERED = "delivered"
    LOST = "lost"


IN_THE_HOUSE = frozenset({ParcelState.WAITING, ParcelState.REFUSED})
"""No carrier has the parcel."""


class Settled(StrEnum):
    """How people and their shop got even about a parcel."""

    SENT_AGAIN = "sent_again"
    REFUNDED = "refunded"
    OTHER = "other"


MONEY_WENT_BACK = "money_went_back"
"""Why the shop itself hands a parcel over no more, where the carrier's reason stands otherwise."""
LONGEST_TRACKING = 80
OURS_ALONE = frozenset({ParcelState.BY_HAND, ParcelState.WAITING, ParcelState.REFUSED})
"""States no carrier can tell of."""


class CarrierUnreachable(Exception):
    """No answer, or none that can be trusted: the call may or may not have happened. Find, then retry."""


class AnswerUnusable(CarrierUnreachable):
    """The carrier answered something that no parcel can be; the message says what."""


@dataclass(frozen=True, slots=True)
class Parcel:
    """What is handed over. ``reference`` is ours: unique, stable over retries, and what ``find`` finds it by."""

    reference: str
    sent_at: datetime
    to: Address
    pieces: int


@dataclass(frozen=True, slots=True)
class ParcelEvent:
    """One thing that happened to a parcel, as its carrier tells it."""

    state: ParcelState
    at: datetime


@dataclass(frozen=True, slots=True)
class ParcelAnswer:
    """The carrier's whole view of one parcel; every call returns it, so any call can be recorded.

    ``expected`` is the day it should arrive, or has arrived; None when the carrier names none. ``events``, at
    least one, the oldest first; the last one's state is ``state``. Raises AnswerUnusable when made otherwise.
    """

    reference: str
    tracking: str
    state: ParcelState
    expected: date | None
    events: tuple[ParcelEvent, ...]

    def __post_init__(self) -> None:
        wrong = _what_is_wrong(self)
        if wrong:
            raise AnswerUnusable(
                f"the carrier's answer about parcel {self.reference} cannot be used: {wrong}"
            )


def _what_is_wrong(answer: ParcelAnswer) -> str:
    if not answer.tracking.strip():
        return "it has no tracking code"
    if len(answer.tracking) > LONGEST_TRACKING:
        return f"its tracking code is longer than {LONGEST_TRACKING} characters"
    if not answer.events:
        return "it tells of no event"
    if answer.state in OURS_ALONE or any(event.state in OURS_ALONE for event in answer.events):
        return "it names a state that is ours to give"
    if answer.events[-1].state is not answer.state:
        return f"its state is {answer.state}, its last event's is {answer.events[-1].state}"
    if any(event.at.tzinfo is None for event in answer.events):
        return "an event's time has no zone"
    if list(answer.events) != sorted(answer.events, key=lambda event: event.at):
        return "its events are not the oldest first"
    return ""


class CarrierRefused(Exception):
    """The carrier answered that it will not take this parcel (``code``), and nothing happened."""

    def __init__(self, code: str, message: str = "") -> None:
        super().__init__(message or code)
        self.code = code


class Carrier(Protocol):
    """Every call may raise CarrierUnreachable. Handing over is idempotent by the parcel's reference, but only as
    long as the carrier remembers it: callers find before every retry."""

    @property
    def name(self) -> str:
        """Stored with each parcel; chooses the adapter that is asked about it later."""
        ...

    @property
    def label(self) -> str:
        """What buyers know the carrier as."""
        ...

    def hand_over(self, parcel: Parcel) -> ParcelAnswer:
        """The carrier takes the parcel: from now on it has a tracking code. Raises CarrierRefused."""
        ...

    def find(self, reference: str) -> ParcelAnswer | None:
        """The parcel we called ``reference``, or None when the carrier has never heard of it."""
        ...

    def look_up(self, tracking: str) -> ParcelAnswer | None:
        """The parcel with this tracking code, or None when there is none."""
        ...
