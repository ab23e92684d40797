"""Whoever is erased stays so, whatever is written beside it; and nobody waits for ever."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from pathlib import Path

import pytest
from django.contrib.sessions.exceptions import SessionInterrupted
from django.db import Error, IntegrityError, OperationalError, connection, transaction

from tacit.accounts import actions
from tacit.accounts.actions import erase
from tacit.accounts.models import Consent, Person, SavedAddress
from tacit.accounts.types import Source, Visitor
from tacit.checkout import actions as checkout
from tacit.checkout.actions import record
from tacit.checkout.actions.erase import PersonalOrders
from tacit.checkout.models import Order, SavedMethod
from tacit.checkout.types.payment import PaymentState
from tacit.config.erasures import ErasureFile
from tacit.config.sessions import SessionStore
from tacit.core import journal, ports
from tacit.core.personal import ErasureLog
from tests.accounts.test_addresses import HOME
from tests.checkout.fake_provider import FakeProvider
from tests.checkout.shopping import buy, fill
from tests.checkout.test_one_tap import member

PAUSE = 0.3
HELD_BY_A_PERSON = (
    "SELECT conrelid FROM pg_constraint WHERE contype = 'f' AND confrelid = 'accounts_person'::regclass"
)
UNGUARDED = f"""
SELECT relid::regclass::text FROM ({HELD_BY_A_PERSON}) held (relid) WHERE 2 > (
  SELECT count(*) FROM pg_trigger WHERE tgrelid = relid AND tgfoid = 'accounts_person_is_here'::regproc)
"""


@pytest.fixture(autouse=True)
def noted(tmp_path: Path) -> Iterator[None]:
    with ports.replaced(ErasureLog, ErasureFile(tmp_path / "erasures.txt")):
        yield


def together(*acts: Callable[[], object]) -> list[object]:
    """What each of them came to: None, or the class of what went wrong."""

    def run(act: Callable[[], object]) -> object:
        try:
            act()
        except (Error, SessionInterrupted) as error:
            return type(error)
        finally:
            connection.close()
        return None

    with ThreadPoolExecutor(len(acts)) as pool:
        return [each.result() for each in [pool.submit(run, act) for act in acts]]


def slowed(act: Callable[..., object], seconds: float) -> Callable[..., object]:
    def slow(*arguments: object, **named: object) -> object:
        time.sleep(seconds)
        return act(*arguments, **named)

    return slow


@pytest.mark.parametrize("guarded", [True, False])
@pytest.mark.django_db(transaction=True)
def test_what_is_kept_while_its_owner_is_erased_is_not_kept(
    now: datetime, monkeypatch: pytest.MonkeyPatch, guarded: bool
) -> None:
    """The control is without the guard: the foreign key alone waits, and then finds the row of nobody."""
    who = member(now)
    monkeypatch.setattr(journal, "record", slowed(journal.record, 2 * PAUSE))  # before it commits
    switch("ENABLE" if guarded else "DISABLE")
    try:
        came = together(
            lambda: actions.erase_person(who, now=now),
            slowed(lambda: actions.keep_address(who, address=HOME, now=now), PAUSE),
        )
    finally:
        switch("ENABLE")
    assert came == [None, IntegrityError if guarded else None]
    assert Person.objects.get().email is None
    assert SavedAddress.objects.exists() is not guarded


def switch(what: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(f"ALTER TABLE accounts_savedaddress {what} TRIGGER person_is_here")


@pytest.mark.django_db
def test_every_table_that_holds_a_person_has_that_guard() -> None:
    with connection.cursor() as cursor:
        cursor.execute(UNGUARDED)
        assert cursor.fetchall() == [], "two triggers: accounts 0003_consent.guard"


@pytest.mark.django_db
def test_nobody_is_signed_in_after_they_were_erased(now: datetime) -> None:
    """They proved their address before, and the session is written last; nothing tries one key after the other."""
    who = member(now)
    actions.erase_person(who, now=now)
    fresh, before = SessionStore(), SessionStore()
    before.save()
    for each in (fresh, before):
        each["_auth_user_id"] = str(who.person)
        with pytest.raises(SessionInterrupted), transaction.atomic():
            each.save()


@pytest.mark.parametrize("ordered", [True, False])
@pytest.mark.django_db(transaction=True)
def test_a_card_kept_while_its_owner_is_erased_stops_neither(
    kettle: int, provider: FakeProvider, now: datetime, monkeypatch: pytest.MonkeyPatch, ordered: bool
) -> None:
    """Both need the order and the person. The control locks the person first: a deadlock."""
    who = member(now)
    bought = buy(fill(kettle, now=now, person=who.person), now=now, keep=True, method="slow")
    provider.turn(bought.reference, PaymentState.AUTHORISED)
    answer = provider.look_up(bought.reference)
    assert answer is not None and answer.kept is not None
    monkeypatch.setattr(erase, "_widened", slowed(erase._widened, PAUSE))
    monkeypatch.setattr(record, "keep_instrument", slowed(record.keep_instrument, 3 * PAUSE))
    if not ordered:
        monkeypatch.setattr(PersonalOrders, "hold", lambda self, subject: None)
    came = together(
        lambda: actions.erase_person(who, now=now), lambda: checkout.record_answer(answer, now=now)
    )
    assert (OperationalError in came) is not ordered
    if ordered:
        assert came == [None, None]
        assert Order.objects.get().erased_at == now
        assert not SavedMethod.objects.filter(person=who.person).exists()


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE accounts_consent SET granted = false",
        "DELETE FROM accounts_consent",
        "TRUNCATE accounts_consent",
    ],
)
@pytest.mark.django_db
def test_answers_about_consent_only_grow(now: datetime, change: str) -> None:
    who: Visitor = member(now)
    actions.set_consent(who, purpose="news", granted=True, source=Source.PAGE, version="1-en", now=now)
    with (
        pytest.raises(IntegrityError, match="append-only"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute("ALTER TABLE accounts_consent ENABLE TRIGGER consent_never_emptied")
        cursor.execute(change)
    assert Consent.objects.count() == 1
