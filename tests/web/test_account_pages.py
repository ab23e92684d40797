"""The pages of somebody who is signed in: sessions, addresses, passkeys, and the second factor of staff."""

from __future__ import annotations

import json
import re
from datetime import timedelta

import pyotp
import pytest
from django.contrib.sessions.backends.base import UpdateError
from django.test import Client
from pytest_django.fixtures import Settings

from tacit.accounts import actions as accounts
from tacit.accounts.actions import SessionStore
from tacit.accounts.models import AuthenticatorApp, Passkey, Person, SavedAddress, Session
from tacit.accounts.types import Visitor
from tacit.checkout import actions as checkout
from tacit.checkout.models import Order
from tacit.core import clock
from tests.accounts.authenticator import Authenticator
from tests.conftest import NOW
from tests.web.conftest import TYPED, code_for, order_form, signed_in, strong, with_kettle

pytestmark = pytest.mark.django_db
FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"
ANA, STAFF = "ana@example.com", "staff@example.com"
ADDRESS = {field: value for field, value in TYPED.items() if field != "email"}


def is_in(client: Client) -> bool:
    return client.get("/account").status_code == 200


def test_one_session_ended_is_out_at_its_next_request() -> None:
    here, there, third = signed_in(ANA), signed_in(ANA), signed_in(ANA)
    page = here.get("/account/sessions").content.decode()
    handles = re.findall(r'name="session" value="([0-9a-f]{32})"', page)
    assert len(handles) == 2, "this browser's own is ended by signing out"
    key = there.cookies["sessionid"].value
    assert key not in page
    handle = Session.objects.get(pk=key).handle
    here.post("/account/sessions", {"do": "one", "session": handle})
    assert [is_in(each) for each in (here, there, third)] == [True, False, True]
    here.post("/account/sessions", {"do": "others"})
    assert [is_in(each) for each in (here, third)] == [True, False]
    fourth = signed_in(ANA)
    assert here.post("/account/sessions", {"do": "all"})["Location"] == "/"
    assert [is_in(each) for each in (here, fourth)] == [False, False]
    assert not Session.objects.exists()


def test_nobody_ends_anothers_session() -> None:
    ana, bo = signed_in(ANA), signed_in("bo@example.com")
    handle = Session.objects.get(pk=ana.cookies["sessionid"].value).handle
    bo.post("/account/sessions", {"do": "one", "session": handle})
    bo.post("/account/sessions", {"do": "all"})
    assert is_in(ana)
    assert handle not in signed_in("bo@example.com").get("/account/sessions").content.decode()


def test_a_session_ended_during_a_request_does_not_come_back() -> None:
    ana = signed_in(ANA)
    session = ana.session
    session["x"] = 1
    Session.objects.all().delete()
    with pytest.raises(UpdateError):
        session.save()
    assert not is_in(ana)


@pytest.mark.parametrize("when", ["before the key changes", "after it"])
def test_nor_when_that_request_changes_its_key(when: str, monkeypatch: pytest.MonkeyPatch) -> None:
    accounts.make_staff(email=STAFF, now=NOW)
    here, there = signed_in(STAFF), signed_in(STAFF)
    app = app_of(there)
    page = strong(here).get("/account/sessions").content.decode()
    handle = re.findall(r'name="session" value="([0-9a-f]{32})"', page)[0]
    change = SessionStore.cycle_key

    def end() -> None:
        assert here.post("/account/sessions", {"do": "one", "session": handle}).status_code == 303

    def cycle(store: SessionStore) -> None:
        if when == "after it":
            change(store)
        end()
        if when != "after it":
            change(store)

    monkeypatch.setattr(SessionStore, "cycle_key", cycle)
    answer = there.post("/account/second-factor/set-up", {"code": app.now()})
    assert answer.status_code == 400
    assert "You were signed out in the meantime" in answer.content.decode()
    assert not is_in(there)
    assert Session.objects.filter(expire_date__gt=clock.real()).count() == 1
    assert is_in(here)


def test_a_session_keeps_a_label_and_the_hour_and_no_address(monkeypatch: pytest.MonkeyPatch) -> None:
    client = signed_in(ANA)
    client.post("/sign-out")
    client.defaults["HTTP_USER_AGENT"] = FIREFOX
    client.defaults["REMOTE_ADDR"] = "203.0.113.77"
    accounts.make_staff(email=ANA, now=NOW)
    client = signed_in(ANA)
    client.defaults["HTTP_USER_AGENT"] = FIREFOX
    row = Session.objects.get()
    assert "203.0.113" not in str(list(Session.objects.values_list()))
    later = clock.now() + timedelta(minutes=59)
    monkeypatch.setattr(clock, "now", lambda: later)
    client.get("/account")
    assert Session.objects.get().seen_at == row.seen_at
    much_later = later + timedelta(minutes=2)
    monkeypatch.setattr(clock, "now", lambda: much_later)
    client.get("/account")
    assert Session.objects.get().seen_at == much_later


def test_guests_have_no_session(shop: int) -> None:
    client = with_kettle(shop)
    client.get("/checkout")
    assert "sessionid" not in client.cookies
    assert not Session.objects.exists()


@pytest.mark.parametrize(
    "path",
    [
        "/account",
        "/account/addresses",
        "/account/addresses/new",
        "/account/addresses/1",
        "/account/sessions",
        "/account/passkeys",
        "/account/second-factor",
        "/account/second-factor/set-up",
    ],
)
def test_pages_are_for_whoever_is_signed_in(path: str) -> None:
    answer = Client().get(path)
    assert answer["Location"].startswith("/sign-in?next=")
    assert answer["Cache-Control"] == "private, no-store"
    posted = Client().post(path, {"do": "all"})
    assert posted.status_code == 405 if path == "/account" else posted["Location"].startswith("/sign-in?")


def test_addresses_are_added_changed_chosen_and_removed() -> None:
    ana = signed_in(ANA)
    wrong = ana.post("/account/addresses/new", {**ADDRESS, "postcode": "", "label": "Home"})
    assert wrong.status_code == 422
    assert 'value="Hafenweg 3"' in wrong.content.decode()
    assert "Type the postcode." in wrong.content.decode()
    ana.post("/account/addresses/new", {**ADDRESS, "label": "Home"})
    ana.post("/account/addresses/new", {**ADDRESS, "line1": "Weg 1", "default": "1"})
    home, work = SavedAddress.objects.order_by("id")
    assert (home.label, home.is_default, work.is_default) == ("Home", False, True)
    again = ana.post(f"/account/addresses/{home.pk}", {**ADDRESS, "line1": "Weg 1"})
    assert "You keep this address already." in again.content.decode()
    ana.post("/account/addresses", {"do": "choose", "id": home.pk})
    bo = signed_in("bo@example.com")
    assert bo.get(f"/account/addresses/{home.pk}").status_code == 404
    bo.post("/account/addresses", {"do": "remove", "id": home.pk})
    assert "Hafenweg" not in bo.get("/account/addresses").content.decode()
    ana.post("/account/addresses", {"do": "remove", "id": work.pk})
    assert list(SavedAddress.objects.values_list("label", "is_default")) == [("Home", True)]


def test_checkout_offers_the_default_and_keeps_an_address_only_when_asked(shop: int) -> None:
    ana = signed_in(ANA)
    ana.post("/buy", {"variant": shop})
    page = ana.get("/checkout").content.decode()
    assert 'name="keep_address" value="1">' in page
    assert ana.post("/checkout", order_form(ana)).status_code == 303
    assert not SavedAddress.objects.exists()
    ana.post("/buy", {"variant": shop})
    form = order_form(ana, line1="Deichstr. 1", keep_address="1")
    assert ana.post("/checkout", form).status_code == 303
    assert SavedAddress.objects.get().line1 == "Deichstr. 1"
    ana.post("/account/addresses/new", {**ADDRESS, "line1": "Weg 1", "default": "1"})
    ana.post("/buy", {"variant": shop})
    assert 'value="Weg 1"' in ana.get("/checkout").content.decode()
    guest = with_kettle(shop)
    assert "keep_address" not in guest.get("/checkout").content.decode()
    guest.post("/checkout", order_form(guest, keep_address="1"))
    assert SavedAddress.objects.count() == 2


def test_guest_orders_join_after_the_code_and_not_before(shop: int) -> None:
    guest = with_kettle(shop)
    guest.post("/checkout", order_form(guest))
    client = Client()
    client.post("/sign-in", {"email": ANA})
    client.post("/sign-in/code", {"code": "000000"})
    assert Order.objects.get().person_id is None
    bo = signed_in("bo@example.com")
    assert Order.objects.get().number not in bo.get("/orders").content.decode()
    ana = signed_in(ANA)
    assert Order.objects.get().number in ana.get("/orders").content.decode()


def test_nobody_is_in_whose_orders_did_not_come_along(shop: int, monkeypatch: pytest.MonkeyPatch) -> None:
    guest = with_kettle(shop)
    guest.post("/checkout", order_form(guest))

    def crash(visitor: Visitor) -> int:
        raise ConnectionError

    ana = Client(raise_request_exception=False)
    ana.post("/sign-in", {"email": ANA})
    with monkeypatch.context() as broken:
        broken.setattr(checkout, "claim_orders", crash)
        assert ana.post("/sign-in/code", {"code": code_for(ANA)}).status_code == 500
    assert not is_in(ana)
    assert Order.objects.get().number in signed_in(ANA).get("/orders").content.decode()


def app_of(client: Client) -> pyotp.TOTP:
    """The app that the set-up page offers."""
    page = client.get("/account/second-factor/set-up").content.decode()
    found = re.search(r'class="secret">((?:[A-Z2-7]{4} ?){8})<', page)
    assert found, page
    assert "<svg" in page
    return pyotp.TOTP(found[1].replace(" ", ""))


def test_staff_set_a_second_factor_up_and_show_it_from_then_on() -> None:
    accounts.make_staff(email=STAFF, now=NOW)
    ana = signed_in(STAFF)
    assert ana.get("/desk")["Location"] == "/account/second-factor?next=%2Fdesk"
    assert ana.get("/account/second-factor")["Location"].startswith("/account/second-factor/set-up")
    assert "known" not in ana.cookies, "a browser is known once it showed everything"
    app = app_of(ana)
    assert app_of(ana).secret == app.secret, "the picture stays while it is set up"
    wrong = ana.post("/account/second-factor/set-up", {"code": "000000", "next": "/desk/stock"})
    assert wrong.status_code == 422
    key = ana.cookies["sessionid"].value
    done = ana.post("/account/second-factor/set-up", {"code": app.now(), "next": "/desk/stock"})
    codes = re.findall(r"<code>([0-9A-Z]{5}-[0-9A-Z]{5})</code>", done.content.decode())
    assert len(codes) == 10
    assert 'href="/desk/stock"' in done.content.decode()
    assert ana.cookies["sessionid"].value != key, "a copy of the weak session stays weak"
    assert ana.get("/desk").status_code == 200
    assert "known" in ana.cookies

    other = signed_in(STAFF)
    for path in ("/account/passkeys", "/account/second-factor/set-up"):
        assert other.get(path)["Location"].startswith("/account/second-factor?"), (
            "the mail alone changes nothing"
        )
    assert other.get("/desk/orders?q=x")["Location"] == "/account/second-factor?next=%2Fdesk%2Forders%3Fq%3Dx"
    assert other.post("/account/second-factor", {"code": "zzz"}).status_code == 422
    shown = other.post("/account/second-factor", {"code": codes[3], "next": "/desk"})
    assert (shown.status_code, shown["Location"]) == (303, "/desk")
    assert other.get("/desk").status_code == 200


def test_the_second_factor_is_asked_for_again_after_a_week(monkeypatch: pytest.MonkeyPatch) -> None:
    from tacit.web import visitor

    accounts.make_staff(email=STAFF, now=NOW)
    ana = strong(signed_in(STAFF))
    begun = visitor.time.time()
    monkeypatch.setattr(visitor.time, "time", lambda: begun + 8 * 24 * 3600)
    assert ana.get("/desk").status_code == 303


def test_losing_the_right_ends_it_at_once(desk: Client) -> None:
    assert desk.get("/desk").status_code == 200
    Person.objects.filter(email=STAFF).update(is_staff=False)
    assert desk.get("/desk").status_code == 404


def test_who_worked_here_once_can_still_remove_the_app() -> None:
    accounts.make_staff(email=STAFF, now=NOW)
    ana = signed_in(STAFF)
    ana.post("/account/second-factor/set-up", {"code": app_of(ana).now()})
    weak = signed_in(STAFF)
    weak.post("/account/second-factor/change", {"do": "remove"})
    assert AuthenticatorApp.objects.exists(), "staff show it first"
    Person.objects.filter(email=STAFF).update(is_staff=False)
    assert "Remove the app" in weak.get("/account/passkeys").content.decode()
    assert weak.post("/account/second-factor/change", {"do": "remove"})["Location"] == "/account/passkeys"
    assert not AuthenticatorApp.objects.exists()
    assert "Remove the app" not in weak.get("/account/passkeys").content.decode()


def test_too_many_tries_are_locked_for_strangers_alone() -> None:
    accounts.make_staff(email=STAFF, now=NOW)
    ana = signed_in(STAFF)
    app = app_of(ana)
    ana.post("/account/second-factor/set-up", {"code": app.now()})
    ana.post("/sign-out")
    stranger = signed_in(STAFF)
    statuses = [stranger.post("/account/second-factor", {"code": "000000"}).status_code for _ in range(11)]
    assert statuses == [422] * 10 + [429]
    ana.post("/sign-in", {"email": STAFF})
    ana.post("/sign-in/code", {"code": code_for(STAFF)})
    step = app.at(clock.real(), counter_offset=1)
    assert ana.post("/account/second-factor", {"code": step})["Location"] == "/desk"


class Device(Client):
    """A browser with a passkey on a shop at https://shop.example.com."""

    def __init__(self) -> None:
        super().__init__(HTTP_HOST="shop.example.com")
        self.passkey = Authenticator()

    def ask(self, path: str, body: object) -> tuple[int, dict[str, str]]:
        answer = self.post(path, json.dumps(body), content_type="application/json")
        return answer.status_code, json.loads(answer.content or "{}")

    def make(self, **more: str) -> tuple[int, dict[str, str]]:
        _status, asked = self.ask("/account/passkeys/options", {})
        answer = self.passkey.make(json.dumps(asked["options"]))
        return self.ask("/account/passkeys/add", {"token": asked["token"], "answer": answer, **more})

    def use(self, **more: str) -> tuple[int, dict[str, str]]:
        _status, asked = self.ask("/sign-in/passkey/options", {})
        answer = self.passkey.sign(json.dumps(asked["options"]))
        return self.ask("/sign-in/passkey", {"token": asked["token"], "answer": answer, **more})


@pytest.fixture
def device(settings: Settings) -> Device:
    settings.SHOP_URL = "https://shop.example.com"
    settings.ALLOWED_HOSTS = [*settings.ALLOWED_HOSTS, "shop.example.com"]
    return Device()


def test_a_passkey_signs_in_and_counts_as_two_factors(device: Device) -> None:
    accounts.make_staff(email=STAFF, now=NOW)
    device.cookies = signed_in(STAFF).cookies
    assert device.make(next="/desk") == (200, {"go": "/desk"})
    assert device.get("/desk").status_code == 200
    device.post("/sign-out")
    assert device.get("/desk").status_code == 303
    assert device.use(next="https://evil.example/") == (200, {"go": "/orders"})
    assert device.get("/desk").status_code == 200
    device.passkey = Authenticator()
    status, told = device.use()
    assert status == 422
    assert told["why"].startswith("This passkey does not open anything here.")


def test_passkeys_are_named_and_removed_on_their_page(device: Device) -> None:
    device.cookies = signed_in(ANA).cookies
    assert device.make(name="Laptop")[0] == 200
    identifier = Passkey.objects.get().pk
    page = device.post("/account/passkeys", {"do": "rename", "id": identifier, "name": " "})
    assert page.status_code == 422
    assert "Give the passkey a name." in page.content.decode()
    device.post("/account/passkeys", {"do": "rename", "id": identifier, "name": "Old laptop"})
    assert "Old laptop" in device.get("/account/passkeys").content.decode()
    device.post("/account/passkeys", {"do": "remove", "id": identifier})
    assert device.use()[0] == 422


@pytest.mark.parametrize(
    ("url", "host", "offered"),
    [
        ("https://shop.example.com", "shop.example.com", True),
        ("https://shop.example.com:8443", "shop.example.com:8443", True),
        ("http://shop.example.com", "shop.example.com", False),
        ("https://shop.example.com", "127.0.0.1", False),
        ("https://192.0.2.7", "192.0.2.7", False),
        ("http://localhost:8000", "localhost:8000", True),
        ("http://127.0.0.1:8000", "127.0.0.1:8000", False),
    ],
)
def test_passkeys_are_offered_where_browsers_have_them(
    settings: Settings, url: str, host: str, offered: bool
) -> None:
    settings.SHOP_URL, settings.ALLOWED_HOSTS = url, ["*"]
    page = Client(HTTP_HOST=host).get("/sign-in").content.decode()
    assert ("Sign in with a passkey" in page) == offered
    answer = Client(HTTP_HOST=host).post("/sign-in/passkey/options", "{}", content_type="application/json")
    assert answer.status_code == (200 if offered else 422)


@pytest.mark.parametrize("body", ["", "[]", "null", "{", '{"token": 5}', "[" * 90_000])
def test_garbage_instead_of_a_passkey_is_refused(device: Device, body: str) -> None:
    answer = device.post("/sign-in/passkey", body, content_type="application/json")
    assert answer.status_code in {400, 422}
