"""Passkeys: who gets in with which, and what does not open anything."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection

from tacit.accounts import actions, queries
from tacit.accounts.models import Passkey, Person
from tacit.accounts.types import AccountError, NotAllowed, Site, Visitor
from tacit.core.models import JournalEntry
from tests.accounts.authenticator import Authenticator

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 6, 1, 12, 0, tzinfo=UTC)
SITE = Site("shop.example.com", "https://shop.example.com", "Nordwind")


def visitor(email: str = "mira@example.com", *, staff: bool = False) -> Visitor:
    person = actions.known_person(email=email, name="", now=NOW)
    return Visitor(person=person.id, staff=staff)


def added(who: Visitor, passkey: Authenticator, *, site: Site = SITE) -> int:
    asked = actions.ask_for_new_passkey(who, site=site, now=NOW)
    return actions.add_passkey(
        who, token=asked.token, answer=passkey.make(asked.options), name="Laptop", site=site, now=NOW
    )


def signed_in(passkey: Authenticator, *, later: timedelta = timedelta()) -> str:
    """The address of whoever got in, or the code of the refusal."""
    asked = actions.ask_for_passkey(site=SITE, client="", now=NOW)
    try:
        person = actions.sign_in_by_passkey(
            token=asked.token, answer=passkey.sign(asked.options), site=SITE, now=NOW + later
        )
    except AccountError as refused:
        return refused.code
    return person.email


def test_a_passkey_lets_its_owner_in_and_nobody_else() -> None:
    mira, theo = Authenticator(), Authenticator()
    added(visitor(), mira)
    added(visitor("theo@example.com"), theo)
    assert [signed_in(mira), signed_in(theo)] == ["mira@example.com", "theo@example.com"]
    assert signed_in(Authenticator()) == "wrong", "one that was never added"
    theo.identifier = mira.identifier
    assert signed_in(theo) == "wrong", "another's name, one's own key"
    theo.user, theo.key = theo.user, mira.key
    assert signed_in(theo) == "wrong", "the key belongs to somebody else than it says"
    kinds = list(JournalEntry.objects.values_list("kind", flat=True))
    assert kinds == ["person.passkey_added"] * 2 + ["person.signed_in"] * 2


@pytest.mark.parametrize(
    "wrong",
    [
        lambda key: setattr(key, "origin", "https://evil.example"),
        lambda key: setattr(key, "origin", "http://shop.example.com"),
        lambda key: setattr(key, "host", "evil.example"),
        lambda key: setattr(key, "verified", False),
    ],
    ids=["origin", "scheme", "host", "unverified"],
)
def test_answers_for_elsewhere_or_without_a_verified_user_are_worth_nothing(
    wrong: Callable[[Authenticator], None],
) -> None:
    good = Authenticator()
    added(visitor(), good)
    wrong(good)
    assert signed_in(good) == "wrong"
    fresh = Authenticator()
    wrong(fresh)
    with pytest.raises(AccountError, match="passkey: wrong"):
        added(visitor(), fresh)
    assert Passkey.objects.count() == 1


def test_a_challenge_works_once_briefly_and_for_its_purpose() -> None:
    passkey, mira = Authenticator(), visitor()
    added(mira, passkey)
    asked = actions.ask_for_passkey(site=SITE, client="", now=NOW)
    answer = passkey.sign(asked.options)
    actions.sign_in_by_passkey(token=asked.token, answer=answer, site=SITE, now=NOW)
    with pytest.raises(AccountError, match="void"):
        actions.sign_in_by_passkey(token=asked.token, answer=answer, site=SITE, now=NOW)
    assert signed_in(passkey, later=timedelta(minutes=6)) == "void"
    other = actions.ask_for_passkey(site=SITE, client="", now=NOW)
    with pytest.raises(AccountError, match="wrong"):
        actions.sign_in_by_passkey(token=other.token, answer=answer, site=SITE, now=NOW)
    # One to sign in with adds no passkey, nor does another's to add one.
    theirs = actions.ask_for_new_passkey(visitor("theo@example.com"), site=SITE, now=NOW)
    for token in (actions.ask_for_passkey(site=SITE, client="", now=NOW).token, theirs.token):
        with pytest.raises(AccountError, match="void"):
            actions.add_passkey(
                mira, token=token, answer=Authenticator().make(theirs.options), name="x", site=SITE, now=NOW
            )


def test_a_counter_that_does_not_grow_betrays_a_copy() -> None:
    passkey = Authenticator(count=7)
    added(visitor(), passkey)
    assert signed_in(passkey) == "wrong"
    passkey.count = 8
    assert signed_in(passkey) == "mira@example.com"
    assert signed_in(passkey) == "wrong"


@pytest.mark.parametrize("guarded", [True, False])
@pytest.mark.django_db(transaction=True)
def test_two_copies_at_once_do_not_both_get_in(guarded: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    """Both signed with the same count and are verified before either is noted. Without the condition both get in."""
    from tacit.accounts.actions import passkeys

    if not guarded:
        monkeypatch.setattr(passkeys, "_USED", passkeys._USED.partition("AND (sign_count")[0])
    passkey, came = Authenticator(count=1), []
    added(visitor(), passkey)
    passkey.count = 2
    together = threading.Barrier(2)
    noted = passkeys._used

    def both(*arguments: object) -> bool:
        together.wait(timeout=10)
        return noted(*arguments)  # type: ignore[arg-type]

    monkeypatch.setattr(passkeys, "_used", both)

    def sign() -> None:
        try:
            came.append(signed_in(passkey))
        finally:
            connection.close()

    threads = [threading.Thread(target=sign) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(came) == (["mira@example.com", "wrong"] if guarded else ["mira@example.com"] * 2)


@pytest.mark.parametrize(
    "garbage",
    ["", "[]", "{}", "null", '{"id":"","rawId":"","type":"public-key","response":{}}', "x" * 40_000, "\x00"],
)
def test_garbage_is_refused(garbage: str) -> None:
    who = visitor()
    asked = actions.ask_for_passkey(site=SITE, client="", now=NOW)
    with pytest.raises(AccountError, match="passkey: wrong"):
        actions.sign_in_by_passkey(token=asked.token, answer=garbage, site=SITE, now=NOW)
    new = actions.ask_for_new_passkey(who, site=SITE, now=NOW)
    with pytest.raises(AccountError, match="passkey: wrong"):
        actions.add_passkey(who, token=new.token, answer=garbage, name="x", site=SITE, now=NOW)


def test_broken_attestations_are_refused() -> None:
    who = visitor()
    for cut in range(0, 200, 7):
        asked = actions.ask_for_new_passkey(who, site=SITE, now=NOW)
        answer = json.loads(Authenticator().make(asked.options))
        raw = answer["response"]["attestationObject"]
        answer["response"]["attestationObject"] = raw[:cut]
        with pytest.raises(AccountError, match="passkey: wrong"):
            actions.add_passkey(
                who, token=asked.token, answer=json.dumps(answer), name="x", site=SITE, now=NOW
            )


def test_nobody_changes_anothers_passkeys() -> None:
    passkey, theo = Authenticator(), visitor("theo@example.com")
    mine = added(visitor(), passkey)
    actions.remove_passkey(theo, id=mine, now=NOW)
    with pytest.raises(AccountError, match="unknown"):
        actions.rename_passkey(theo, id=mine, name="mine")
    assert queries.passkeys(theo) == ()
    for act in (
        lambda: actions.remove_passkey(Visitor(), id=mine, now=NOW),
        lambda: actions.ask_for_new_passkey(Visitor(), site=SITE, now=NOW),
    ):
        with pytest.raises(NotAllowed):
            act()
    assert signed_in(passkey) == "mira@example.com"
    actions.remove_passkey(visitor(), id=mine, now=NOW)
    assert signed_in(passkey) == "wrong"


def test_somebody_shut_out_is_not_let_in() -> None:
    passkey = Authenticator()
    added(visitor(), passkey)
    Person.objects.update(is_active=False)
    assert signed_in(passkey) == "wrong"


def test_staff_change_their_ways_in_only_after_showing_one() -> None:
    actions.make_staff(email="ana@example.com", now=NOW)
    weak, strong = visitor("ana@example.com"), visitor("ana@example.com", staff=True)
    first = added(weak, Authenticator())  # the first one: there is nothing to show yet
    for act in (
        lambda: added(weak, Authenticator()),
        lambda: actions.remove_passkey(weak, id=first, now=NOW),
        lambda: actions.begin_app(weak, account="ana@example.com"),
        lambda: actions.remove_app(weak, now=NOW),
        lambda: actions.new_recovery_codes(weak, now=NOW),
    ):
        with pytest.raises(NotAllowed):
            act()
    assert len(queries.passkeys(strong)) == 1
    added(strong, Authenticator())
    assert len(queries.passkeys(strong)) == 2


def test_one_network_address_gets_so_many_challenges() -> None:
    for _ in range(100):
        actions.ask_for_passkey(site=SITE, client="203.0.113.7", now=NOW)
    with pytest.raises(AccountError, match="too_many_asked"):
        actions.ask_for_passkey(site=SITE, client="203.0.113.7", now=NOW)
    actions.ask_for_passkey(site=SITE, client="203.0.113.8", now=NOW)
    actions.ask_for_passkey(site=SITE, client="203.0.113.7", now=NOW + timedelta(minutes=11))
