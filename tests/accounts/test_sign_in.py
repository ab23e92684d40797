from __future__ import annotations

import re
import threading
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest
from django.db import connection

from tacit.accounts import actions, queries, wording
from tacit.accounts.actions import sign_in
from tacit.accounts.models import Person, SignInCode
from tacit.accounts.rules import sign_in as rules
from tacit.accounts.types import AccountError, PersonView, Visitor
from tacit.core import mail
from tacit.core.models import JournalEntry, OutboxMail

NOW = datetime(2026, 5, 4, 12, 0, tzinfo=UTC)
MIRA = "mira@example.com"


def mailed_code(email: str = MIRA) -> str:
    text = OutboxMail.objects.filter(to=email).latest("id").text
    found = re.search(r"^ +(\d{6})$", text, re.MULTILINE)
    assert found
    return found[1]


def other_than(code: str) -> str:
    return f"{(int(code) + 1) % 1_000_000:06}"


def refusal(token: str, code: str, now: datetime = NOW) -> str:
    with pytest.raises(AccountError) as refused:
        actions.confirm_code(token=token, code=code, now=now)
    return refused.value.code


@pytest.mark.django_db
def test_a_mailed_code_makes_a_person_known_once() -> None:
    token = actions.request_code(email=" Mira@Example.com", now=NOW)
    person = actions.confirm_code(token=token, code=mailed_code(), now=NOW)
    assert (person.email, person.is_staff) == (MIRA, False)
    assert queries.person(person.id) == person

    later = NOW + timedelta(days=1)
    again = actions.request_code(email=MIRA, now=later)
    assert actions.confirm_code(token=again, code=mailed_code(), now=later).id == person.id
    assert list(JournalEntry.objects.order_by("id").values_list("kind", "data")) == [
        ("person.signed_in", {"person": str(person.id), "first_time": True}),
        ("person.signed_in", {"person": str(person.id), "first_time": False}),
    ]


@pytest.mark.django_db
def test_the_mail_says_the_same_twice_and_the_database_does_not_know_the_code() -> None:
    token = actions.request_code(email=MIRA, now=NOW)
    message = mail.message(Visitor(staff=True), OutboxMail.objects.get().pk)
    assert message is not None
    code = mailed_code()
    assert code in message.html
    assert code not in message.subject
    assert wording.carries_code(message)
    row = SignInCode.objects.get(pk=token)
    assert code not in row.code_hash
    assert row.expires_at == NOW + timedelta(minutes=10)


@pytest.mark.django_db
def test_a_code_works_once() -> None:
    token = actions.request_code(email=MIRA, now=NOW)
    code = mailed_code()
    actions.confirm_code(token=token, code=code, now=NOW)
    assert refusal(token, code) == "void"
    assert JournalEntry.objects.count() == 1


@pytest.mark.django_db
def test_a_code_expires() -> None:
    token = actions.request_code(email=MIRA, now=NOW)
    assert refusal(token, mailed_code(), NOW + rules.CODE_LIFETIME) == "void"
    assert actions.confirm_code(
        token=token, code=mailed_code(), now=NOW + rules.CODE_LIFETIME - timedelta(seconds=1)
    )


@pytest.mark.django_db
def test_five_wrong_tries_and_the_right_code_is_worth_nothing() -> None:
    token = actions.request_code(email=MIRA, now=NOW)
    code = mailed_code()
    assert [refusal(token, other_than(code)) for _ in range(5)] == ["wrong"] * 5
    assert refusal(token, code) == "void"
    assert not Person.objects.exists()
    assert not JournalEntry.objects.exists()


@pytest.mark.django_db
def test_what_cannot_be_a_code_takes_no_try() -> None:
    token = actions.request_code(email=MIRA, now=NOW)
    assert refusal(token, "12345") == "not_a_code"
    assert SignInCode.objects.get().tries_left == rules.CODE_TRIES


@pytest.mark.django_db
def test_a_code_fits_only_the_browser_that_asked() -> None:
    actions.request_code(email=MIRA, now=NOW)
    code = mailed_code()
    mallory = actions.request_code(email="mallory@example.com", now=NOW)
    if code != mailed_code("mallory@example.com"):
        assert refusal(mallory, code) == "wrong"
    assert refusal("nobody-ever-asked-this", code) == "void"
    assert refusal("'; DROP TABLE", code) == "void"


@pytest.mark.django_db
def test_an_address_gets_three_codes_in_ten_minutes_and_ten_a_day() -> None:
    def asked_at(minutes: int) -> bool:
        try:
            actions.request_code(email=MIRA, now=NOW + timedelta(minutes=minutes))
        except AccountError as refused:
            assert (refused.field, refused.code) == ("email", "too_many_codes")
            return False
        return True

    assert [asked_at(minute) for minute in (0, 1, 2, 3, 9)] == [True, True, True, False, False]
    assert actions.request_code(email="other@example.com", now=NOW)
    sent = 3 + sum(asked_at(20 + 10 * hour) for hour in range(20))
    assert sent == rules.CODES_A_DAY
    assert OutboxMail.objects.filter(to=MIRA).count() == rules.CODES_A_DAY
    assert asked_at(24 * 60 + 30)


@pytest.mark.django_db
def test_staff_are_made_by_address() -> None:
    made = actions.make_staff(email="Staff@example.com", now=NOW)
    assert made.is_staff
    assert actions.make_staff(email="staff@example.com", now=NOW) == made
    token = actions.request_code(email="staff@example.com", now=NOW)
    assert actions.confirm_code(token=token, code=mailed_code("staff@example.com"), now=NOW) == made


@pytest.mark.django_db
def test_somebody_shut_out_stays_out() -> None:
    person = actions.make_staff(email=MIRA, now=NOW)
    Person.objects.update(is_active=False)
    token = actions.request_code(email=MIRA, now=NOW)
    assert refusal(token, mailed_code()) == "void"
    assert queries.person(person.id) is None


@pytest.mark.django_db
def test_revoking_ends_sessions_and_codes_on_their_way() -> None:
    person = actions.make_staff(email=MIRA, now=NOW)
    before = Person.objects.get().get_session_auth_hash()
    token = actions.request_code(email=MIRA, now=NOW)
    actions.revoke_sessions(person.id, now=NOW)
    assert Person.objects.get().get_session_auth_hash() != before
    assert refusal(token, mailed_code()) == "void"
    actions.revoke_sessions(uuid4(), now=NOW)


def at_once(times: int, act: Callable[[], object]) -> list[object]:
    """What ``act`` gave in so many threads that start together; AccountErrors are given, not raised."""
    start = threading.Barrier(times)
    came: list[object] = []

    def run() -> None:
        try:
            start.wait()
            came.append(act())
        except AccountError as refused:
            came.append(refused.code)
        finally:
            connection.close()

    threads = [threading.Thread(target=run) for _ in range(times)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return came


def race_for_one_code() -> list[object]:
    token = actions.request_code(email=MIRA, now=NOW)
    code = mailed_code()
    return at_once(20, lambda: actions.confirm_code(token=token, code=code, now=NOW))


@pytest.mark.django_db(transaction=True)
def test_twenty_at_once_with_the_right_code_let_one_in() -> None:
    came = race_for_one_code()
    assert [type(each) for each in came].count(PersonView) == 1
    assert came.count("void") == 19
    assert Person.objects.count() == 1
    assert JournalEntry.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_without_the_guard_more_get_in(monkeypatch: pytest.MonkeyPatch) -> None:
    all_have_read = threading.Barrier(3)  # as many as the pool has connections for beside ours

    def read_then_write(token: str, now: datetime) -> tuple[str, str] | None:
        row = SignInCode.objects.get(pk=token)
        if row.tries_left <= 0 or row.used_at or row.expires_at <= now:
            return None
        all_have_read.wait(10)
        SignInCode.objects.filter(pk=token).update(tries_left=row.tries_left - 1)
        return row.email, row.code_hash

    monkeypatch.setattr(sign_in, "_take_a_try", read_then_write)
    token = actions.request_code(email=MIRA, now=NOW)
    code = mailed_code()
    came = at_once(3, lambda: actions.confirm_code(token=token, code=code, now=NOW))
    assert [type(each) for each in came].count(PersonView) > 1


@pytest.mark.django_db(transaction=True)
def test_twenty_guessers_at_once_have_five_tries() -> None:
    token = actions.request_code(email=MIRA, now=NOW)
    wrong = other_than(mailed_code())
    came = at_once(20, lambda: actions.confirm_code(token=token, code=wrong, now=NOW))
    assert (came.count("wrong"), came.count("void")) == (5, 15)


@pytest.mark.django_db(transaction=True)
def test_ten_at_once_asking_for_one_address_get_three_codes() -> None:
    came = at_once(10, lambda: actions.request_code(email=MIRA, now=NOW))
    assert came.count("too_many_codes") == 7
    assert OutboxMail.objects.count() == 3
