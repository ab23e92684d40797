"""The carrier port: what every carrier must be able to do, and what its answers carry."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Protocol

from tacit.core.address import Address


class ParcelState(StrEnum):
    """Where a parcel is. ``BY_HAND``: somebody typed its carrier, who tells us nothing. ``WAITING``: packed, and
    its carrier has not taken it yet. A ``DELAYED`` parcel is on its way, later than promised."""

    BY_HAND = "by_hand"
    WAITING = "waiting"
    HANDED_OVER = "handed_over"
    ON_ITS_WAY = "on_its_way"
    DELAYED = "delayed"
    DELIVERED = "delivered"
    LOST = "lost"


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
    least one, the oldest first; the last one's state is ``state``.
    """

    reference: str
    tracking: str
    state: ParcelState
    expected: date | None
    events: tuple[ParcelEvent, ...]


class CarrierUnreachable(Exception):
    """No answer, or none that can be trusted: the call may or may not have happened. Find, then retry."""


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
