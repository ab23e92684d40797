"""Working days of a country: neither weekend nor public holiday."""

from __future__ import annotations

from collections.abc import Container
from datetime import date, timedelta
from functools import cache

MOST_DAYS_OFF = 60
SATURDAY, SUNDAY = 5, 6


def works(country: str, day: date) -> bool:
    """Whether people work on ``day`` in ``country`` (ISO 3166-1 alpha-2).

    Holidays of the whole country count, those of a region do not. Of a country unknown to the library, weekends.
    """
    weekend, holidays = _calendar(country, day.year)
    return day.weekday() not in weekend and day not in holidays


def later(country: str, day: date, working_days: int) -> date:
    """The day so many working days after ``day``; 0: ``day`` itself, or the next working day when it is none."""
    if not working_days:
        return _next(country, day)
    for _ in range(working_days):
        day = _next(country, day + timedelta(days=1))
    return day


def _next(country: str, day: date) -> date:
    for ahead in range(MOST_DAYS_OFF):
        if works(country, day + timedelta(days=ahead)):
            return day + timedelta(days=ahead)
    raise ValueError(f"{country} has no working day in the {MOST_DAYS_OFF} days from {day}")


@cache
def _calendar(country: str, year: int) -> tuple[Container[int], Container[date]]:
    # Loaded when a day is first promised: the library takes half a second, most commands never need it.
    from holidays import country_holidays

    try:
        found = country_holidays(country, years=year)
    except (NotImplementedError, KeyError):
        return frozenset({SATURDAY, SUNDAY}), frozenset()
    return frozenset(found.weekend), frozenset(found)
