"""Ten thousand guesses against one address, by every way in: none is right in time, and its owner still gets in."""

from __future__ import annotations

import re
from collections import Counter
from datetime import UTC, datetime, timedelta

import pyotp
import pytest

from tacit.accounts import actions
from tacit.accounts.rules import second_factor
from tacit.accounts.rules import sign_in as rules
from tacit.accounts.types import AccountError, Site, Visitor
from tacit.core.models import OutboxMail
from tests.accounts.authenticator import Authenticator

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 6, 1, 12, 0, tzinfo=UTC)
ANA = "ana@example.com"
SITE = Site("shop.example.com", "https://shop.example.com", "Nordwind")


def mailed() -> str:
    text = OutboxMail.objects.filter(to=ANA).latest("id").text
    found = re.search(r"^ +(\d{6})$", text, re.MULTILINE)
    assert found
    return found[1]


def test_four_thousand_codes_guessed_in_a_day() -> None:
    """All codes that a day has, and for each all guesses from the first on."""
    came: Counter[str] = Counter()
    tokens = []
    for turn in range(40):
        try:
            tokens.append(actions.request_code(email=ANA, now=NOW + turn * timedelta(minutes=11)))
        except AccountError as refused:
            came[refused.code] += 1
            continue
        right = int(mailed())
        guesses = (number for number in range(1_000_000) if number != right)
        for _ in range(400):
            try:
                actions.confirm_code(
                    token=tokens[-1], code=f"{next(guesses):06}", now=NOW + turn * timedelta(minutes=11)
                )
            except AccountError as refused:
                came[refused.code] += 1
    assert came == {
        "too_many_codes": 40 - rules.CODES_A_DAY,
        "wrong": rules.CODES_A_DAY * rules.CODE_TRIES,
        "void": rules.CODES_A_DAY * (400 - rules.CODE_TRIES),
    }
    late = NOW + 9 * timedelta(minutes=11)
    with pytest.raises(AccountError, match="void"):
        actions.confirm_code(token=tokens[-1], code=mailed(), now=late)
    token = actions.request_code(email=ANA, now=late, known=True)
    assert actions.confirm_code(token=token, code=mailed(), now=late).email == ANA, "the owner's own browser"


def test_five_thousand_codes_of_the_app_guessed() -> None:
    person = actions.make_staff(email=ANA, now=NOW).id
    app = actions.begin_app(Visitor(person=person), account=ANA)
    totp = pyotp.TOTP(app.secret)
    codes = actions.set_up_app(Visitor(person=person), sealed=app.sealed, code=totp.at(NOW), now=NOW)
    right = {totp.at(NOW, counter_offset=step) for step in range(-1, 2)}
    recovery = (f"{number:010}" for number in range(10**9))
    numbers = (f"{number:06}" for number in range(10**6) if f"{number:06}" not in right)
    came: Counter[str] = Counter()
    for turn in range(5000):
        try:
            actions.show_second_factor(
                person, code=next(recovery) if turn % 2 else next(numbers), known=False, now=NOW
            )
        except AccountError as refused:
            came[refused.code] += 1
    assert came == {"wrong": second_factor.MOST_TRIES, "locked": 5000 - second_factor.MOST_TRIES}
    for known, code in ((False, totp.at(NOW, counter_offset=1)), (False, codes[0])):
        with pytest.raises(AccountError, match="locked"):
            actions.show_second_factor(person, code=code, known=known, now=NOW)
    actions.show_second_factor(person, code=totp.at(NOW, counter_offset=1), known=True, now=NOW)


def test_a_thousand_passkeys_made_up() -> None:
    person = actions.known_person(email=ANA, name="", now=NOW)
    passkey = Authenticator()
    asked = actions.ask_for_new_passkey(Visitor(person=person.id), site=SITE, now=NOW)
    actions.add_passkey(
        Visitor(person=person.id),
        token=asked.token,
        answer=passkey.make(asked.options),
        name="x",
        site=SITE,
        now=NOW,
    )
    forged = Authenticator(identifier=passkey.identifier, user=passkey.user)
    came: Counter[str] = Counter()
    for _ in range(1000):
        asked = actions.ask_for_passkey(site=SITE, client="", now=NOW)
        try:
            actions.sign_in_by_passkey(
                token=asked.token, answer=forged.sign(asked.options), site=SITE, now=NOW
            )
        except AccountError as refused:
            came[refused.code] += 1
    assert came == {"wrong": 1000}
