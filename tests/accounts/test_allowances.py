"""Who may ask for how many codes, and who may not keep others from asking."""

from __future__ import annotations

import threading
from collections import Counter
from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection

from tacit.accounts import actions, queries
from tacit.accounts.models import Person, SignInCode
from tacit.accounts.rules import sign_in as rules
from tacit.accounts.types import AccountError
from tacit.core.models import JournalEntry

NOW = datetime(2026, 5, 4, 12, 0, tzinfo=UTC)
MIRA = "mira@example.com"
OUTSIDE = "203.0.113.7"


def asked(email: str = MIRA, *, known: bool = False, client: str = "", minutes: int = 0) -> str:
    """ "sent", or the code of the refusal."""
    try:
        actions.request_code(email=email, now=NOW + timedelta(minutes=minutes), known=known, client=client)
    except AccountError as refused:
        return refused.code
    return "sent"


@pytest.mark.django_db
def test_strangers_use_up_their_own_allowance_and_not_that_of_known_browsers() -> None:
    strangers = [asked(minutes=11 * turn) for turn in range(rules.CODES_A_DAY + 1)]
    assert strangers == ["sent"] * rules.CODES_A_DAY + ["too_many_codes"]
    assert [asked(known=True, minutes=130) for _ in range(4)] == ["sent"] * 3 + ["too_many_codes"]
    assert SignInCode.objects.filter(known=True).count() == 3


@pytest.mark.django_db
def test_whoever_asks_too_often_is_told_how_long_to_wait() -> None:
    for minute in (0, 1, 2):
        asked(minutes=minute)
    with pytest.raises(AccountError) as refused:
        actions.request_code(email=MIRA, now=NOW + timedelta(minutes=4))
    assert refused.value.parameters["wait"] == 6 * 60, "until the first is ten minutes old"
    asked(minutes=10)
    later = [NOW + timedelta(minutes=each) for each in (40, 30, 20)]
    assert rules.seconds_to_wait(later, (2, timedelta(hours=1)), (4, rules.DAY), now=later[0]) == 50 * 60
    assert rules.seconds_to_wait(later, (4, rules.DAY), now=later[0]) == 0
    for turn in range(6):
        asked(minutes=30 + 11 * turn)
    with pytest.raises(AccountError) as refused:
        actions.request_code(email=MIRA, now=NOW + timedelta(hours=4))
    assert refused.value.parameters["wait"] == 20 * 3600, "until the first of ten is a day old"


@pytest.mark.django_db
def test_one_network_address_asks_for_twenty_codes_in_ten_minutes() -> None:
    def of(number: int, client: str = OUTSIDE, minutes: int = 0, known: bool = False) -> str:
        return asked(f"p{number}@example.com", client=client, minutes=minutes, known=known)

    assert [of(number) for number in range(22)] == ["sent"] * 20 + ["too_many_asked"] * 2
    assert of(22, client="203.0.113.8") == "sent"
    assert of(23, known=True) == "sent", "a known browser is let through"
    assert of(24, minutes=11) == "sent"
    assert [of(30 + n, client="127.0.0.1") for n in range(21)] == ["sent"] * 21, "a proxy, not a visitor"
    assert {len(kept) for kept in SignInCode.objects.values_list("client", flat=True)} == {0, 64}
    assert not [row for row in SignInCode.objects.values_list() if any("203.0" in str(each) for each in row)]


@pytest.mark.django_db(transaction=True)
def test_thirty_at_once_from_one_network_address_get_twenty_codes() -> None:
    came: list[str] = []

    def ask(number: int) -> None:
        try:
            came.append(asked(f"p{number}@example.com", client=OUTSIDE))
        finally:
            connection.close()

    threads = [threading.Thread(target=ask, args=(number,)) for number in range(30)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert Counter(came) == {"sent": rules.CODES_A_CLIENT, "too_many_asked": 10}


def test_what_counts_as_one_client() -> None:
    assert (
        rules.network("2001:db8:1:2:3::4") == rules.network("2001:db8:1:2::9") != rules.network("2001:db8::1")
    )
    assert rules.network("::ffff:203.0.113.7") == rules.network(" 203.0.113.7 ") == OUTSIDE
    assert [rules.network(each) for each in ("", "unix:", "127.0.0.9", "::1", "1.2.3")] == [""] * 5


def test_the_mark_of_an_address_is_not_the_address() -> None:
    assert (
        queries.browser_mark("Mira@Example.com ")
        == queries.browser_mark(MIRA)
        != queries.browser_mark("a@b.de")
    )
    assert "mira" not in queries.browser_mark(MIRA)
    assert queries.browser_mark("nobody") == ""


@pytest.mark.django_db
def test_exactly_the_named_are_staff_and_others_lose_right_and_sessions() -> None:
    actions.set_staff(emails=["Ana@example.com", "bo@example.com"], now=NOW)
    before = {person.email: person.get_session_auth_hash() for person in Person.objects.all()}
    token = actions.request_code(email="ana@example.com", now=NOW)
    actions.set_staff(emails=["bo@example.com", "cy@example.com"], now=NOW)
    assert dict(Person.objects.values_list("email", "is_staff")) == {
        "ana@example.com": False,
        "bo@example.com": True,
        "cy@example.com": True,
    }
    after = {person.email: person.get_session_auth_hash() for person in Person.objects.all()}
    assert after["ana@example.com"] != before["ana@example.com"]
    assert after["bo@example.com"] == before["bo@example.com"]
    assert SignInCode.objects.get(pk=token).used_at == NOW, "a code on its way is void"
    kinds = Counter(JournalEntry.objects.values_list("kind", flat=True))
    assert kinds == {"person.staff_added": 3, "person.staff_removed": 1}
    with pytest.raises(AccountError):
        actions.set_staff(emails=["cy@example.com", "nonsense"], now=NOW)
    assert Person.objects.filter(is_staff=True).count() == 2, "nothing changed"
