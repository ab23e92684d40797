"""The sample orders: in every state, through the same actions and the same payment port as everybody's."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime
from pathlib import Path

import pytest
from django.db import connection

from tacit.accounts.types import Visitor
from tacit.checkout import queries
from tacit.checkout.types.carrier import Carrier, ParcelState
from tacit.checkout.types.payment import PaymentState
from tacit.connectors import sample_shop
from tacit.connectors.practice_carrier.adapter import PracticeCarrier
from tacit.core import ports
from tests.checkout.fake_provider import FakeProvider
from tests.checkout.test_letters import letters

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
STAFF = Visitor(staff=True)
pytestmark = pytest.mark.django_db


@pytest.fixture
def filled(db: None, provider: FakeProvider) -> int:
    sample_shop.load(now=NOW)
    return sample_shop.load_orders(now=NOW)


def test_there_is_an_order_in_every_state_a_shop_shows(filled: int) -> None:
    rows, _ = queries.staff_orders(STAFF)
    orders = [queries.order_of(STAFF, row.number) for row in rows]
    assert len(orders) == filled
    states = Counter(str(order.status) for order in orders)
    assert set(states) == {"paid", "shipped", "cancelled"}
    assert [o for o in orders if o.status == "paid" and o.shipments], "partly shipped"
    assert [o for o in orders if o.status == "paid" and not o.shipments], "paid"
    back = [
        o.payment.refunded.minor - o.total.minor for o in orders if o.payment and o.payment.refunded.minor
    ]
    assert 0 in back, "refunded whole"
    assert min(back) < 0, "refunded in part"
    assert {o.language for o in orders} == {"en", "de"}
    assert {o.total.currency for o in orders} == {"EUR", "GBP"}
    assert max(row.placed_at for row in rows) <= NOW
    members = Counter(row.email for row in rows)
    assert members["mira@example.com"] >= 3


def test_their_money_is_where_their_state_says(filled: int) -> None:
    for row in queries.staff_orders(STAFF)[0]:
        order = queries.order_of(STAFF, row.number)
        assert order.payment is not None
        assert not order.payment.refused
        assert not order.payment.refunding.minor
        if order.status == "cancelled":
            assert order.payment.state is PaymentState.VOIDED
        else:
            assert order.payment.captured == (order.total if order.shipments else order.total * 0)
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM checkout_moneyintent WHERE state <> 'done'")
        assert cursor.fetchone() == (0,)


def test_a_second_time_places_nothing(filled: int, provider: FakeProvider) -> None:
    calls = len(provider.calls)
    assert sample_shop.load_orders(now=NOW) == 0
    assert len(provider.calls) == calls
    assert len(queries.staff_orders(STAFF)[0]) == filled


def test_without_a_payment_no_order_is_pretended(db: None, provider: FakeProvider) -> None:
    sample_shop.load(now=NOW)
    provider.down = True
    with pytest.raises(sample_shop.NotPaid):
        sample_shop.load_orders(now=NOW)


@pytest.mark.django_db(transaction=True)
def test_their_letters_are_in_the_language_of_each(filled: int) -> None:
    by_person: dict[str, set[str]] = {}
    for row in letters(NOW):
        by_person.setdefault(row.to, set()).add(row.subject.rpartition(" ")[0])
    assert "Ihre Bestellung" in by_person["mira@example.com"]
    assert "Geld zurück: Bestellung" in by_person["jonas@example.com"]
    assert by_person["tom@example.com"] == {"Your order", "On its way: order", "Cancelled: order"}


@pytest.mark.django_db(transaction=True)
def test_with_a_carrier_every_parcel_is_followed(db: None, provider: FakeProvider, tmp_path: Path) -> None:
    carrier = PracticeCarrier(tmp_path / "carrier.sqlite", now=lambda: NOW)
    sample_shop.load(now=NOW)
    with ports.replaced(Carrier, carrier), ports.replaced(Carrier, carrier, name=carrier.name):
        sample_shop.load_orders(now=NOW, tell=carrier.tell)
        parcels = [
            (row.email, parcel)
            for row in queries.staff_orders(STAFF)[0]
            for parcel in queries.order_of(STAFF, row.number).shipments
        ]
        troubled = {(row.name, row.parcel) for row in queries.staff_page(STAFF, status=queries.ASTRAY).rows}
    states = Counter(parcel.state for _, parcel in parcels)
    assert states[ParcelState.DELIVERED] > 10
    assert (states[ParcelState.LOST], states[ParcelState.DELAYED]) == (1, 1)
    assert set(states) <= {"delivered", "lost", "delayed", "on_its_way", "handed_over"}
    friend = next(one for one in sample_shop.cast() if one.part == "friend")
    assert (friend.email, ParcelState.ON_ITS_WAY) in [(email, parcel.state) for email, parcel in parcels]
    assert troubled == {("Priya Nair", ParcelState.LOST), ("Eva Gruber", ParcelState.DELAYED)}
    assert all(parcel.tracking and parcel.events for _, parcel in parcels)
    subjects = Counter(row.subject.partition(" order")[0].partition(":")[0] for row in letters(NOW))
    assert subjects["Lost parcel"] == 1


def test_each_part_of_the_demo_is_played_by_one_member_with_orders(filled: int) -> None:
    cast = sample_shop.cast()
    assert [one.part for one in cast] == ["shopper", "friend", "stranger"]
    assert all(one.member for one in cast)
    buyers = {row.email for row in queries.staff_orders(STAFF)[0]}
    assert {one.email for one in cast} <= buyers
