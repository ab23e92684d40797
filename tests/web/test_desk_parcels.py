"""Parcels at the desk: what went wrong with one is shown with its reason, and each way out can be pressed."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import timedelta

import pytest
from django.test import Client

from tacit.checkout import actions
from tacit.checkout.models import Order, OrderLine, Shipment
from tacit.checkout.types.carrier import Carrier, ParcelState
from tacit.core import clock, ports
from tests.checkout.fake_carrier import FakeCarrier
from tests.web.conftest import Rows, order_form, with_kettle

pytestmark = pytest.mark.django_db


@pytest.fixture
def carrier() -> Iterator[FakeCarrier]:
    fake = FakeCarrier()
    with ports.replaced(Carrier, fake), ports.replaced(Carrier, fake, name=fake.name):
        yield fake


@pytest.fixture
def number(shop: int, carrier: FakeCarrier, staff) -> str:
    """An order packed, which its carrier does not take."""
    client = with_kettle(shop)
    client.post("/checkout", order_form(client))
    found = Order.objects.get().number
    carrier.refuses = True
    actions.ship(staff, found, carrier="", tracking="", key="parcel-1", now=clock.now())
    actions.sweep_parcels(now=clock.now())
    actions.sweep(now=clock.now())
    return found


@pytest.fixture
def lost(number: str, carrier: FakeCarrier, staff) -> str:
    carrier.refuses = False
    actions.ask_carrier(staff, shipment=Shipment.objects.get().pk, now=clock.now())
    carrier.turn(ParcelState.LOST, clock.now() + timedelta(hours=1))
    actions.ask_carrier(staff, shipment=Shipment.objects.get().pk, now=clock.now())
    assert Shipment.objects.get().state == ParcelState.LOST
    return number


def forms(html: str) -> set[str]:
    return set(re.findall(r'name="do" value="([a-z_]+)"', html))


def press(desk: Client, number: str, do: str, **typed: str) -> str:
    """Press one of the parcel's buttons; the page that comes back."""
    html = desk.get(f"/desk/orders/{number}").content.decode()
    assert do in forms(html)
    parcel = str(Shipment.objects.earliest("id").pk)
    body = {"key": f"{do}-00000001", "parcel": parcel, "do": do, **typed}
    answer = desk.post(f"/desk/orders/{number}/parcel", body)
    assert answer.status_code == 303, answer.content.decode()
    return desk.get(answer["Location"]).content.decode()


def test_a_refused_parcel_is_a_need_with_its_reason(number: str, desk: Client) -> None:
    home = desk.get("/desk").content.decode()
    assert "1 order with a parcel late, lost or not taken" in home
    assert "too heavy for us" in home
    own = desk.get(f"/desk/orders/{number}").content.decode()
    assert forms(own) == {"by_hand", "take_back", "ask"}


@pytest.mark.parametrize(
    ("do", "typed", "status", "state"),
    [
        ("by_hand", {"carrier": "Bike"}, "shipped", "by_hand"),
        ("take_back", {}, "paid", None),
        ("ask", {}, "shipped", "handed_over"),
    ],
)
def test_each_way_out_of_a_refusal(
    number: str, carrier: FakeCarrier, desk: Client, do: str, typed: dict[str, str], status: str, state: str
) -> None:
    carrier.refuses = False
    shown = press(desk, number, do, **typed)
    assert f"{number}: the " in shown
    assert Order.objects.get().status == status
    assert Shipment.objects.values_list("state", flat=True).first() == state
    assert "lost or not taken" not in desk.get("/desk").content.decode()


@pytest.mark.parametrize("do", ["again", "settle"])
def test_each_way_out_of_a_loss(lost: str, desk: Client, do: str) -> None:
    assert "lost or not taken" in desk.get("/desk").content.decode()
    press(desk, lost, do)
    assert "lost or not taken" not in desk.get("/desk").content.decode()


def test_a_carrier_that_does_not_answer_is_said(lost: str, carrier: FakeCarrier, desk: Client) -> None:
    carrier.down = True
    body = {"key": "ask-00000001", "parcel": str(Shipment.objects.get().pk), "do": "ask"}
    answer = desk.post(f"/desk/orders/{lost}/parcel", body)
    assert answer.status_code == 409
    assert "does not answer" in answer.content.decode()


@pytest.mark.parametrize(
    ("changes", "status"),
    [
        ({"key": ""}, 400),
        ({"key": "k" * 81}, 422),
        ({"do": "burn"}, 422),
        ({"parcel": "x"}, 422),
        ({"parcel": "9" * 30}, 422),
        ({"parcel": "9" * 18}, 409),
        ({"parcel": "9" * 18, "do": "ask"}, 409),
        ({"carrier": ""}, 422),
        ({"carrier": "c" * 61}, 422),
        ({"carrier": "a\x00b"}, 422),
        ({"tracking": "t" * 81}, 422),
        ({"do": "again"}, 409),
        ({"do": "settle"}, 409),
    ],
)
def test_bad_input_about_a_parcel_changes_nothing(
    number: str, desk: Client, rows: Rows, changes: dict[str, str], status: int
) -> None:
    own = {"parcel": str(Shipment.objects.get().pk), "do": "by_hand", "key": "by-hand-1", "carrier": "Bike"}
    before = rows()
    answer = desk.post(f"/desk/orders/{number}/parcel", {**own, "tracking": "007", **changes})
    assert answer.status_code == status
    assert rows() == before
    if changes in ({"carrier": ""}, {"tracking": "t" * 81}):
        assert f'value="{changes.get("tracking", "007")}"' in answer.content.decode()


def test_orders_that_do_not_exist_are_said_when_many_are_sent(number: str, desk: Client) -> None:
    shown = desk.get("/desk/send", {"number": [number, "NOSUCHORDER"]}).content.decode()
    assert "NOSUCHORDER" in shown
    sent = desk.post("/desk/send", {"number": ["NOSUCHORDER"], "key": "send-0001"}).content.decode()
    assert "0 of 1 sent" in sent
    assert "There is no such order." in sent


def test_before_many_are_sent_a_lost_parcel_of_one_is_said(lost: str, desk: Client) -> None:
    assert "lost the parcel" in desk.get("/desk/send", {"number": lost}).content.decode()
    OrderLine.objects.filter(order__number=lost).update(quantity=2)
    Order.objects.filter(number=lost).update(status="paid")
    going = desk.get("/desk/send", {"number": lost}).content.decode().partition("These stay")[0]
    assert "lost the parcel" in going
