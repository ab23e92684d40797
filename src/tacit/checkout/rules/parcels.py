"""Which moves a parcel may make, and which of its news people are told."""

from __future__ import annotations

from datetime import date, timedelta

from tacit.checkout.types.carrier import ParcelState

_UNDER_WAY = frozenset(
    {
        ParcelState.HANDED_OVER,
        ParcelState.ON_ITS_WAY,
        ParcelState.DELAYED,
        ParcelState.DELIVERED,
        ParcelState.LOST,
    }
)
PARCEL_MOVES: dict[ParcelState, frozenset[ParcelState]] = {
    ParcelState.BY_HAND: frozenset(),
    ParcelState.WAITING: _UNDER_WAY,
    # A call thought to have failed may have reached its carrier all the same.
    ParcelState.REFUSED: _UNDER_WAY,
    ParcelState.HANDED_OVER: _UNDER_WAY - {ParcelState.HANDED_OVER},
    ParcelState.ON_ITS_WAY: _UNDER_WAY - {ParcelState.HANDED_OVER, ParcelState.ON_ITS_WAY},
    # What was held up moves again.
    ParcelState.DELAYED: _UNDER_WAY - {ParcelState.HANDED_OVER, ParcelState.DELAYED},
    ParcelState.DELIVERED: frozenset(),
    # What was given up sometimes turns up.
    ParcelState.LOST: frozenset({ParcelState.DELIVERED}),
}
OPEN = frozenset({ParcelState.HANDED_OVER, ParcelState.ON_ITS_WAY, ParcelState.DELAYED})
"""The carrier is asked about these; those that wait are handed over instead."""
BACK_AND_FORTH = frozenset({ParcelState.ON_ITS_WAY, ParcelState.DELAYED})
"""A parcel may go from each of these to the other, so that only its event tells news from a late answer."""

LOOK_EVERY = timedelta(hours=1)
LOST_LOOK_EVERY = timedelta(days=1)
LOST_LOOKED_FOR = timedelta(days=30)


def may_move(before: ParcelState, after: ParcelState) -> bool:
    """Whether a parcel may go from ``before`` to ``after``."""
    return after in PARCEL_MOVES[before]


def is_later(before: ParcelState, after: ParcelState, known: date | None, expected: date | None) -> bool:
    """Whether the buyer must be told that it is delayed: newly so, or by more than was said last time."""
    if after is not ParcelState.DELAYED:
        return False
    return before is not ParcelState.DELAYED or (
        expected is not None and known is not None and expected > known
    )


def look_after(state: ParcelState, *, silent_for: timedelta) -> timedelta | None:
    """How long until its carrier is asked again about a parcel without news for ``silent_for``; None: never."""
    if state in OPEN:
        return LOOK_EVERY
    if state is ParcelState.LOST and silent_for < LOST_LOOKED_FOR:
        return LOST_LOOK_EVERY
    return None


def retry_after(attempts: int) -> timedelta:
    """The pause before a parcel is offered to its carrier again: 10 s, doubled each time, at most an hour."""
    return min(timedelta(seconds=10 * 2 ** min(max(attempts - 1, 0), 12)), timedelta(hours=1))
