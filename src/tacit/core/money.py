"""Money as integer minor units with an ISO 4217 currency. No floats, no Django."""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from functools import cache

from babel.core import get_global
from babel.numbers import format_currency

LARGEST_MINOR = 10**12
"""Largest amount accepted anywhere, in minor units; far inside a PostgreSQL bigint."""

_CODE = re.compile(r"[A-Z]{3}\Z")
_AMOUNT = re.compile(r"-?[0-9]{1,13}(\.[0-9]{1,6})?\Z")


class MoneyError(ValueError):
    """An amount or currency that cannot be used; the message says why, for people."""


@cache
def exponent(currency: str) -> int:
    """Digits after the decimal point of ``currency`` (EUR 2, JPY 0, KWD 3), by CLDR.

    Raises MoneyError when no such currency is known.
    """
    if not isinstance(currency, str) or not _CODE.match(currency) or currency not in _known_currencies():
        raise MoneyError(f"{currency!r} is not an ISO 4217 currency")
    fractions = get_global("currency_fractions")
    return int(fractions.get(currency, fractions["DEFAULT"])[0])


@cache
def _known_currencies() -> frozenset[str]:
    return frozenset(get_global("all_currencies"))


@dataclass(frozen=True, slots=True, order=False)
class Money:
    """``minor`` units (cents) of ``currency``. Arithmetic only within one currency."""

    minor: int
    currency: str

    def __post_init__(self) -> None:
        exponent(self.currency)
        if isinstance(self.minor, bool) or not isinstance(self.minor, int):
            raise MoneyError("an amount of money is a whole number of minor units")
        if abs(self.minor) > LARGEST_MINOR:
            raise MoneyError("the amount is too large")

    @classmethod
    def parse(cls, text: str, currency: str) -> Money:
        """``"12.50"`` → 1250 minor units. Raises MoneyError on anything no minor unit holds exactly."""
        if not _AMOUNT.match(text.strip()):
            raise MoneyError(f"{text[:20]!r} is not an amount; write it like 12.50")
        minor = Decimal(text.strip()).scaleb(exponent(currency))
        if minor != minor.to_integral_value():
            raise MoneyError(f"{text!r} is finer than {currency} can be paid")
        return cls(int(minor), currency)

    def _same(self, other: Money) -> None:
        if not isinstance(other, Money):
            raise MoneyError("money can only be combined with money")
        if other.currency != self.currency:
            raise MoneyError(f"{self.currency} and {other.currency} cannot be combined")

    def __add__(self, other: Money) -> Money:
        self._same(other)
        return Money(self.minor + other.minor, self.currency)

    def __sub__(self, other: Money) -> Money:
        self._same(other)
        return Money(self.minor - other.minor, self.currency)

    def __mul__(self, quantity: int) -> Money:
        return Money(self.minor * quantity, self.currency)

    def __lt__(self, other: Money) -> bool:
        self._same(other)
        return self.minor < other.minor

    def __le__(self, other: Money) -> bool:
        self._same(other)
        return self.minor <= other.minor

    def __bool__(self) -> bool:
        return self.minor != 0

    def allocate(self, weights: list[int]) -> list[Money]:
        """Split by non-negative ``weights`` so that the parts add up exactly (largest remainder)."""
        total = sum(weights)
        if not weights or total <= 0 or min(weights) < 0:
            raise MoneyError("weights must be non-negative and not all zero")
        sign = -1 if self.minor < 0 else 1
        whole = abs(self.minor)
        shares = [whole * weight // total for weight in weights]
        rest = whole - sum(shares)
        by_remainder = sorted(range(len(weights)), key=lambda i: (-(whole * weights[i] % total), i))
        for i in by_remainder[:rest]:
            shares[i] += 1
        return [Money(sign * share, self.currency) for share in shares]

    def amount(self) -> Decimal:
        """The amount in major units, exact: 1250 EUR minor → Decimal("12.50")."""
        return Decimal(self.minor).scaleb(-exponent(self.currency))

    def format(self, locale: str = "en") -> str:
        """As a person reads it: ``€12.50``. ``locale`` is a Babel locale such as ``de`` or ``en_GB``."""
        return str(format_currency(self.amount(), self.currency, locale=locale.replace("-", "_")))

    def __str__(self) -> str:
        return self.format()


def round_half_up(value: Decimal) -> int:
    """The nearest whole number, halves away from zero (commercial rounding)."""
    return int(value.quantize(Decimal(1), rounding=ROUND_HALF_UP))
