"""Consent, a copy, and being erased, as pages."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import nullcontext
from datetime import date, timedelta
from pathlib import Path

import pytest
from django.db import connection
from django.test import Client

from tacit.accounts import actions, queries
from tacit.accounts.models import AuthenticatorApp, Consent, Passkey, Person
from tacit.accounts.types import NotAllowed, Visitor
from tacit.checkout.models import Cart, Order
from tacit.config.erasures import ErasureFile
from tacit.core import clock, ports
from tacit.core.models import JournalEntry, OutboxMail
from tacit.core.personal import ErasureLog, ErasureNotNoted
from tacit.web.links import order_path
from tests.accounts.everybody import who_can_get_in
from tests.checkout.shopping import buy, fill
from tests.web.conftest import order_form, signed_in, with_kettle


@pytest.fixture(autouse=True)
def noted(tmp_path: Path) -> Iterator[Path]:
    with ports.replaced(ErasureLog, ErasureFile(tmp_path / "erasures.txt")):
        yield tmp_path / "erasures.txt"


def link_to(address: str) -> str:
    text = OutboxMail.objects.filter(to=address, dedupe__startswith="data:").latest("id").text
    found = re.search(r"https?://[^/\s]+(/\S+)", text)
    assert found
    return found[1]


def guest_order(variant: int, **changes: str) -> Order:
    client = with_kettle(variant)
    client.post("/checkout", order_form(client, **changes))
    return Order.objects.latest("pk")


def later(monkeypatch: pytest.MonkeyPatch, by: timedelta) -> None:
    real = clock.real
    monkeypatch.setattr(clock, "real", lambda: real() + by)


def test_everything_is_off_until_somebody_says_yes(shop: int) -> None:
    client = signed_in("ana@example.com")
    person = Person.objects.get()
    visitor = Visitor(person=person.pk)
    assert not any(each.granted for each in queries.consents(visitor))
    assert client.get("/account/data").content.decode().count('name="granted" value="1"') == 4

    yes = {"purpose": "news", "version": "1-en", "granted": "1"}
    for _ in range(2):
        assert client.post("/account/data/consent", yes).status_code == 303
    assert [each.purpose for each in queries.consents(visitor) if each.granted] == ["news"]
    assert Consent.objects.count() == 1, "the same answer twice is one answer"
    client.post("/account/data/consent", {**yes, "granted": "0"})
    assert not any(each.granted for each in queries.consents(visitor))
    assert [answer.granted for answer in queries.consent_answers(visitor)] == [False, True]


@pytest.mark.parametrize(
    ("field", "value"), [("purpose", "everything"), ("version", "7-en"), ("version", "")]
)
def test_only_what_was_shown_can_be_answered(shop: int, field: str, value: str) -> None:
    form = {"purpose": "news", "version": "1-en", "granted": "1", field: value}
    assert signed_in("ana@example.com").post("/account/data/consent", form).status_code == 422
    assert not Consent.objects.exists()


def test_the_link_to_a_copy_is_for_one_person_and_a_day(shop: int, monkeypatch: pytest.MonkeyPatch) -> None:
    client = signed_in("ana@example.com")
    client.post("/account/data/copy")
    client.post("/account/data/copy")
    assert OutboxMail.objects.filter(dedupe__startswith="data:").count() == 1, "asking twice is one mail"
    link = link_to("ana@example.com")
    assert client.get(link)["Content-Type"] == "application/zip"
    assert signed_in("ben@example.com").get(link).status_code == 404
    assert client.get(link[:-2] + "xx").status_code == 404
    later(monkeypatch, timedelta(hours=25))
    assert client.get(link).status_code == 404


def test_holding_an_order_link_is_not_enough(shop: int, monkeypatch: pytest.MonkeyPatch) -> None:
    order = guest_order(shop)
    page = f"{order_path(order.number)}/data"
    answer = Client().post(page).content.decode()
    assert "/data/" not in answer.replace(page, ""), "the way on is in the mail alone"
    link = link_to("ana@example.com")
    assert b"ana@example.com" in Client().get(link).content
    assert Client().get(f"{link}/copy")["Content-Type"] == "application/zip"
    assert Client().get(f"/order/{order.number}/{'x' * 22}/data").status_code == 404
    later(monkeypatch, timedelta(hours=25))
    assert Client().get(link).status_code == 404
    assert Client().post(f"{link}/erase", {"step": "erase"}).status_code == 404
    assert Order.objects.get().erased_at is None


def test_what_has_to_stay_is_said_before(shop: int) -> None:
    order = guest_order(shop)
    Client().post(f"{order_path(order.number)}/data")
    page = Client().get(f"{link_to('ana@example.com')}/erase").content.decode()
    goes, stays = page.split("What has to stay for a while")
    last = f"{date(clock.now().year + 10, 12, 31):%A %-d %B %Y}"
    assert "Mails sent to you" in goes
    assert f"Name and address on your orders: tax law asks for it, until {last}" in stays
    assert "The e-mail address on your orders: an order is on its way" in stays
    assert "e-mail address on your orders" not in goes


def test_a_guest_erases_all_orders_of_that_address_and_no_other(shop: int) -> None:
    first, second = guest_order(shop), guest_order(shop, email="ANA@example.com")
    other = guest_order(shop, email="ben@example.com")
    Client().post(f"{order_path(first.number)}/data")
    link = link_to("ana@example.com")
    assert Client().post(f"{link}/erase", {"step": "sure"}).status_code == 200
    assert Order.objects.get(pk=first.pk).erased_at is None, "it is asked twice"
    gone = Client().post(f"{link}/erase", {"step": "erase"})
    assert (gone.status_code, b"signed out" in gone.content) == (200, False)
    asked = Client().get(f"{order_path(first.number)}/data")
    assert (asked.status_code, b"Erased already" in asked.content) == (200, True)
    erased = set(Order.objects.exclude(erased_at=None).values_list("pk", flat=True))
    assert erased == {first.pk, second.pk}
    assert Order.objects.get(pk=other.pk).name == "Ana Berg"
    assert Client().get(link).status_code == 404
    assert not OutboxMail.objects.filter(to__iexact="ana@example.com").exists()


def test_somebody_erased_is_out_at_once_and_comes_back_as_a_stranger(shop: int, noted: Path) -> None:
    client, elsewhere = signed_in("ana@example.com"), signed_in("ana@example.com")
    before = Person.objects.get().pk
    assert b"signed out everywhere" in client.post("/account/data/erase", {"step": "erase"}).content
    assert elsewhere.get("/account/data").status_code == 303
    assert f"person:{before} " in noted.read_text()
    assert signed_in("ana@example.com").get("/account/data").status_code == 200
    assert Person.objects.get(email="ana@example.com").pk != before
    erasures = JournalEntry.objects.filter(kind="person.erased")
    assert actions.erase_again([(f"person:{before}", clock.now())]) == 0
    assert erasures.count() == 1, "who is erased already is not erased once more"
    assert Person.objects.filter(email="ana@example.com").exists(), "erasing again does not reach the new one"


def test_nothing_is_erased_that_was_not_written_down_first(shop: int) -> None:
    class Full:
        def append(self, names: list[str], at: object) -> None:
            raise ErasureNotNoted("no space left")

    signed_in("ana@example.com")
    person = Person.objects.get()
    with ports.replaced(ErasureLog, Full()), pytest.raises(ErasureNotNoted):
        actions.erase_person(Visitor(person=person.pk), now=clock.now())
    assert Person.objects.get().email == "ana@example.com"


def test_ways_in_are_told_of_and_not_told(db: None) -> None:
    made = who_can_get_in(clock.now())
    subject = actions.subject_of(Visitor(person=made.person.pk))
    held = str(next(room["ways_in"] for room in actions.everything(subject).values() if "ways_in" in room))
    assert all(each in held for each in ("passkey", "authenticator_app", "recovery_codes"))
    assert "sealed" not in held
    assert "cccc" not in held
    for model in (Passkey, AuthenticatorApp):
        model._default_manager.all().delete()
    assert "recovery" in " ".join(actions.before_erasing(subject, now=clock.now()).goes)


def test_staff_are_not_erased_while_they_work_here(desk: Client) -> None:
    for step in ({}, {"step": "sure"}):
        page = (desk.post("/account/data/erase", step) if step else desk.get("/account/data/erase")).content
        assert b"cannot be erased" in page, "said at once, not on the last page"
        assert b"Go on to erase" not in page
        assert b"For good?" not in page
    answer = desk.post("/account/data/erase", {"step": "erase"})
    assert answer.status_code == 422
    assert Person.objects.filter(email="staff@example.com", is_active=True).exists()


@pytest.mark.parametrize("guarded", [True, False])
def test_whoever_was_erased_orders_no_more(shop: int, guarded: bool) -> None:
    """Their session was read before the erasure committed. The control is without the guard."""
    signed_in("ana@example.com")
    person = Person.objects.get().pk
    cart = fill(shop, now=clock.now()).cart
    actions.erase_person(Visitor(person=person), now=clock.now())
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("ALTER TABLE checkout_cart DISABLE TRIGGER person_is_here_still")
        if not guarded:
            cursor.execute("ALTER TABLE checkout_order DISABLE TRIGGER person_is_here")
    Cart.objects.filter(token=cart).update(person=person)
    with pytest.raises(NotAllowed) if guarded else nullcontext():
        buy(Visitor(person=person, cart=cart), now=clock.now())
    assert Order.objects.exists() is not guarded


def test_when_it_cannot_be_written_down_nothing_is_erased_and_the_page_says_so(
    shop: int, tmp_path: Path
) -> None:
    order = guest_order(shop)
    Client().post(f"{order_path(order.number)}/data")
    link, member = link_to("ana@example.com"), signed_in("ben@example.com")
    in_the_way = tmp_path / "file"
    in_the_way.write_text("")
    with ports.replaced(ErasureLog, ErasureFile(in_the_way / "erasures.txt")):
        answers = [
            member.post("/account/data/erase", {"step": "erase"}),
            Client().post(f"{link}/erase", {"step": "erase"}),
        ]
    for answer in answers:
        assert answer.status_code == 503
        assert b"Nothing was erased" in answer.content
        assert str(tmp_path).encode() not in answer.content
    assert Person.objects.filter(email="ben@example.com", is_active=True).exists()
    assert Order.objects.get().erased_at is None
    assert member.get("/account/data").status_code == 200, "they are still signed in"
