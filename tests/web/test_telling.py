"""Signing in tells nobody whether an address is known here."""

from __future__ import annotations

import re

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from tacit.accounts import actions
from tacit.accounts.types import Site, Visitor
from tests.accounts.authenticator import Authenticator
from tests.conftest import NOW

pytestmark = pytest.mark.django_db
SITE = Site("shop.example.com", "https://shop.example.com", "Nordwind")


def asked_as(email: str) -> tuple[list[tuple[int, bytes]], list[str]]:
    """What a stranger is answered who asks for codes of ``email`` and guesses; and the statements that took."""
    client, answers = Client(), []
    with CaptureQueriesContext(
        connection,
    ) as caught:
        for _ in range(2):
            for path, body in (
                ("/sign-in", {"email": email}),
                ("/sign-in/code", {"code": "000000"}),
                ("/sign-in/code", {"code": "12"}),
            ):
                answer = client.post(path, body)
                content = answer.content.replace(email.encode(), b"ADDRESS")
                answers.append((answer.status_code, content + answer.headers.get("Location", "").encode()))
    statements = [
        re.sub(r"'[^']*'|\"s\d+_x\d+\"|\b\d+\b|%s", "?", each["sql"]) for each in caught.captured_queries
    ]
    return answers, statements


def test_nothing_tells_whether_an_address_is_known_here() -> None:
    """Same bytes, same statements in the same order: no wall clock, which would only measure this machine."""
    person = actions.make_staff(email="known@example.com", now=NOW)
    passkey = Authenticator()
    new = actions.ask_for_new_passkey(Visitor(person=person.id), site=SITE, now=NOW)
    actions.add_passkey(
        Visitor(person=person.id),
        token=new.token,
        answer=passkey.make(new.options),
        name="x",
        site=SITE,
        now=NOW,
    )
    asked_as("first@example.com")  # what only the first of all pays for
    known, unknown = asked_as("known@example.com"), asked_as("other@example.com")
    assert known[0] == unknown[0]
    assert [status for status, _ in known[0]] == [303, 422, 422] * 2
    assert known[1] == unknown[1]
    assert len(known[1]) > 10
