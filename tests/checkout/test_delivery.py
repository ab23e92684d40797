"""Which way a cart may take, what it costs, when it comes; tax in the price and on top of it."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
from django.core.cache import cache
from django.db import IntegrityError, transaction
from django.utils import translation
from hypothesis import given
from hypothesis import strategies as st

from tacit.accounts.types import Visitor
from tacit.catalog import actions as catalog
from tacit.catalog.models import Variant
from tacit.checkout import actions, queries, wording
from tacit.checkout.actions.importing import offer_shipping
from tacit.checkout.models import Order, ShippingDestination, ShippingRate
from tacit.checkout.rules import delivery, workdays
from tacit.checkout.types.delivery import Arrival, Destination, House, NoWay, Rate, Terms, Way
from tacit.checkout.types.order import CheckoutError
from tacit.core.money import Money
from tests.checkout.shopping import CONTACT, buy, fill

BERLIN = House("DE", "Europe/Berlin", 14)
FREE = Money(0, "EUR")


def eur(minor: int) -> Money:
    return Money(minor, "EUR")


def way(*rates: Rate, handling: tuple[int, int] = (0, 0), days: tuple[int, int] = (1, 1)) -> Way:
    return Way("post", "Post", handling, days, rates)


@pytest.mark.parametrize(
    ("ordered", "handling", "days", "first", "last"),
    [
        # Tuesday before and after the cut-off (14:00 in Berlin is 13:00 UTC in winter).
        ("2026-11-24T12:59", (0, 0), (1, 2), "2026-11-25", "2026-11-26"),
        ("2026-11-24T13:00", (0, 0), (1, 2), "2026-11-26", "2026-11-27"),
        # In summer the same hour is an hour earlier in UTC.
        ("2026-06-16T12:30", (0, 0), (1, 1), "2026-06-18", "2026-06-18"),
        # Friday evening counts for Monday.
        ("2026-11-27T20:00", (0, 1), (1, 1), "2026-12-01", "2026-12-02"),
        # Christmas: the 25th is a holiday, then a weekend.
        ("2026-12-24T08:00", (0, 0), (1, 1), "2026-12-28", "2026-12-28"),
        # Late in the evening by UTC it is tomorrow in Berlin, a Saturday.
        ("2026-11-27T23:30", (0, 0), (1, 1), "2026-12-01", "2026-12-01"),
        ("2026-11-24T08:00", (0, 0), (0, 0), "2026-11-24", "2026-11-24"),
    ],
)
def test_days_are_counted_by_the_shop_s_clock(ordered, handling, days, first, last):
    at = datetime.fromisoformat(ordered).replace(tzinfo=UTC)
    found = delivery.arrival(way(handling=handling, days=days), country="DE", house=BERLIN, at=at)
    assert found == Arrival(date.fromisoformat(first), date.fromisoformat(last))


def test_holidays_count_where_they_are():
    """1 August is one in Switzerland (2025: a Friday), not in Germany."""
    at = datetime(2025, 7, 31, 8, tzinfo=UTC)
    to = {
        country: delivery.arrival(way(), country=country, house=BERLIN, at=at).last
        for country in ("DE", "CH", "ZZ")
    }
    assert to == {"DE": date(2025, 8, 1), "CH": date(2025, 8, 4), "ZZ": date(2025, 8, 1)}
    packed_in_switzerland = House("CH", "Europe/Zurich", 14)
    holiday = datetime(2025, 8, 1, 8, tzinfo=UTC)
    assert delivery.arrival(way(), country="DE", house=packed_in_switzerland, at=holiday).last == date(
        2025, 8, 5
    )


@given(
    st.integers(0, 6 * 365 * 24 * 60).map(
        lambda minutes: datetime(2024, 1, 1, tzinfo=UTC) + timedelta(minutes=minutes)
    ),
    st.tuples(st.integers(0, 3), st.integers(0, 3)),
    st.tuples(st.integers(0, 9), st.integers(0, 9)),
    st.sampled_from(["DE", "GB", "CH", "FR"]),
)
def test_nothing_arrives_on_a_day_off_or_before_it_was_ordered(at, handling, days, country):
    one = way(handling=(min(handling), max(handling)), days=(min(days), max(days)))
    found = delivery.arrival(one, country=country, house=BERLIN, at=at)
    assert at.date() <= found.first <= found.last
    assert workdays.works(country, found.first)
    assert workdays.works(country, found.last)


rates = st.builds(
    lambda price, weight, weight_span, total, total_span: Rate(
        eur(price),
        weight,
        None if weight_span is None else weight + weight_span,
        total,
        None if total_span is None else total + total_span,
    ),
    st.integers(0, 2000),
    st.integers(0, 3000),
    st.none() | st.integers(0, 3000),
    st.integers(0, 9000),
    st.none() | st.integers(0, 9000),
)


@given(st.lists(rates, max_size=6), st.integers(0, 7000), st.integers(0, 20000), st.randoms())
def test_overlapping_rates_do_no_harm_the_cheapest_that_fits_counts(found, weight, goods, chance):
    cost = delivery.cost(way(*found), weight=weight, goods=eur(goods))
    mixed = list(found)
    chance.shuffle(mixed)
    assert delivery.cost(way(*mixed), weight=weight, goods=eur(goods)) == cost
    fitting = [
        rate.price.minor
        for rate in found
        if rate.weight_from <= weight <= (rate.weight_most if rate.weight_most is not None else weight)
        and rate.total_from <= goods <= (rate.total_most if rate.total_most is not None else goods)
    ]
    assert cost == (eur(min(fitting)) if fitting else None)


@pytest.fixture
def weighed(kettle: int, provider: object) -> int:
    """The kettle weighs 1.2 kg, its lid nothing known; parcels to Germany end at 5 kg."""
    Variant.objects.filter(pk=kettle).update(weight_grams=1200)
    actions.set_shipping_rates(
        method="standard",
        currency="EUR",
        countries=["DE"],
        days=(1, 2),
        rates=[
            Rate(eur(490), weight_most=2000),
            Rate(eur(790), 2001, 5000),
            Rate(FREE, weight_most=2000, total_from=20000),
        ],
    )
    actions.set_shipping_rates(
        method="express", currency="EUR", countries=["DE"], rates=[Rate(eur(990), weight_most=5000)]
    )
    return kettle


@pytest.mark.django_db
@pytest.mark.parametrize(("pieces", "price"), [(1, 490), (2, 790), (4, 790)])
def test_weight_makes_the_price(weighed, now, pieces, price):
    cart = queries.cart_of(fill(weighed, quantity=pieces, now=now), now=now)
    assert (cart.weight, cart.shipping) == (1200 * pieces, eur(price))
    assert cart.choices[0].arrival == Arrival(
        date(2026, 6, 3), date(2026, 6, 4)
    )  # ordered at 14:00 in Berlin


@pytest.mark.django_db
def test_what_is_too_heavy_says_so_and_is_not_placed(weighed, now):
    visitor = fill(weighed, quantity=5, now=now)
    cart = queries.cart_of(visitor, now=now)
    assert (cart.choices, cart.no_way, cart.orderable) == ((), NoWay.WEIGHT, False)
    assert wording.no_way(cart) == (
        "Your cart weighs 6 kg; at most 5 kg go to Germany in one order. "
        "Take something out, or talk to a person."
    )
    with pytest.raises(CheckoutError) as refusal:
        buy(visitor, now=now, total_seen=cart.total)
    assert wording.explain(refusal.value) == wording.no_way(cart)
    assert not Order.objects.exists()


@pytest.mark.django_db
def test_a_country_s_own_terms_win_over_those_for_everywhere(weighed, now):
    visitor = fill(weighed, quantity=2, now=now)
    assert queries.cart_of(visitor, country="AT", now=now).shipping == FREE  # 78.00: free over 50.00
    assert queries.cart_of(visitor, country="DE", now=now).shipping == eur(790)
    ShippingDestination.objects.filter(country="").delete()
    cart = queries.cart_of(visitor, country="AT", now=now)
    assert cart.no_way is NoWay.COUNTRY
    assert "Austria" in wording.no_way(cart)
    ShippingRate.objects.update(currency="USD")
    assert queries.cart_of(visitor, country="DE", now=now).no_way is NoWay.CURRENCY


@pytest.mark.django_db
def test_the_database_refuses_what_cannot_be(weighed, now):
    one = ShippingRate.objects.filter(weight_most__isnull=True).first()
    assert one is not None
    same = {
        name: getattr(one, name)
        for name in ("destination", "currency", "weight_from", "weight_most", "total_from", "total_most")
    }
    variant = Variant.objects.get(pk=weighed)
    order = Order.objects.get(number=buy(fill(weighed, now=now), now=now).number)
    for wrong in (
        lambda: ShippingRate.objects.create(**same, price_minor=1),
        lambda: ShippingRate.objects.create(**same | {"weight_from": 5, "weight_most": 4}, price_minor=1),
        lambda: Variant.objects.filter(pk=variant.pk).update(weight_grams=-1),
        lambda: Order.objects.filter(pk=order.pk).update(tax_included=False),
        lambda: Order.objects.filter(pk=order.pk).update(arrives_until=None),
    ):
        with pytest.raises(IntegrityError), transaction.atomic():
            wrong()


@pytest.mark.django_db
def test_an_order_keeps_its_days_and_its_tax_by_rate(weighed, now):
    visitor = fill(weighed, now=now)
    lid = Variant.objects.get(sku="LID").pk
    actions.add_to_cart(visitor, variant=lid, quantity=1, currency="EUR", now=now)
    cart = queries.cart_of(visitor, now=now)
    order = queries.order_of(Visitor(staff=True), buy(visitor, now=now).number)
    assert order.arrival == cart.choices[0].arrival
    assert order.taxes == cart.choices[0].taxes
    # 39.00 with 4.34 of the delivery at 19 %, 5.00 with 0.56 of it at 7 %.
    assert [(str(part.percent.normalize()), part.tax.minor) for part in order.taxes] == [
        ("19", 692),
        ("7", 37),
    ]
    assert order.tax == eur(729)
    assert order.total == order.goods + order.shipping == eur(4890)


@pytest.mark.django_db(transaction=True)
def test_where_prices_are_without_tax_it_is_added_and_lowered_with_them(weighed, provider, now, staff):
    catalog.set_currency(code="EUR", prices_include_tax=False)
    cart = queries.cart_of(fill(weighed, now=now), now=now)
    assert (cart.goods, cart.shipping, cart.tax) == (eur(3900), eur(490), eur(741 + 93))
    assert cart.total == eur(3900 + 490 + 834)
    number = buy(Visitor(cart=cart.token), now=now).number
    catalog.set_currency(code="EUR", prices_include_tax=True)  # what was ordered stays as it was
    line = Order.objects.get(number=number).lines.get().pk
    actions.ship(staff, number, carrier="", tracking="", key="key-number-1", now=now)
    actions.sweep(now=now)
    assert actions.lower_price(line=line, unit=eur(3000), key="tip", now=now)
    actions.sweep(now=now)
    order = queries.order_of(staff, number)
    assert (order.goods, order.tax, order.total) == (eur(3000), eur(570 + 93), eur(3000 + 490 + 663))
    assert order.payment
    assert order.payment.captured - order.payment.refunded == order.total


@pytest.mark.django_db
def test_pages_promise_the_cheapest_way_without_asking_twice(weighed, now, django_assert_num_queries):
    cache.clear()
    with django_assert_num_queries(2):
        found = queries.delivery_promise([(1200, eur(3900))], country="DE", currency="EUR", now=now)
    assert (found.price, found.several, found.tax_included) == (eur(490), False, True)
    assert wording.delivery_price(found) == "€4.90 delivery"
    assert found.arrival
    assert wording.with_you(found.arrival, today=now.date()) == "with you by Thursday"
    with django_assert_num_queries(0):
        again = queries.delivery_promise(
            [(1200, eur(3900)), (3000, eur(3900))], country="DE", currency="EUR", now=now
        )
        nothing = queries.delivery_promise([(9000, eur(3900))], country="DE", currency="EUR", now=now)
    assert (again.price, again.several) == (eur(490), True)
    assert (nothing.price, nothing.arrival) == (None, None)
    cache.clear()


def test_the_promise_is_pure():
    terms = Terms("DE", "EUR", False, (way(Rate(eur(990))), way(Rate(eur(490), weight_most=10))))
    found = delivery.promise(terms, [(11, eur(1))], house=BERLIN, at=datetime(2026, 6, 1, tzinfo=UTC))
    assert (found.price, found.tax_included) == (eur(990), False)
    assert wording.tax_note(found) == "plus tax"


def test_days_are_written_as_people_read_them():
    across = Arrival(date(2026, 11, 30), date(2026, 12, 1))
    one = Arrival(across.last, across.last)
    found = [
        wording.days(Arrival(date(2026, 11, 24), date(2026, 11, 25))),
        wording.days(across),
        wording.days(one),
        wording.with_you(across, today=date(2026, 11, 24)),
        wording.with_you(one, today=date(2026, 11, 30)),
        wording.with_you(one, today=one.last),
    ]
    assert [text.replace("\xa0", " ") for text in found] == [
        "Tue 24 – Wed 25 Nov",
        "Mon 30 Nov – Tue 1 Dec",
        "Tue 1 Dec",
        "with you by Tue 1 Dec",
        "with you Tuesday",
        "with you today",
    ]
    with translation.override("de"):
        german = wording.days(Arrival(date(2026, 11, 24), date(2026, 11, 25))).replace("\xa0", " ")
    assert german == "Di. 24. – Mi. 25. Nov."
    assert wording.percent(Decimal("5.500")) == "5.5%"


@pytest.mark.django_db(transaction=True)
def test_a_cart_changes_its_currency_only_where_everything_has_a_price(kettle, provider, now):
    visitor = fill(kettle, now=now)
    assert actions.change_currency(visitor, currency="GBP", now=now) == ()
    cart = queries.cart_of(visitor, now=now)
    assert (cart.currency, cart.goods) == ("GBP", Money(3400, "GBP"))
    assert cart.no_way is NoWay.CURRENCY
    actions.set_shipping_rates(method="standard", currency="GBP", rates=[Rate(Money(450, "GBP"))])
    bought = buy(visitor, now=now, contact=CONTACT)
    assert Order.objects.get(number=bought.number).currency == "GBP"
    second = fill(kettle, now=now)
    lid = Variant.objects.get(sku="LID").pk
    actions.add_to_cart(second, variant=lid, quantity=1, currency="EUR", now=now)
    assert actions.change_currency(second, currency="GBP", now=now) == ("Kettle lid",)
    assert queries.cart_of(second, now=now).currency == "EUR"


@pytest.mark.django_db
def test_a_country_s_own_terms_take_nothing_away_in_other_currencies(kettle, provider, now):
    actions.set_shipping_rates(
        method="standard", currency="GBP", countries=["DE"], days=(2, 2), rates=[Rate(Money(450, "GBP"))]
    )
    visitor = fill(kettle, now=now)
    assert queries.cart_of(visitor, country="DE", now=now).shipping == eur(490)
    cache.clear()
    for currency, days in (("EUR", (1, 3)), ("GBP", (2, 2))):
        ways = queries.terms(country="DE", currency=currency).ways
        assert next(way for way in ways if way.code == "standard").days == days
    cache.clear()


@pytest.mark.django_db
def test_days_and_handling_stay_when_only_a_price_is_set(kettle):
    actions.save_shipping_method(code="standard", name="Standard", names={"de": "Paket"}, handling=(1, 2))
    actions.set_shipping_rates(method="standard", currency="EUR", days=(4, 6), rates=[Rate(eur(1))])
    actions.set_shipping_method(code="standard", name="Standard", currency="EUR", price=eur(2))
    assert offer_shipping(code="standard", name="Standard", price=Money(3, "GBP"))
    found = next(method for method in queries.shipping_methods() if method.code == "standard")
    assert (found.handling, found.names) == ((1, 2), {"de": "Paket"})
    (everywhere,) = found.destinations
    assert everywhere.days == (4, 6)
    assert everywhere.rates == (Rate(eur(2)), Rate(Money(3, "GBP")))


@pytest.mark.django_db
def test_a_method_that_cannot_be_is_not_saved(kettle):
    good = queries.shipping_methods()[0]
    germany = Destination("DE", (1, 2), (Rate(eur(1)),))
    for wrong in (
        replace(good, code="Two words"),
        replace(good, name=" "),
        replace(good, names={"de": "x" * 81}),
        replace(good, handling=(2, 1)),
        replace(good, destinations=(germany, germany)),
        replace(good, destinations=(replace(germany, country="de"),)),
        replace(good, destinations=(replace(germany, rates=(Rate(eur(1)), Rate(eur(2)))),)),
        replace(good, destinations=(replace(germany, rates=(Rate(eur(1), weight_most=2**31),)),)),
    ):
        with pytest.raises(CheckoutError):
            actions.replace_shipping_method(wrong)
    assert queries.shipping_methods()[0] == good


@pytest.mark.parametrize(
    ("ways", "weight", "why"),
    [
        ([], 1, NoWay.COUNTRY),
        ([way()], 1, NoWay.CURRENCY),
        ([way(), way(Rate(FREE, weight_most=10))], 11, NoWay.WEIGHT),
        ([way(Rate(FREE, weight_from=10))], 9, NoWay.WEIGHT),
        ([way(Rate(FREE, weight_most=10)), way(Rate(FREE, total_from=99))], 11, NoWay.TOTAL),
        ([way(Rate(FREE, weight_most=10, total_most=5))], 10, NoWay.TOTAL),
    ],
)
def test_why_there_is_no_way(ways, weight, why):
    assert delivery.why_no_way(ways, weight=weight) is why
