"""Codes of an authenticator app and recovery codes: each works once, and few are tried."""

from __future__ import annotations

import threading
from collections import Counter
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pyotp
import pytest
from django.db import connection

from tacit.accounts import actions, queries
from tacit.accounts.actions import second_factor
from tacit.accounts.models import AuthenticatorApp, Passkey, RecoveryCode, SecondFactorTries, Session
from tacit.accounts.rules import second_factor as rules
from tacit.accounts.types import AccountError, NotAllowed, Visitor
from tacit.core.models import JournalEntry

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 6, 1, 12, 0, tzinfo=UTC)
ANA = "ana@example.com"


class Staff:
    """A member of staff with an app, set up an hour ago."""

    def __init__(self) -> None:
        self.id: UUID = actions.make_staff(email=ANA, now=NOW).id
        begun = NOW - timedelta(hours=1)
        app = actions.begin_app(Visitor(person=self.id), account=ANA)
        self.totp = pyotp.TOTP(app.secret)
        self.recovery = actions.set_up_app(
            Visitor(person=self.id), sealed=app.sealed, code=self.totp.at(begun), now=begun
        )

    def show(self, code: str, *, known: bool = False, now: datetime = NOW) -> str:
        try:
            actions.show_second_factor(self.id, code=code, known=known, now=now)
        except AccountError as refused:
            return refused.code
        return "in"

    def wrong(self) -> str:
        near = {self.totp.at(NOW, counter_offset=offset) for offset in range(-3, 4)}
        return next(f"{number:06}" for number in range(1000) if f"{number:06}" not in near)


@pytest.mark.parametrize("step", [-2, -1, 0, 1, 2])
def test_clocks_may_be_one_step_apart(step: int) -> None:
    ana = Staff()
    assert ana.show(ana.totp.at(NOW, counter_offset=step)) == ("in" if abs(step) <= 1 else "wrong")


def test_each_code_works_once_and_older_ones_not_after_it() -> None:
    ana = Staff()
    assert [ana.show(ana.totp.at(NOW)), ana.show(ana.totp.at(NOW))] == ["in", "wrong"]
    assert ana.show(ana.totp.at(NOW, counter_offset=-1)) == "wrong"
    assert ana.show(ana.totp.at(NOW, counter_offset=1)) == "in"


def test_a_recovery_code_works_once_however_it_is_typed() -> None:
    ana = Staff()
    first, second = ana.recovery[:2]
    assert len(set(ana.recovery)) == 10
    assert [ana.show(first.lower().replace("-", " ")), ana.show(first)] == ["in", "wrong"]
    assert queries.ways_in(ana.id).recovery_left == 9
    fresh = actions.new_recovery_codes(Visitor(person=ana.id, staff=True), now=NOW)
    assert [ana.show(second), ana.show(fresh[0])] == ["wrong", "in"]


def test_no_secret_lies_open_in_the_database() -> None:
    ana = Staff()
    kept = str(list(AuthenticatorApp.objects.values_list())) + str(list(RecoveryCode.objects.values_list()))
    assert ana.totp.secret not in kept
    assert not any(code.replace("-", "") in kept for code in ana.recovery)


def test_tries_are_few_and_known_browsers_have_their_own() -> None:
    ana = Staff()
    came = Counter(ana.show(ana.wrong()) for _ in range(rules.MOST_TRIES + 5))
    assert came == {"wrong": rules.MOST_TRIES, "locked": 5}
    assert ana.show(ana.totp.at(NOW)) == "locked", "even what is right"
    assert ana.show(ana.recovery[0]) == "locked"
    assert ana.show(ana.totp.at(NOW), known=True) == "in"
    later = NOW + rules.TRIES_WITHIN
    assert ana.show(ana.totp.at(later), now=later) == "in"
    assert not SecondFactorTries.objects.filter(known=False).exists(), "what fits gives the tries back"


@pytest.mark.parametrize("guarded", [True, False])
@pytest.mark.django_db(transaction=True)
def test_guesses_made_at_once_share_no_try(guarded: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    """Counted by reading first and writing then, three at once would have the last try each."""
    ana = Staff()

    def read_then_write(person: UUID, known: bool, now: datetime) -> bool:
        row = SecondFactorTries.objects.filter(person_id=person, known=known).first()
        tries = row.tries if row else 0
        if tries >= rules.MOST_TRIES:
            return False
        together.wait(timeout=10)
        SecondFactorTries.objects.update_or_create(
            person_id=person, known=known, defaults={"since": now, "tries": tries + 1}
        )
        return True

    if not guarded:
        monkeypatch.setattr(second_factor, "_take_a_try", read_then_write)
    SecondFactorTries.objects.create(person_id=ana.id, known=False, since=NOW, tries=rules.MOST_TRIES - 1)
    guess, came = ana.wrong(), []
    together = threading.Barrier(3)

    def try_it() -> None:
        try:
            if guarded:
                together.wait(timeout=10)
            came.append(ana.show(guess))
        finally:
            connection.close()

    threads = [threading.Thread(target=try_it) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert Counter(came) == ({"wrong": 1, "locked": 2} if guarded else {"wrong": 3})


@pytest.mark.django_db(transaction=True)
def test_one_code_used_twice_at_once_lets_one_in() -> None:
    ana, came = Staff(), []
    together, code = threading.Barrier(6), ana.totp.at(NOW)

    def show() -> None:
        try:
            together.wait(timeout=10)
            came.append(ana.show(code))
        finally:
            connection.close()

    threads = [threading.Thread(target=show) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert Counter(came) == {"in": 1, "wrong": 5}


def test_an_app_is_taken_only_with_its_code_by_whoever_began() -> None:
    ana = actions.make_staff(email=ANA, now=NOW).id
    other = actions.make_staff(email="bo@example.com", now=NOW).id
    app = actions.begin_app(Visitor(person=ana), account=ANA)
    code = pyotp.TOTP(app.secret).at(NOW)
    for person, sealed, typed, why in (
        (other, app.sealed, code, "void"),
        (ana, app.sealed.swapcase(), code, "void"),
        (ana, "", code, "void"),
        (ana, app.sealed, "12345", "not_a_code"),
    ):
        with pytest.raises(AccountError, match=why):
            actions.set_up_app(Visitor(person=person), sealed=sealed, code=typed, now=NOW)
    assert not AuthenticatorApp.objects.exists()
    actions.set_up_app(Visitor(person=ana), sealed=app.sealed, code=code, now=NOW)
    # Somebody who reads the mail only cannot put their own app in its place.
    with pytest.raises(NotAllowed):
        actions.set_up_app(Visitor(person=ana), sealed=app.sealed, code=code, now=NOW)


def test_reset_takes_all_away_and_ends_sessions() -> None:
    ana = Staff()
    Passkey.objects.create(person_id=ana.id, credential_id=b"1", public_key=b"1", name="x", created_at=NOW)
    Session.objects.create(
        session_key="k",
        session_data="",
        expire_date=NOW,
        handle="h",
        person_id=ana.id,
        created_at=NOW,
        seen_at=NOW,
    )
    actions.reset_second_factor(email="Ana@example.com", now=NOW)
    ways = queries.ways_in(ana.id)
    assert not ways.second_factor
    assert ways.recovery_left == 0
    assert not Session.objects.exists()
    assert JournalEntry.objects.filter(kind="person.second_factor_reset").count() == 1
    with pytest.raises(AccountError, match="unknown"):
        actions.reset_second_factor(email="nobody@example.com", now=NOW)
