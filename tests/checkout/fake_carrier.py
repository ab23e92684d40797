"""A carrier in memory: says what it is told, fails when told, and may forget what it took."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from datetime import date, datetime

from tacit.checkout.types.carrier import (
    CarrierRefused,
    CarrierUnreachable,
    Parcel,
    ParcelAnswer,
    ParcelEvent,
    ParcelState,
)


@dataclass
class Held:
    reference: str
    tracking: str
    expected: date | None = None
    events: list[ParcelEvent] = field(default_factory=list)


class FakeCarrier:
    """``down`` raises before working, ``drop_answers`` after: the nasty kind of failure. ``forgets``: takes a
    reference it knows for another parcel; ``blind``: finds none."""

    name = "fake"
    label = "Fake Post"

    def __init__(self) -> None:
        self.parcels: list[Held] = []
        self.taken: list[Parcel] = []
        self.calls: list[str] = []
        self.down = self.drop_answers = self.refuses = self.forgets = self.blind = False
        self.slow = 0.0

    def hand_over(self, parcel: Parcel) -> ParcelAnswer:
        self._enter("hand over")
        if self.refuses:
            raise CarrierRefused("too_heavy", "too heavy for us")
        known = None if self.forgets else self._held(reference=parcel.reference)
        if known is None:
            known = Held(parcel.reference, f"T{len(self.parcels) + 1}")
            known.events.append(ParcelEvent(ParcelState.HANDED_OVER, parcel.sent_at))
            self.parcels.append(known)
            self.taken.append(parcel)
        return self._leave(known)

    def find(self, reference: str) -> ParcelAnswer | None:
        self._enter("find")
        held = None if self.blind else self._held(reference=reference)
        return self._leave(held) if held else None

    def look_up(self, tracking: str) -> ParcelAnswer | None:
        self._enter("look up")
        held = self._held(tracking=tracking)
        return self._leave(held) if held else None

    def turn(self, state: ParcelState, at: datetime, *, expected: date | None = None) -> ParcelAnswer:
        """What becomes of the newest parcel."""
        held = self.parcels[-1]
        held.events.append(ParcelEvent(state, at))
        held.expected = expected
        return self._leave(held)

    def _held(self, *, reference: str = "", tracking: str = "") -> Held | None:
        return next((p for p in self.parcels if reference == p.reference or tracking == p.tracking), None)

    def _enter(self, call: str) -> None:
        self.calls.append(call)
        time.sleep(self.slow)
        if self.down:
            raise CarrierUnreachable("no answer")

    def _leave(self, held: Held) -> ParcelAnswer:
        if self.drop_answers:
            raise CarrierUnreachable("the answer was lost")
        events = tuple(held.events)
        return ParcelAnswer(held.reference, held.tracking, events[-1].state, held.expected, events)
