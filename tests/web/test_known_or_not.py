"""Whether somebody has an account here shows in no answer and in no statement on the way to it."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from pytest_django.fixtures import Settings

from tacit.accounts import actions
from tacit.accounts.models import Person, SignInCode
from tests.accounts.authenticator import Authenticator
from tests.conftest import NOW
from tests.web.conftest import order_form, signed_in, with_kettle
from tests.web.test_account_pages import Device, app_of

pytestmark = pytest.mark.django_db
STRANGER, KNOWN = "strange@example.com", "someone@example.com"
SHOP = "shop.example.com"
RANDOM = re.compile(r"[A-Za-z0-9_\-+/=]{20,}")
VALUES = re.compile(r"'(?:[^']|'')*'|\b\d+(?:\.\d+)?\b|\bs\d+_x\d+\b")
"""In a statement: texts, numbers, names of savepoints."""


@dataclass(frozen=True)
class Seen:
    """One answer to the last byte but for what is random in every one, and the statements it took."""

    status: int
    headers: tuple[tuple[str, str], ...]
    cookies: tuple[tuple[str, int, str], ...]
    body: str
    statements: tuple[str, ...]


def look(client: Client, path: str, email: str, body: Any) -> Seen:
    as_json = isinstance(body, str)
    with CaptureQueriesContext(connection) as done:
        answer = client.post(path, body, **({"content_type": "application/json"} if as_json else {}))
    statements = [VALUES.sub("?", each["sql"]) for each in done.captured_queries]
    headers = sorted((name, value) for name, value in answer.items() if name != "Set-Cookie")
    cookies = [(name, len(each.value), str(each["path"])) for name, each in sorted(answer.cookies.items())]
    text = re.sub(re.escape(email), "ADDRESS", answer.content.decode(), flags=re.I)
    return Seen(
        answer.status_code,
        tuple(headers),
        tuple(cookies),
        RANDOM.sub("RANDOM", text),
        tuple(statements),
    )


def tried(email: str) -> dict[str, Seen]:
    """Everything somebody who does not read ``email``'s mail can try with it."""
    browser = Client(HTTP_HOST=SHOP)
    seen = {"asking": look(browser, "/sign-in", email, {"email": email})}
    for time in range(6):
        seen[f"guess {time}"] = look(browser, "/sign-in/code", email, {"code": f"00000{time}"})
    for time in range(3):
        seen[f"asking again {time}"] = look(browser, "/sign-in", email, {"email": email.upper()})
    naming = json.dumps({"email": email, "username": email})
    seen["passkey"] = look(browser, "/sign-in/passkey/options", email, naming)
    return seen


@pytest.fixture(autouse=True)
def named(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    """A shop where passkeys are offered, whose codes nobody guesses by chance."""
    settings.SHOP_URL, settings.ALLOWED_HOSTS = f"https://{SHOP}", [SHOP, "testserver"]
    monkeypatch.setattr("tacit.accounts.actions.sign_in.secrets.randbelow", lambda most: most - 1)


def customer(shop: int) -> None:
    with_orders = with_kettle(shop)
    with_orders.post("/checkout", order_form(with_orders, email=KNOWN))
    signed_in(KNOWN).post("/sign-out")


def staff(shop: int) -> None:
    actions.make_staff(email=KNOWN, now=NOW)
    device = Device()
    device.passkey = Authenticator()
    device.cookies = signed_in(KNOWN).cookies
    assert device.make()[0] == 200
    assert device.post("/account/second-factor/set-up", {"code": app_of(device).now()}).status_code == 200


def shut_out(shop: int) -> None:
    actions.known_person(email=KNOWN, name="", now=NOW)
    Person.objects.filter(email=KNOWN).update(is_active=False)


@pytest.mark.parametrize("somebody", [customer, staff, shut_out])
def test_known_and_unknown_see_the_same_and_cost_the_same(shop: int, somebody: Callable[[int], None]) -> None:
    somebody(shop)
    SignInCode.objects.all().delete()  # how many were asked for is counted for everybody
    known, unknown = tried(KNOWN), tried(STRANGER)
    assert [each.status for each in known.values()] == [303, *[422] * 6, 303, 303, 429, 200]
    for step, seen in known.items():
        assert seen.statements, step
        assert seen == unknown[step], step


def test_the_control_who_looks_the_person_up_is_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    actions.known_person(email=KNOWN, name="", now=NOW)
    honest = actions.request_code

    def asks_first(*, email: str, **more: Any) -> str:
        if Person.objects.filter(email=email).exists():
            Person.objects.filter(email=email).update(name="")
        return honest(email=email, **more)

    monkeypatch.setattr(actions, "request_code", asks_first)
    known, unknown = tried(KNOWN), tried(STRANGER)
    assert known["asking"].body == unknown["asking"].body
    assert known["asking"].statements != unknown["asking"].statements
    assert known["guess 0"] == unknown["guess 0"], "nothing else tells them apart"
