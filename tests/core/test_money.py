"""Money never gets lost, invented or mixed."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tacit.core import tax
from tacit.core.money import LARGEST_MINOR, Money, MoneyError, exponent

minors = st.integers(-(10**9), 10**9)
currencies = st.sampled_from(["EUR", "GBP", "JPY", "KWD", "CLF"])


@given(minors, st.lists(st.integers(0, 10**6), min_size=1, max_size=20).filter(any), currencies)
def test_shares_add_up_and_differ_from_fair_by_less_than_one_unit(minor, weights, currency):
    whole = Money(minor, currency)
    shares = whole.allocate(weights)
    assert sum(share.minor for share in shares) == minor
    for share, weight in zip(shares, weights, strict=True):
        assert abs(share.minor - Decimal(minor) * weight / sum(weights)) < 1


@given(minors, currencies)
def test_what_is_written_is_read_back(minor, currency):
    money = Money(minor, currency)
    assert Money.parse(str(money.amount()), currency) == money
    assert -money.amount().as_tuple().exponent == exponent(currency)


@pytest.mark.parametrize(
    "text", ["", "abc", "1.234", "NaN", "Infinity", "1e400", "0.001", "1,50", "1e999999999"]
)
def test_what_no_minor_unit_holds_is_refused(text):
    with pytest.raises(MoneyError):
        Money.parse(text, "EUR")


@pytest.mark.parametrize("currency", ["", "eur", "EURO", "XYZ", "€", None, "E\nR"])
def test_only_real_currencies(currency):
    with pytest.raises(MoneyError):
        Money(1, currency)


@pytest.mark.parametrize("minor", [1.5, True, "1", LARGEST_MINOR + 1, -LARGEST_MINOR - 1])
def test_only_whole_bounded_amounts(minor):
    with pytest.raises(MoneyError):
        Money(minor, "EUR")


def test_currencies_do_not_mix():
    for mix in (
        lambda a, b: a + b,
        lambda a, b: a - b,
        lambda a, b: a < b,
        lambda a, b: a <= b,
    ):
        with pytest.raises(MoneyError):
            mix(Money(1, "EUR"), Money(1, "GBP"))


@given(st.integers(0, 10**9), st.decimals(0, 100, places=3))
def test_included_tax_leaves_a_net_amount_that_gives_the_price_back(minor, percent):
    gross = Money(minor, "EUR")
    contained = tax.included(gross, percent)
    assert 0 <= contained.minor <= minor
    net = minor - contained.minor
    assert abs(Decimal(net) * (100 + percent) / 100 - minor) <= Decimal("0.5") * (100 + percent) / 100


def test_known_tax():
    # 39.00 at 19 %: 6.23; 5.00 at 7 %: 0.33
    assert tax.included(Money(3900, "EUR"), Decimal(19)).minor == 623
    assert tax.included(Money(500, "EUR"), Decimal(7)).minor == 33
    with pytest.raises(MoneyError):
        tax.included(Money(1, "EUR"), Decimal(101))
