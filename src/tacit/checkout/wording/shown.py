"""Money and places as the reader of the active language writes them."""

from __future__ import annotations

from babel import Locale
from django.utils.translation import get_language

from tacit.core.address import Address
from tacit.core.money import Money


def money(value: Money) -> str:
    """``€39.00``, or ``39,00 €`` for a German reader."""
    return value.format(get_language() or "en")


def address_lines(address: Address) -> tuple[str, ...]:
    """The address as printed, the country by its name."""
    names = Locale.parse(get_language() or "en", sep="-").territories
    return (*address.lines()[:-1], names.get(address.country, address.country))
