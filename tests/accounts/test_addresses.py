"""Addresses people keep here."""

from __future__ import annotations

import threading
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from django.db import connection

from tacit.accounts import actions, queries
from tacit.accounts.models import SavedAddress
from tacit.accounts.types import AccountError, NotAllowed, Visitor
from tacit.core.address import Address

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 6, 1, 12, 0, tzinfo=UTC)
HOME = Address("Ana Berg", "Hafenweg 3", "", "20457", "Hamburg", "DE")
WORK = replace(HOME, line1="Am Sandtorkai 1")


def member(email: str = "ana@example.com") -> Visitor:
    return Visitor(person=actions.known_person(email=email, name="", now=NOW).id)


def test_the_first_is_the_default_until_another_is_chosen() -> None:
    ana = member()
    home = actions.keep_address(ana, address=HOME, now=NOW)
    work = actions.keep_address(ana, address=WORK, label="Work", now=NOW)
    assert actions.keep_address(ana, address=replace(HOME, name="  Ana   Berg "), now=NOW) == home
    assert queries.default_address(ana) == HOME
    actions.choose_address(ana, id=work)
    assert queries.default_address(ana) == WORK
    assert [each.label for each in queries.addresses(ana)] == ["Work", ""]
    actions.change_address(ana, id=home, address=replace(HOME, line2="3rd floor"), default=True)
    assert queries.default_contact(ana) == ("ana@example.com", replace(HOME, line2="3rd floor"))
    with pytest.raises(AccountError, match="kept_already"):
        actions.change_address(ana, id=home, address=WORK)
    actions.remove_address(ana, id=home)
    assert queries.default_address(ana) is None


def test_nobody_touches_anothers() -> None:
    ana, theo = member(), member("theo@example.com")
    home = actions.keep_address(ana, address=HOME, now=NOW)
    with pytest.raises(AccountError, match="unknown"):
        actions.choose_address(theo, id=home)
    with pytest.raises(AccountError, match="unknown"):
        actions.change_address(theo, id=home, address=WORK)
    actions.remove_address(theo, id=home)
    assert (queries.addresses(theo), queries.default_address(theo)) == ((), None)
    assert queries.default_address(ana) == HOME
    with pytest.raises(NotAllowed):
        actions.keep_address(Visitor(), address=HOME, now=NOW)
    assert queries.default_address(Visitor()) is None


@pytest.mark.parametrize(
    ("field", "value", "why"),
    [
        ("name", "", "required"),
        ("line1", "x" * 121, "too_long"),
        ("city", "a\x00b", "control_character"),
        ("country", "Germany", "not_a_country"),
    ],
)
def test_what_is_no_address_is_refused_by_field(field: str, value: str, why: str) -> None:
    with pytest.raises(AccountError, match=f"{field}: {why}"):
        actions.keep_address(member(), address=replace(HOME, **{field: value}), now=NOW)
    assert not SavedAddress.objects.exists()


def test_twenty_are_enough() -> None:
    ana = member()
    for number in range(20):
        actions.keep_address(ana, address=replace(HOME, line1=f"Weg {number}"), now=NOW)
    with pytest.raises(AccountError, match="too_many"):
        actions.keep_address(ana, address=HOME, now=NOW)


@pytest.mark.django_db(transaction=True)
def test_the_same_address_kept_at_once_is_kept_once() -> None:
    ana, together = member(), threading.Barrier(5)

    def keep() -> None:
        try:
            together.wait(timeout=10)
            actions.keep_address(ana, address=HOME, now=NOW)
        finally:
            connection.close()

    threads = [threading.Thread(target=keep) for _ in range(5)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [each.is_default for each in queries.addresses(ana)] == [True]
