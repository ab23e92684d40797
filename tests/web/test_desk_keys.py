"""Keys for programs at the desk: each form makes one, and shows it once."""

from __future__ import annotations

import html
import re

import pytest
from django.test import Client

from tacit.accounts.models import ProgramKey
from tests.web.conftest import hidden

pytestmark = pytest.mark.django_db
FORM = {"program": "till", "scopes": "orders:read", "days": "30"}


def test_the_same_form_makes_one_key(desk: Client) -> None:
    form = FORM | {"key": hidden(desk.get("/desk/keys").content.decode(), "key")}
    first = desk.post("/desk/keys", form)
    assert re.search(r"tacit_[\w-]{43}<", first.content.decode())
    again = desk.post("/desk/keys", form)
    page = html.unescape(again.content.decode())
    assert (again.status_code, ProgramKey.objects.count()) == (409, 1)
    assert "a key is shown once" in page
    assert not re.search(r"tacit_[\w-]{43}<", page)
    assert desk.post("/desk/keys", FORM | {"key": hidden(page, "key")}).status_code == 200
    assert ProgramKey.objects.count() == 2, "the page after it has a form of its own"


@pytest.mark.parametrize("key", ["", "short", "x" * 81, "with space"])
def test_a_form_without_its_key_makes_none(desk: Client, key: str) -> None:
    answer = desk.post("/desk/keys", FORM | {"key": key})
    assert (answer.status_code, ProgramKey.objects.count()) == (422, 0)
    assert "Open it anew" in answer.content.decode()


@pytest.mark.parametrize(("language", "day"), [("", "20 February 2027"), ("/de", "20. Februar 2027")])
def test_days_are_said_as_everywhere(desk: Client, language: str, day: str) -> None:
    form = FORM | {"key": "k" * 22}
    desk.post("/desk/keys", form)
    made = ProgramKey.objects.get()
    ProgramKey.objects.update(expires_at=made.expires_at.replace(year=2027, month=2, day=20, hour=12))
    page = desk.get(f"{language}/desk/keys").content.decode()
    assert day in page
    assert "2027-02-20" not in page
