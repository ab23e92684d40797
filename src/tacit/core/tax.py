"""Tax contained in a price. No Django."""

from __future__ import annotations

from decimal import Decimal

from tacit.core.money import Money, MoneyError, round_half_up


def included(gross: Money, percent: Decimal) -> Money:
    """The tax inside a tax-inclusive ``gross`` amount: gross × p / (100 + p), rounded half up.

    ``percent`` is 0 ≤ p ≤ 100 (Directive 2006/112/EC art. 78, 96: the rate applies to the net amount).
    """
    if not (0 <= percent <= 100):
        raise MoneyError("a tax rate lies between 0 and 100 percent")
    return Money(round_half_up(Decimal(gross.minor) * percent / (100 + percent)), gross.currency)
