"""What a page says about rates, and about the right to withdraw."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tacit.checkout import queries
from tacit.checkout.rules import delivery
from tacit.checkout.types.delivery import Rate
from tacit.checkout.wording.delivery import condition
from tests.checkout.test_delivery import FREE, eur, rates, way


@pytest.mark.parametrize(
    ("rate", "said"),
    [
        (Rate(FREE), "any order"),
        (Rate(FREE, weight_most=2000), "up to 2 kg"),
        (Rate(FREE, 2001, 5000), "over 2 kg up to 5 kg"),
        (Rate(FREE, 2000, 5000), "from 2 kg to 5 kg"),
        (Rate(FREE, 2001), "over 2 kg"),
        (Rate(FREE, 1), "over 0 kg"),
        (Rate(FREE, 2000), "from 2 kg on"),
        (Rate(FREE, total_from=5000), "goods from €50.00"),
        (Rate(FREE, total_most=5000), "goods up to €50.00"),
        (Rate(FREE, total_most=0), "goods up to €0.00"),
        (Rate(FREE, total_from=1000, total_most=5000), "goods from €10.00 to €50.00"),
        (Rate(FREE, 2001, 5000, 1000), "goods from €10.00, over 2 kg up to 5 kg"),
    ],
)
def test_a_rate_says_what_it_asks_of_a_cart(rate, said):
    assert condition(rate) == said


@given(st.lists(rates, max_size=6), st.integers(0, 7000), st.integers(0, 20000))
def test_rates_that_never_count_are_not_told_and_nothing_is_lost(found, weight, goods):
    told = delivery.telling(found)
    costs = [delivery.cost(way(*some), weight=weight, goods=eur(goods)) for some in (found, told)]
    assert costs[0] == costs[1]
    if found and all(one == found[0] for one in found):
        assert len(told) == 1


def test_a_rate_undercut_everywhere_is_not_told():
    dear, cheap = Rate(eur(900), weight_most=1000, total_from=100), Rate(eur(400), weight_most=2000)
    assert delivery.telling([dear, cheap]) == (cheap,)
    assert delivery.telling([cheap, Rate(FREE, total_from=5000)]) == (cheap, Rate(FREE, total_from=5000))


@pytest.mark.parametrize(("country", "may"), [("DE", True), ("IS", True), ("GB", False), ("CH", False)])
def test_who_may_withdraw(country, may):
    assert queries.may_withdraw(country) is may
