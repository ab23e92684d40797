"""What staff do about parcels nobody takes, and about lost ones: goods and money stay together."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest

from tacit.accounts.types import NotAllowed, Visitor
from tacit.catalog.models import Stock
from tacit.checkout import actions, queries, wording
from tacit.checkout.actions import astray as astray_actions
from tacit.checkout.actions import parcels
from tacit.checkout.models import Order, OrderLine, Payment, Shipment
from tacit.checkout.types.carrier import MONEY_WENT_BACK, Carrier, ParcelState
from tacit.checkout.types.order import CheckoutError, NotPossible, OrderStatus
from tacit.core import ports
from tests.checkout.fake_carrier import FakeCarrier
from tests.checkout.shopping import buy, fill
from tests.checkout.test_letters import letters
from tests.checkout.test_race import all_at_once

pytestmark = pytest.mark.django_db(transaction=True)
HOUR = timedelta(hours=1)
PIECES = 2


@pytest.fixture
def carrier() -> Iterator[FakeCarrier]:
    fake = FakeCarrier()
    with ports.replaced(Carrier, fake), ports.replaced(Carrier, fake, name=fake.name):
        yield fake


@pytest.fixture
def number(kettle, provider, now) -> str:
    return buy(fill(kettle, now=now, quantity=PIECES), now=now).number


@pytest.fixture
def refused(number, carrier, staff, now) -> int:
    """A parcel its carrier refuses, paid for."""
    carrier.refuses = True
    actions.ship(staff, number, carrier="", tracking="", key="parcel-1", now=now)
    actions.sweep_parcels(now=now)
    actions.sweep(now=now)
    return Shipment.objects.get().pk


@pytest.fixture
def lost(number, carrier, staff, now) -> int:
    actions.ship(staff, number, carrier="", tracking="", key="parcel-1", now=now)
    actions.sweep_parcels(now=now)
    actions.sweep(now=now)
    carrier.turn(ParcelState.LOST, now + HOUR)
    actions.sweep_parcels(now=now + HOUR)
    return Shipment.objects.get().pk


def stock(kettle: int) -> tuple[int, int]:
    row = Stock.objects.get(pk=kettle)
    return row.on_hand, row.claimed


def astray(staff: Visitor) -> list[str]:
    return [row.parcel for row in queries.staff_page(staff, status=queries.ASTRAY).rows]


def refund_all(staff: Visitor, number: str, now) -> None:
    total = queries.order_of(staff, number).total
    actions.refund(staff, number, amount=total, reason="r", key="all-of-it", now=now)


def test_a_refused_parcel_goes_another_way(refused, number, carrier, staff, now):
    with pytest.raises(CheckoutError):
        actions.send_by_hand(
            staff, number, parcel=refused, carrier=" ", tracking="", key="by-hand-0", now=now
        )
    for _ in range(2):
        actions.send_by_hand(
            staff, number, parcel=refused, carrier="Bike", tracking="7", key="by-hand-1", now=now
        )
    carrier.refuses = False
    actions.sweep_parcels(now=now + timedelta(days=9))
    assert carrier.parcels == []
    row = Shipment.objects.get()
    assert (row.state, row.carrier, row.tracking) == (ParcelState.BY_HAND, "Bike", "7")
    assert not astray(staff)
    assert [letter.subject for letter in letters(now)][1:] == [f"On its way: order {number}"]


def test_what_is_taken_back_is_in_the_house_as_before(kettle, refused, number, staff, now):
    sent = stock(kettle)
    actions.take_back(staff, number, parcel=refused, key="take-back", now=now)
    assert stock(kettle) == (sent[0] + PIECES, sent[1] + PIECES)
    assert OrderLine.objects.get().shipped == 0
    assert Order.objects.get().status == OrderStatus.PAID
    assert not astray(staff)
    assert Payment.objects.get().captured_minor == Order.objects.get().total_minor
    actions.cancel(staff, number, key="cancel-it", now=now)
    actions.sweep(now=now)
    assert stock(kettle) == (sent[0] + PIECES, 0)
    assert Payment.objects.get().refunded_minor == Order.objects.get().total_minor


def test_what_is_taken_back_can_be_sent_anew_and_is_paid_once(refused, number, carrier, staff, now):
    actions.take_back(staff, number, parcel=refused, key="take-back", now=now)
    carrier.refuses = False
    actions.ship(staff, number, carrier="", tracking="", key="parcel-2", now=now)
    actions.sweep_parcels(now=now)
    actions.sweep(now=now)
    assert Order.objects.get().status == OrderStatus.SHIPPED
    assert Payment.objects.get().captured_minor == Order.objects.get().total_minor


def leaves_after_the_money_went_back(number: str, carrier: FakeCarrier, staff: Visitor, now) -> bool:
    carrier.down = True
    actions.ship(staff, number, carrier="", tracking="", key="parcel-1", now=now)
    actions.sweep_parcels(now=now)
    actions.sweep(now=now)
    refund_all(staff, number, now)
    carrier.down = False
    actions.sweep_parcels(now=now + HOUR)
    return bool(carrier.parcels)


def test_goods_whose_money_went_back_stay(number, carrier, staff, now):
    assert not leaves_after_the_money_went_back(number, carrier, staff, now)
    row = Shipment.objects.get()
    assert (row.state, row.error) == (ParcelState.REFUSED, MONEY_WENT_BACK)
    assert astray(staff) == ["refused"]
    assert not actions.ask_carrier(staff, shipment=row.pk, now=now + HOUR)
    with pytest.raises(NotPossible) as why:
        actions.send_by_hand(staff, number, parcel=row.pk, carrier="X", tracking="", key="by-hand-1", now=now)
    assert why.value.code == "money_went_back"
    actions.take_back(staff, number, parcel=row.pk, key="take-back", now=now)
    actions.cancel(staff, number, key="cancel-it", now=now)
    assert not astray(staff)


def test_the_control_without_the_look_at_the_money_they_leave(number, carrier, staff, now, monkeypatch):
    monkeypatch.setattr(parcels, "_CLAIM", parcels._CLAIM.replace(f"AND NOT {parcels._WORTHLESS}", ""))
    assert leaves_after_the_money_went_back(number, carrier, staff, now)


def test_a_parcel_being_handed_over_is_left_alone(number, carrier, staff, now):
    actions.ship(staff, number, carrier="", tracking="", key="parcel-1", now=now)
    parcel = Shipment.objects.get().pk
    assert parcels._claim(parcel, now)
    with pytest.raises(NotPossible) as why:
        actions.take_back(staff, number, parcel=parcel, key="take-back", now=now)
    assert why.value.code == "being_handed_over"
    assert not actions.ask_carrier(staff, shipment=parcel, now=now)
    assert not carrier.calls


def test_a_parcel_its_carrier_has_cannot_be_taken_back(lost, number, staff, now):
    with pytest.raises(NotPossible):
        actions.take_back(staff, number, parcel=lost, key="take-back", now=now)


def test_a_lost_parcel_is_sent_again_from_stock_and_is_settled(kettle, lost, number, carrier, staff, now):
    before = stock(kettle)
    total = Payment.objects.get().captured_minor
    for _ in range(2):
        actions.send_again(staff, number, parcel=lost, carrier="", tracking="", key="again-no-1", now=now)
    actions.sweep_parcels(now=now)
    actions.sweep(now=now)
    assert stock(kettle) == (before[0] - PIECES, before[1])
    assert [parcel.pieces for parcel in carrier.taken] == [PIECES, PIECES]
    assert Payment.objects.get().captured_minor == total
    assert not astray(staff)
    order = queries.order_of(staff, number)
    assert [wording.parcel_sentence(parcel) for parcel in order.shipments] == [
        "The carrier has lost it. We sent the goods again.",
        "On its way.",
    ]
    assert wording.status_sentence(order) == "Your order is on its way."
    with pytest.raises(NotPossible):
        actions.send_again(staff, number, parcel=lost, carrier="", tracking="", key="again-no-2", now=now)


def sent_again_by_many(lost: int, number: str, staff: Visitor, now) -> int:
    def again(turn: int) -> None:
        try:
            actions.send_again(
                staff, number, parcel=lost, carrier="", tracking="", key=f"again-number-{turn}", now=now
            )
        except NotPossible:
            return

    all_at_once(again, list(range(8)))
    return Shipment.objects.count() - 1


def test_many_send_a_lost_parcel_again_once(lost, number, staff, now):
    assert sent_again_by_many(lost, number, staff, now) == 1


def test_the_control_without_the_look_at_what_is_settled(kettle, lost, number, staff, now, monkeypatch):
    Stock.objects.filter(pk=kettle).update(on_hand=100)
    monkeypatch.setattr(astray_actions, "_unsettled", lambda order, parcel, _states: Shipment(pk=parcel))
    assert sent_again_by_many(lost, number, staff, now) > 1


def test_without_stock_it_is_said_and_nothing_changes(kettle, lost, number, staff, now):
    Stock.objects.filter(pk=kettle).update(on_hand=1)
    with pytest.raises(NotPossible) as why:
        actions.send_again(staff, number, parcel=lost, carrier="", tracking="", key="again-no-1", now=now)
    assert wording.explain(why.value).startswith("There are too few left")
    assert (Shipment.objects.count(), astray(staff)) == (1, ["lost"])


def test_staff_settle_a_lost_parcel(lost, number, staff, now):
    actions.settle_parcel(staff, number, parcel=lost, key="settle-1", now=now)
    assert not astray(staff)
    assert "settled" in wording.status_sentence(queries.order_of(staff, number))


def test_parcels_of_others_are_not_reached(refused, kettle, number, staff, now):
    other = buy(fill(kettle, now=now), now=now).number
    with pytest.raises(NotPossible):
        actions.take_back(staff, other, parcel=refused, key="take-back", now=now)
    nobody = Visitor(order=number)
    typed = {"carrier": "X", "tracking": "", "key": "key-of-nobody", "now": now}
    bare = {"key": "key-of-nobody", "now": now}
    for act in (
        lambda: actions.send_by_hand(nobody, number, parcel=refused, **typed),
        lambda: actions.send_again(nobody, number, parcel=refused, **typed),
        lambda: actions.take_back(nobody, number, parcel=refused, **bare),
        lambda: actions.settle_parcel(nobody, number, parcel=refused, **bare),
    ):
        with pytest.raises(NotAllowed):
            act()
