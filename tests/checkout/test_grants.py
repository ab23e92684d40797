"""Price grants: lower, never higher; lapsed means plain; never more than was allowed."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tacit.catalog.types import Offer
from tacit.checkout import actions, queries
from tacit.checkout.models import Order, PriceLimit
from tacit.checkout.rules.pricing import Grant, WantedLine, price_cart
from tacit.checkout.types.delivery import House, Rate, Way
from tacit.checkout.types.order import CheckoutError, NotPossible, TotalChanged
from tacit.core.money import Money
from tests.checkout.shopping import buy, fill
from tests.conftest import NOW

LIST = Money(3900, "EUR")
FREE = Money(0, "EUR")


def offer(price: int, percent: str = "19") -> Offer:
    return Offer(1, "SKU", "slug", "Name", "", True, Money(price, "EUR"), Decimal(percent), 10**6)


grants = st.builds(
    Grant,
    unit=st.integers(0, 6000).map(lambda minor: Money(minor, "EUR")),
    quantity=st.integers(1, 20),
    expires_at=st.sampled_from([NOW - timedelta(seconds=1), NOW, NOW + timedelta(seconds=1)]),
    limit=st.none(),
    left=st.none() | st.integers(0, 20),
)


@given(
    st.lists(
        st.tuples(
            st.integers(1, 30), st.lists(grants, max_size=4), st.sampled_from(["0", "7", "19", "25.5"])
        ),
        min_size=1,
        max_size=5,
    ),
    st.integers(0, 9000),
    st.booleans(),
)
def test_a_cart_adds_up_and_grants_only_lower_it(lines, free_over, tax_included):
    wanted = [WantedLine(n, n, quantity, given_grants) for n, (quantity, given_grants, _) in enumerate(lines)]
    cart = price_cart(
        token="t",
        currency="EUR",
        country="DE",
        countries=("DE",),
        wanted=wanted,
        offers={n: offer(3900, percent) for n, (_, _, percent) in enumerate(lines)},
        ways=[Way("standard", "Standard", (0, 0), (1, 3), (Rate(LIST), Rate(FREE, total_from=free_over)))],
        tax_included=tax_included,
        house=House("DE", "Europe/Berlin", 14),
        chosen="standard",
        now=NOW,
    )
    assert cart.total == cart.goods + cart.shipping + (FREE if tax_included else cart.tax)
    assert cart.shipping == (FREE if cart.goods.minor >= free_over else LIST)
    assert 0 <= cart.tax.minor <= cart.total.minor
    assert sum((part.tax for part in cart.choices[0].taxes), FREE) == cart.tax
    for line, (quantity, given_grants, _) in zip(cart.lines, lines, strict=True):
        live = [g for g in given_grants if g.expires_at > NOW and g.unit < LIST and g.left != 0]
        if not live:
            assert line.total == LIST * quantity
        assert line.total <= LIST * quantity
        assert line.granted <= min(quantity, max((g.quantity for g in live), default=0))
        assert line.total == line.unit * line.granted + LIST * (quantity - line.granted)


@pytest.mark.django_db(transaction=True)
def test_a_grant_is_charged_and_a_lapsed_one_is_confirmed_anew(kettle, provider, now):
    visitor = fill(kettle, now=now, quantity=3)
    actions.grant_price(
        key="g",
        cart=visitor.cart,
        variant=kettle,
        unit=Money(3200, "EUR"),
        quantity=2,
        expires_at=now + timedelta(minutes=5),
        reason="a deal",
        limit=("deal", 10),
        now=now,
    )
    seen = queries.cart_of(visitor, now=now).total
    assert seen == Money(2 * 3200 + 3900, "EUR")
    with pytest.raises(TotalChanged):
        buy(visitor, now=now + timedelta(minutes=6), total_seen=seen)
    assert not Order.objects.exists()
    bought = buy(visitor, now=now, total_seen=seen)
    order = Order.objects.get(number=bought.number)
    lines = list(order.lines.order_by("position").values_list("quantity", "unit_minor"))
    assert lines == [(2, 3200), (1, 3900)]
    assert sum(order.lines.values_list("tax_minor", flat=True)) == order.tax_minor  # delivery is free
    assert PriceLimit.objects.get().used == 2


@pytest.mark.django_db(transaction=True)
def test_a_cancelled_order_frees_its_share_of_the_limit(kettle, provider, now, staff):
    visitor = fill(kettle, now=now)
    actions.grant_price(
        key="g",
        cart=visitor.cart,
        variant=kettle,
        unit=Money(1, "EUR"),
        quantity=1,
        expires_at=now + timedelta(minutes=5),
        reason="a deal",
        limit=("deal", 1),
        now=now,
    )
    bought = buy(visitor, now=now)
    assert PriceLimit.objects.get().used == 1
    actions.cancel(staff, bought.number, key="cancel-1", now=now)
    assert PriceLimit.objects.get().used == 0


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"unit": Money(-1, "EUR")}, "unit"),
        ({"unit": Money(1, "GBP")}, "unit"),
        ({"quantity": 0}, "quantity"),
        ({"expires_at": NOW}, "expires_at"),
        ({"cart": "another"}, "line"),
    ],
)
def test_a_grant_that_makes_no_sense_is_refused(kettle, provider, now, change, field):
    visitor = fill(kettle, now=now)
    arguments = {
        "key": "g",
        "cart": visitor.cart,
        "variant": kettle,
        "unit": Money(1, "EUR"),
        "quantity": 1,
        "expires_at": now + timedelta(minutes=5),
        "reason": "",
        "now": now,
        **change,
    }
    with pytest.raises(CheckoutError) as refusal:
        actions.grant_price(**arguments)
    assert refusal.value.field == field
    assert queries.cart_of(visitor, now=now).goods == LIST


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("captured", ["later", "on its way", "done"])
def test_a_lowered_price_is_captured_less_or_paid_back(kettle, provider, now, staff, captured):
    bought = buy(fill(kettle, now=now, quantity=2), now=now)
    order = Order.objects.get()
    if captured != "later":
        actions.ship(staff, bought.number, carrier="", tracking="", key="parcel-1", now=now)
    if captured == "done":
        actions.sweep(now=now)
    line = order.lines.get().pk
    assert actions.lower_price(line=line, unit=Money(3200, "EUR"), key="tip-1", now=now)
    assert not actions.lower_price(line=line, unit=Money(3200, "EUR"), key="tip-1", now=now)
    with pytest.raises(NotPossible):
        actions.lower_price(line=line, unit=Money(3300, "EUR"), key="tip-2", now=now)
    if captured == "later":
        actions.ship(staff, bought.number, carrier="", tracking="", key="parcel-1", now=now)
    actions.sweep(now=now)
    actions.sweep(now=now)
    held = provider.payments[bought.reference]
    assert held.captured - held.refunded == 6400
    order.refresh_from_db()
    assert (order.total_minor, order.tax_minor) == (6400, 1022)
