"""The demo console: everything in it works in demos, and nothing of it exists elsewhere."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.core import signing
from django.test import Client
from django.urls import reverse

from tacit.accounts import actions as accounts
from tacit.checkout import actions as checkout
from tacit.checkout.models import Order, Payment, Shipment
from tacit.checkout.types.carrier import Carrier, ParcelState
from tacit.checkout.types.payment import PaymentProvider, PaymentState, ProviderUnreachable
from tacit.connectors.practice_provider.adapter import PracticeProvider
from tacit.core import clock, mail, ports
from tacit.core import demo as core
from tacit.core.demo import DemoOnly
from tacit.core.models import DemoClock, OutboxMail, RoomTrouble
from tacit.web import links
from tacit.web.demo.ports import CarrierOrders, Cast, Member, ProviderSwitches
from tacit.web.demo.scenes import SCENES
from tacit.web.demo.urls import demo_addresses
from tests.checkout.fake_carrier import FakeCarrier
from tests.connectors.practice import PracticeProcess
from tests.web.conftest import Rows, order_form, signed_in, with_kettle

pytestmark = pytest.mark.django_db
POSTS: list[tuple[str, dict[str, str]]] = [
    ("demo-become", {"part": "shopper"}),
    ("demo-become", {"part": "staff"}),
    ("demo-clock", {"by": "day"}),
    ("demo-clock", {"by": "back"}),
    ("demo-parcels", {"do": "lose"}),
    ("demo-payments", {"outcome": "declines"}),
    ("demo-payments", {"down": "3"}),
    ("demo-rooms", {"room": "catalog", "do": "kill"}),
]


class Company:
    """Everything practice that the console plays with."""

    def __init__(self) -> None:
        self.set: dict[str, Any] = {"next_payment": "", "down": 0}
        self.away = False
        self.told: list[tuple[str, str]] = []
        self.done = True

    def switches(self) -> dict[str, Any]:
        return self.switch()

    def switch(self, **changes: Any) -> dict[str, Any]:
        if self.away:
            raise ProviderUnreachable("away")
        self.set.update(changes)
        return self.set

    def tell(self, tracking: str, what: str, *, at: datetime | None = None) -> bool:
        del at
        self.told.append((tracking, what))
        return self.done

    def members(self) -> list[Member]:
        return [Member("shopper", "Mira Sander", "mira@example.com")]


@pytest.fixture
def company() -> Iterator[Company]:
    one = Company()
    with (
        ports.replaced(ProviderSwitches, one),
        ports.replaced(CarrierOrders, one),
        ports.replaced(Cast, one),
    ):
        yield one


@pytest.fixture
def demo(settings: Any, company: Company) -> Iterator[Client]:
    """A browser in a demo."""
    settings.DEMO = True
    settings.STAFF_MAILS = ["staff@example.com"]
    accounts.make_staff(email="staff@example.com", now=clock.real())
    clock.forget()
    core.forget()
    yield Client()
    clock._seen(timedelta(0))
    clock.forget()
    core.forget()


@pytest.fixture
def parcel(shop: int, demo: Client, staff: Any) -> Iterator[tuple[FakeCarrier, str]]:
    """A parcel on its way, and its order's number."""
    client = with_kettle(shop)
    client.post("/checkout", order_form(client))
    number = Order.objects.get().number
    fake = FakeCarrier()
    with ports.replaced(Carrier, fake), ports.replaced(Carrier, fake, name=fake.name):
        checkout.ship(staff, number, carrier="", tracking="", key="parcel-1", now=clock.now())
        checkout.sweep_parcels(now=clock.now())
        yield fake, number


def page(client: Client, path: str) -> str:
    answer = client.get(path)
    assert answer.status_code == 200, path
    return answer.content.decode()


def press(client: Client, name: str, **fields: str) -> str:
    """Press a button; the page it leads to."""
    answer = client.post(reverse(name), fields)
    assert answer.status_code == 303, answer.content.decode()
    return page(client, answer["Location"].partition("#")[0])


def test_elsewhere_there_is_no_such_address(company: Company, rows: Rows, shop: int) -> None:
    signed_in("mira@example.com")
    mail_id = OutboxMail.objects.latest("id").pk
    before = rows()
    assert len(demo_addresses) >= 9
    for each in demo_addresses:
        assert each.name
        arguments = [mail_id] if "mail_id" in str(each.pattern) else []
        path = reverse(each.name, args=arguments)
        for prefix in ("", "/de"):
            for method in ("GET", "HEAD", "POST", "OPTIONS", "PUT"):
                answer = Client().generic(method, prefix + path)
                assert answer.status_code == 404, f"{method} {path}"
    for name, fields in POSTS:
        assert Client().post(reverse(name), fields).status_code == 404
    assert rows() == before
    assert not DemoClock.objects.exists()
    assert not RoomTrouble.objects.exists()
    assert (company.set, company.told) == ({"next_payment": "", "down": 0}, [])


def test_elsewhere_every_action_of_it_refuses(rows: Rows, shop: int) -> None:
    signed_in("mira@example.com")
    before = rows()
    now = clock.real()
    for act in (
        lambda: clock.move(by=timedelta(hours=1)),
        clock.back_to_present,
        lambda: core.make_trouble(room="catalog", dead=True),
        lambda: accounts.become(email="mira@example.com", now=now),
        mail.demo_outbox,
        lambda: mail.demo_message(OutboxMail.objects.latest("id").pk),
    ):
        with pytest.raises(DemoOnly):
            act()
    assert rows() == before


def test_in_a_demo_every_page_and_button_works(demo: Client, parcel: object) -> None:
    """The control of the two above."""
    for path in ("/demo", "/demo/first", "/demo/outbox", "/de/demo", "/de/demo/first"):
        page(demo, path)
    for name, fields in POSTS:
        press(demo, name, **fields)


def test_a_button_needs_our_own_page(demo: Client) -> None:
    answer = demo.post("/demo/clock", {"by": "day"}, headers={"sec-fetch-site": "cross-site"})
    assert answer.status_code == 403
    assert not DemoClock.objects.exists()


def test_becoming_somebody_takes_one_tap_and_leaves_the_cart(demo: Client, shop: int) -> None:
    demo.post("/buy", {"variant": shop})
    assert "You are Mira Sander now" in press(demo, "demo-become", part="shopper")
    assert demo.cookies["cart"].value == ""
    assert "that is you" in page(demo, "/demo").partition("Mira Sander</strong>")[2][:80]
    assert demo.get("/orders").status_code == 200
    press(demo, "demo-become", part="staff")
    assert demo.get("/desk").status_code == 200
    press(demo, "demo-become", part="guest")
    assert demo.get("/orders").status_code == 303
    assert demo.post("/demo/become", {"part": "owner"}).status_code == 422


def test_time_passes_for_the_whole_shop(demo: Client) -> None:
    shown = press(demo, "demo-clock", by="day")
    assert clock.ahead() == timedelta(days=1)
    assert "1 day ahead of the world" in shown
    press(demo, "demo-clock", by="hour")
    assert "1 day and 1 hour ahead of the world" in page(demo, "/demo/first")
    press(demo, "demo-clock", by="back")
    assert clock.ahead() == timedelta(0)
    assert "ahead of the world" not in page(demo, "/demo")
    assert demo.post("/demo/clock", {"by": "yesterday"}).status_code == 422
    for _ in range(52):
        demo.post("/demo/clock", {"by": "week"})
    assert demo.post("/demo/clock", {"by": "week"}).status_code == 409


def test_a_code_expires_when_time_passes(demo: Client) -> None:
    demo.post("/sign-in", {"email": "ana@example.com"})
    press(demo, "demo-clock", by="hour")
    code = OutboxMail.objects.latest("id").text.split("\n")
    digits = next(line.strip() for line in code if line.strip().isdigit())
    assert demo.post("/sign-in/code", {"code": digits}).status_code == 422


def test_a_parcel_is_lost_and_the_order_page_says_so(
    demo: Client, parcel: tuple[FakeCarrier, str], company: Company
) -> None:
    carrier, _number = parcel
    carrier.turn(ParcelState.LOST, clock.now())
    shown = press(demo, "demo-parcels", parcel=str(Shipment.objects.get().pk), do="lose")
    assert company.told == [("T1", "lose")]
    assert "The carrier has lost the parcel for Ana Berg." in shown
    first = page(demo, "/demo/first")
    link = first.partition("Open the order of Ana Berg")[0].rpartition('href="')[2].partition('"')[0]
    assert "The carrier has lost a parcel." in page(Client(), link)
    gone = demo.post("/demo/parcels", {"do": "lose"})
    assert gone.status_code == 409
    assert "No such parcel is on its way" in gone.content.decode()


@pytest.mark.parametrize("fields", [{"do": "burn"}, {"do": "lose", "parcel": "x"}, {"parcel": "1"}])
def test_what_cannot_be_told_is_refused(
    demo: Client, parcel: object, company: Company, fields: dict[str, str]
) -> None:
    assert demo.post("/demo/parcels", fields).status_code in {409, 422}
    assert not company.told


def test_the_next_payment_is_armed_and_shown(demo: Client, company: Company) -> None:
    assert "The next payment is declined" in press(demo, "demo-payments", outcome="declines")
    assert company.set["next_payment"] == "declines"
    assert 'value="declines" aria-current="true"' in page(demo, "/demo")
    press(demo, "demo-payments", outcome="card")
    assert company.set["next_payment"] == ""
    press(demo, "demo-payments", down="7")
    assert company.set["down"] == 7
    assert "does not answer the next 7 requests" in page(demo, "/demo")
    for wrong in ({"outcome": "perhaps"}, {"down": "-1"}, {"down": "101"}, {"down": "x"}, {}):
        assert demo.post("/demo/payments", wrong).status_code == 422
    company.away = True
    assert "does not answer" in page(demo, "/demo")
    assert demo.post("/demo/payments", {"down": "1"}).status_code == 409
    press(demo, "demo-clock", by="hour")


def test_a_room_is_killed_and_made_well(demo: Client) -> None:
    assert "is dead" in press(demo, "demo-rooms", room="catalog", do="kill")
    assert core.trouble_of("catalog").dead
    press(demo, "demo-rooms", room="catalog", do="slow")
    assert core.trouble_of("catalog").slow_ms
    press(demo, "demo-rooms", room="catalog", do="heal")
    assert not RoomTrouble.objects.exists()
    for wrong in ({"room": "cellar", "do": "kill"}, {"room": "catalog", "do": "paint"}):
        assert demo.post("/demo/rooms", wrong).status_code == 422


def test_a_button_leads_where_its_form_wants_but_never_off_the_shop(demo: Client) -> None:
    for wanted, leads in {
        "/p/kettle": "/p/kettle",
        "/desk?x=1#y": "/desk",
        "https://evil.example/": "/demo",
        "//evil.example": "/demo",
        "": "/demo",
    }.items():
        answer = demo.post("/demo/clock", {"by": "hour", "next": wanted})
        assert answer["Location"].partition("?")[0] == leads


def test_the_page_says_only_what_we_said(demo: Client) -> None:
    forged = signing.dumps(["You won a prize", ""], salt="another")
    for said in (forged, "x", "%00", signing.dumps({"a": 1}, salt="what a demo button did")):
        assert 'role="status"' not in page(demo, f"/demo?said={said}")


def test_every_scene_can_be_played(demo: Client, parcel: object) -> None:
    shown = page(demo, "/demo/first")
    names = {each.name for each in demo_addresses}
    for scene in SCENES:
        assert f'id="{scene.slug}"' in shown
        for step in scene.steps():
            if step.press is not None:
                assert step.press.to in names
                assert demo.post(reverse(step.press.to), dict(step.press.fields)).status_code == 303


@pytest.mark.parametrize("looks", [True, False], ids=["looking", "without a look on the way"])
def test_money_held_is_taken_before_it_lapses_when_a_week_passes(
    demo: Client, shop: int, practice: PracticeProcess, monkeypatch: pytest.MonkeyPatch, looks: bool
) -> None:
    if not looks:
        monkeypatch.setattr("tacit.web.demo.clock._do_what_is_due", lambda: None)
    provider = PracticeProvider(base_url=practice.url, secret=practice.secret, ahead=clock.ahead)
    with (
        ports.replaced(PaymentProvider, provider),
        ports.replaced(PaymentProvider, provider, name=provider.name),
        ports.replaced(ProviderSwitches, provider),
    ):
        client = with_kettle(shop)
        client.post("/checkout", order_form(client, method="card-4242"))
        payment = Payment.objects.get()
        press(demo, "demo-clock", by="week")
        assert clock.ahead() == timedelta(days=7)
        held = provider.look_up(payment.reference)
        assert held is not None
        payment.refresh_from_db()
        if looks:
            assert (held.state, held.captured.minor) == (PaymentState.CAPTURED, payment.amount_minor)
            assert payment.captured_minor == payment.amount_minor
            assert "Money taken" in page(client, links.order_path(Order.objects.get().number))
        else:
            assert held.state is PaymentState.VOIDED
