"""The carrier port, and what a demo may tell the practice carrier to do."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from tacit.checkout.types.carrier import Carrier, CarrierUnreachable, Parcel, ParcelAnswer, ParcelState
from tacit.connectors.practice_carrier.books import Books, BooksUnusable
from tacit.connectors.practice_carrier.journey import Told, answer
from tacit.core import clock

OVER = frozenset({ParcelState.DELIVERED, ParcelState.LOST})


class PracticeCarrier:
    """A Carrier whose parcels are kept in one SQLite file; threads and processes may share it."""

    name = "practice"
    label = "Practice Post"

    def __init__(self, file: Path, *, now: Callable[[], datetime] = clock.now) -> None:
        """``file`` is made when first written to; ``now`` is the carrier's clock. Opens nothing yet."""
        self._books = Books(file)
        self._now = now

    def hand_over(self, parcel: Parcel) -> ParcelAnswer:
        """Takes anything; a reference it knows is the same parcel. Says no more than that it has it."""
        try:
            kept = self._books.take(parcel.reference, sent_at=parcel.sent_at)
            return answer(kept, now=kept.sent_at)
        except BooksUnusable as error:
            raise CarrierUnreachable(str(error)) from error

    def find(self, reference: str) -> ParcelAnswer | None:
        """By our reference."""
        return self._answer(reference=reference)

    def look_up(self, tracking: str) -> ParcelAnswer | None:
        """By its tracking code."""
        return self._answer(tracking=tracking)

    def tell(self, tracking: str, what: str, *, at: datetime | None = None) -> bool:
        """Deliver, delay or lose a parcel at ``at``, by default now; whether it could still be done then.

        Raises ValueError for anything else, CarrierUnreachable.
        """
        told, moment = Told(what), at or self._now()
        try:
            kept = self._books.parcel(tracking=tracking)
            if kept is None or answer(kept, now=moment).state in OVER:
                return False
            self._books.tell(tracking, told, at=moment)
        except BooksUnusable as error:
            raise CarrierUnreachable(str(error)) from error
        return True

    def _answer(self, *, reference: str = "", tracking: str = "") -> ParcelAnswer | None:
        try:
            kept = self._books.parcel(reference=reference, tracking=tracking)
        except BooksUnusable as error:
            raise CarrierUnreachable(str(error)) from error
        return None if kept is None else answer(kept, now=self._now())


if TYPE_CHECKING:
    _is_a_carrier: type[Carrier] = PracticeCarrier
