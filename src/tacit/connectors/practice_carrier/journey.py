"""What becomes of a parcel as time passes. Pure: the time is passed in, nothing is stored."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum

from tacit.checkout.types.carrier import ParcelAnswer, ParcelEvent, ParcelState

SORTED_AFTER = timedelta(hours=4)
"""From being handed over to being on its way."""
WORKING_DAYS = 2
LATER_BY = 3
"""Working days by which a parcel comes later each time it is delayed."""
AT_THE_DOOR = time(11, 0, tzinfo=UTC)
_SATURDAY = 5


class Told(StrEnum):
    """What the carrier can be told to do with a parcel."""

    DELIVER = "deliver"
    DELAY = "delay"
    LOSE = "lose"


@dataclass(frozen=True, slots=True)
class Kept:
    """One parcel as the carrier keeps it: when it came, and what was told about it since, oldest first."""

    reference: str
    tracking: str
    sent_at: datetime
    told: tuple[tuple[Told, datetime], ...] = ()


def answer(parcel: Kept, *, now: datetime) -> ParcelAnswer:
    """Everything that happened to ``parcel`` until ``now``, and the day it should arrive."""
    due = arrival(parcel.sent_at, WORKING_DAYS)
    events = [ParcelEvent(ParcelState.HANDED_OVER, parcel.sent_at)]
    told = sorted(parcel.told, key=lambda each: each[1])
    on_its_way = min([parcel.sent_at + SORTED_AFTER, *(at for _what, at in told)])
    if now >= on_its_way:
        events.append(ParcelEvent(ParcelState.ON_ITS_WAY, on_its_way))
    ended = False
    for what, at in told:
        if ended or at > now or at >= due:
            break
        match what:
            case Told.DELAY:
                due = arrival(max(at, due), LATER_BY)
                events.append(ParcelEvent(ParcelState.DELAYED, at))
            case Told.DELIVER:
                due, ended = at, True
                events.append(ParcelEvent(ParcelState.DELIVERED, at))
            case Told.LOSE:
                ended = True
                events.append(ParcelEvent(ParcelState.LOST, at))
    if not ended and now >= due:
        events.append(ParcelEvent(ParcelState.DELIVERED, due))
    events.sort(key=lambda event: event.at)
    state = events[-1].state
    expected = None if state is ParcelState.LOST else due.date()
    return ParcelAnswer(parcel.reference, parcel.tracking, state, expected, tuple(events))


def arrival(begin: datetime, working_days: int) -> datetime:
    """When a parcel is at the door: late in the morning, ``working_days`` after the day it came."""
    return datetime.combine(_later(begin.astimezone(UTC).date(), working_days), AT_THE_DOOR)


def _later(day: date, working_days: int) -> date:
    for _each in range(working_days):
        day += timedelta(days=1)
        while day.weekday() >= _SATURDAY:
            day += timedelta(days=1)
    return day
