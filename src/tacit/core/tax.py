"""Tax contained in a price, or added to it. No Django."""

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


def added(net: Money, percent: Decimal) -> Money:
    """The tax on top of a ``net`` amount: net × p / 100, rounded half up. ``percent`` is 0 ≤ p ≤ 100."""
    if not (0 <= percent <= 100):
        raise MoneyError("a tax rate lies between 0 and 100 percent")
    return Money(round_half_up(Decimal(net.minor) * percent / 100), net.currency)


def of(amount: Money, percent: Decimal, *, is_included: bool) -> Money:
    """The tax that belongs to ``amount``, which includes it or not."""
    return included(amount, percent) if is_included else added(amount, percent)
