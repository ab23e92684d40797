"""What an order's page says in short: its steps, and the days it was promised for while they hold."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest
from django.test import Client

from tacit.accounts.types import Visitor
from tacit.checkout import queries
from tacit.checkout.models import Order
from tacit.checkout.types.carrier import ParcelState
from tacit.checkout.types.order import OrderStatus, OrderView, ShipmentView
from tacit.checkout.types.payment import PaymentState
from tacit.checkout.wording import status_sentence
from tacit.web import words
from tests.conftest import NOW
from tests.web.conftest import order_form, with_kettle

PAID, SHIPPED, CANCELLED = OrderStatus.PAID, OrderStatus.SHIPPED, OrderStatus.CANCELLED


@pytest.fixture
def order(shop: int, staff: Visitor) -> OrderView:
    client: Client = with_kettle(shop)
    client.post("/checkout", order_form(client))
    found = queries.order_of(staff, Order.objects.get().number)
    assert found.arrival is not None
    return found


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("status", "states", "last", "holds"),
    [
        (PAID, (), "On its way", True),
        (SHIPPED, (ParcelState.BY_HAND,), "On its way", True),
        (SHIPPED, (ParcelState.ON_ITS_WAY,), "On its way", True),
        (SHIPPED, (ParcelState.DELAYED,), "Delayed", False),
        (SHIPPED, (ParcelState.DELIVERED, ParcelState.LOST), "Lost on its way", False),
        (SHIPPED, (ParcelState.DELIVERED,), "Delivered", False),
        (PAID, (ParcelState.DELIVERED,), "On its way", False),
        (CANCELLED, (), "Cancelled", False),
        (OrderStatus.FAILED, (), "Not paid", False),
    ],
)
def test_the_last_step_is_where_it_ended_and_no_old_promise_stands_beside_news(
    order: OrderView, status: OrderStatus, states: tuple[ParcelState, ...], last: str, holds: bool
) -> None:
    parcels = tuple(
        ShipmentView(number, NOW, "Post", f"T{number}", state, expected=date(2026, 6, 4))
        for number, state in enumerate(states)
    )
    shown = replace(order, status=status, shipments=parcels)
    assert words.steps(shown)[-1].name == last
    assert words.promised(shown, today=NOW.date()) == (order.arrival if holds else None)


@pytest.mark.django_db
def test_a_part_that_arrived_is_not_on_its_way(order: OrderView) -> None:
    parcel = ShipmentView(1, NOW, "Post", "T1", ParcelState.ON_ITS_WAY)
    assert "is on its way" in status_sentence(replace(order, status=PAID, shipments=(parcel,)))
    parcel = replace(parcel, state=ParcelState.DELIVERED)
    assert "is delivered" in status_sentence(replace(order, status=PAID, shipments=(parcel,)))


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("status", "states", "said"),
    [
        (PAID, (), "is not sent yet."),
        (PAID, (ParcelState.WAITING,), "is not sent yet."),
        (PAID, (ParcelState.ON_ITS_WAY,), "is not all sent yet."),
        (SHIPPED, (ParcelState.ON_ITS_WAY,), "It was promised for"),
        (SHIPPED, (ParcelState.DELAYED,), ""),
        (PAID, (ParcelState.LOST,), ""),
        (CANCELLED, (), ""),
    ],
)
def test_a_missed_promise_is_said_and_not_repeated(
    order: OrderView, status: OrderStatus, states: tuple[ParcelState, ...], said: str
) -> None:
    assert order.arrival is not None
    parcels = tuple(ShipmentView(1, NOW, "Post", "T1", state) for state in states)
    shown = replace(order, status=status, shipments=parcels)
    last, after = order.arrival.last, order.arrival.last + timedelta(days=1)
    assert words.missed(shown, today=last) == ""
    missed = words.missed(shown, today=after)
    assert missed.endswith(said) if said.startswith("is") else missed.startswith(said)
    assert bool(missed) == bool(said)
    assert words.promised(shown, today=after) is None


@pytest.mark.django_db
def test_money_that_lapsed_is_said_to_be_released(order: OrderView) -> None:
    assert order.payment is not None
    assert not order.lapsed
    shown = replace(order, payment=replace(order.payment, state=PaymentState.VOIDED))
    assert "was released. Nothing was taken" in status_sentence(shown)
    assert [(step.name, step.state) for step in words.steps(shown)] == [
        ("Ordered", "on"),
        ("Not paid", "off"),
    ]
    assert words.promised(shown, today=NOW.date()) is None
