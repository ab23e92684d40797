"""Money and places as the reader of the active language writes them."""

from __future__ import annotations

from datetime import date, datetime

from babel import Locale
from babel.dates import format_date, format_time
from django.utils.translation import get_language

from tacit.core import clock
from tacit.core.address import Address
from tacit.core.money import Money


def money(value: Money) -> str:
    """``€39.00``, or ``39,00 €`` for a German reader."""
    return value.format(get_language() or "en")


def address_lines(address: Address) -> tuple[str, ...]:
    """The address as printed, the country by its name."""
    names = Locale.parse(get_language() or "en", sep="-").territories
    return (*address.lines()[:-1], names.get(address.country, address.country))


def long_day(day: date) -> str:
    """``Tuesday 24 November``, or ``Dienstag, 24. November``; with the year never, for it is near."""
    language = (get_language() or "en").replace("-", "_")
    pattern = {"de": "EEEE, d. MMMM"}.get(language, "EEEE d MMMM")
    return str(format_date(day, pattern, locale=language))


def time_of_day(moment: datetime) -> str:
    """``14:05`` on the shop's wall, the same in every language."""
    return str(format_time(clock.in_shop(moment), "HH:mm"))
