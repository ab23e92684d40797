"""Signing in and out through the pages."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.test import Client
from pytest_django.fixtures import Settings

from tacit.accounts import actions
from tacit.accounts.models import Person
from tacit.core import clock
from tacit.core.models import OutboxMail
from tests.conftest import NOW
from tests.web.conftest import Rows, signed_in

pytestmark = pytest.mark.django_db


def test_signing_in_leads_back_to_where_one_came_from() -> None:
    client = Client()
    answer = client.post("/sign-in", {"email": "Ana@Example.com", "next": "/p/kettle?x=1"})
    assert answer["Location"] == "/sign-in/code?next=%2Fp%2Fkettle%3Fx%3D1"
    cookie = answer.cookies["sign_in"]
    assert (cookie["httponly"], cookie["samesite"], cookie["path"]) == (True, "Lax", "/sign-in")
    assert "Ana@Example.com" in client.get(answer["Location"]).content.decode()
    code = OutboxMail.objects.get().text.split("\n\n")[1].strip()
    done = client.post("/sign-in/code", {"code": code, "next": "/p/kettle?x=1"})
    assert (done.status_code, done["Location"]) == (303, "/p/kettle?x=1")
    assert Person.objects.get().email == "ana@example.com"
    assert client.get("/orders").status_code == 200
    assert client.get("/sign-in")["Location"] == "/orders"


@pytest.mark.parametrize(
    "away",
    [
        "https://evil.example/",
        "//evil.example",
        "/\\evil.example",
        "\\\\evil.example",
        "javascript:alert(1)",
        "/\tevil",
        "/%0d%0aSet-Cookie:x\r\nX: y",
        " //evil.example",
        "/" + "x" * 600,
        "http:evil",
    ],
)
def test_nobody_is_sent_to_another_site(away: str) -> None:
    client = Client()
    answer = client.post("/sign-in", {"email": "ana@example.com", "next": away})
    assert answer["Location"] == "/sign-in/code?next=%2Forders"
    code = OutboxMail.objects.get().text.split("\n\n")[1].strip()
    assert client.post("/sign-in/code", {"code": code, "next": away})["Location"] == "/orders"


@pytest.mark.parametrize(
    "email", ["", "ana", "ana@", "a" * 300 + "@example.com", "a\x00@example.com", "a@b\r\nBcc:c"]
)
def test_what_is_no_address_is_refused_beside_its_field(rows: Rows, email: str) -> None:
    before = rows()
    answer = Client().post("/sign-in", {"email": email})
    assert answer.status_code == 422
    assert 'id="id_email_error"' in answer.content.decode()
    assert rows() == before
    assert not OutboxMail.objects.exists()


@pytest.mark.parametrize("code", ["", "12345", "abcdef", "1" * 4000, "12345\x00"])
def test_what_is_no_code_is_refused_beside_its_field(rows: Rows, code: str) -> None:
    client = Client()
    client.post("/sign-in", {"email": "ana@example.com"})
    before = rows()
    answer = client.post("/sign-in/code", {"code": code})
    assert answer.status_code == 422
    assert 'id="id_code_error"' in answer.content.decode()
    assert rows() == before


def test_a_code_is_worth_nothing_in_another_browser() -> None:
    Client().post("/sign-in", {"email": "ana@example.com"})
    code = OutboxMail.objects.get().text.split("\n\n")[1].strip()
    other = Client()
    assert other.post("/sign-in/code", {"code": code})["Location"].startswith("/sign-in?")
    other.cookies["sign_in"] = '{"token": "x", "email": "y"}:forged:signature'
    assert other.post("/sign-in/code", {"code": code})["Location"].startswith("/sign-in?")
    assert not Person.objects.exists()


def test_too_many_codes_are_refused() -> None:
    statuses = [Client().post("/sign-in", {"email": "ana@example.com"}).status_code for _ in range(4)]
    assert statuses == [303, 303, 303, 429]
    assert OutboxMail.objects.count() == 3


def test_strangers_cannot_keep_a_known_browser_from_signing_in() -> None:
    known = signed_in("ana@example.com")
    cookie = known.cookies["known"]
    assert (cookie["httponly"], cookie["samesite"]) == (True, "Lax")
    assert "ana" not in cookie.value
    known.post("/sign-out")
    for _ in range(4):
        Client().post("/sign-in", {"email": "ana@example.com"})
    assert Client().post("/sign-in", {"email": "ana@example.com"}).status_code == 429
    assert known.post("/sign-in", {"email": "Ana@example.com"}).status_code == 303
    other = signed_in("bo@example.com")
    assert other.post("/sign-in", {"email": "ana@example.com"}).status_code == 429, (
        "known for another address"
    )
    forged = Client()
    forged.cookies["known"] = cookie.value.partition(":")[0] + ":forged:signature"
    assert forged.post("/sign-in", {"email": "ana@example.com"}).status_code == 429


@pytest.mark.parametrize("proxy", [False, True])
def test_one_network_address_cannot_ask_for_everybodys_codes(settings: Settings, proxy: bool) -> None:
    settings.BEHIND_PROXY = proxy

    def ask(number: int, forwarded: str) -> int:
        return (
            Client(REMOTE_ADDR="203.0.113.7")
            .post("/sign-in", {"email": f"p{number}@example.com"}, headers={"X-Forwarded-For": forwarded})
            .status_code
        )

    # What a client claims of itself stands before what the proxy noted.
    statuses = [ask(number, f"198.51.100.{number}, 203.0.113.9") for number in range(21)]
    assert statuses == [303] * 20 + [429]
    assert ask(30, "203.0.113.10") == (303 if proxy else 429)


def test_signing_out_and_ending_all_sessions() -> None:
    here, there = signed_in("ana@example.com"), signed_in("ana@example.com")
    here.post("/sign-out")
    assert here.get("/orders").status_code == 303
    assert there.get("/orders").status_code == 200
    actions.revoke_sessions(Person.objects.get().pk, now=NOW)
    assert there.get("/orders").status_code == 303


def test_a_code_that_ran_out_is_not_said_to_be_on_its_way(monkeypatch: pytest.MonkeyPatch) -> None:
    client = Client()
    client.post("/sign-in", {"email": "ana@example.com"})
    code = OutboxMail.objects.get().text.split("\n\n")[1].strip()
    assert "on its way" in client.post("/sign-in/code", {"code": "000000"}).content.decode()
    ran_out = clock.now() + timedelta(minutes=11)
    monkeypatch.setattr(clock, "now", lambda: ran_out)
    page = client.post("/sign-in/code", {"code": code}).content.decode()
    assert "This code can no longer be used." in page
    assert "on its way" not in page
