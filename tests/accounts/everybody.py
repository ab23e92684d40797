"""Every way in that somebody can have, for tests of what ends them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from tacit.accounts import actions
from tacit.accounts.models import AuthenticatorApp, Passkey, Person, RecoveryCode, Session
from tacit.accounts.types import Visitor


@dataclass(frozen=True)
class Made:
    person: Person
    key: str


def who_can_get_in(now: datetime) -> Made:
    person = Person.objects.create(email="ana@example.com", created_at=now)
    Session.objects.create(
        session_key="k" * 32,
        session_data="",
        expire_date=now + timedelta(days=1),
        handle="h" * 32,
        person=person,
        created_at=now,
        seen_at=now,
    )
    Passkey.objects.create(person=person, credential_id=b"c", public_key=b"p", name="", created_at=now)
    AuthenticatorApp.objects.create(person=person, secret="sealed", last_step=0, created_at=now)
    RecoveryCode.objects.create(person=person, code_hash="c" * 64)
    _view, key = actions.make_key(Visitor(staff=True), name="till", scopes=["orders:read"], days=30, now=now)
    return Made(person, key)


def gets_in(made: Made, now: datetime) -> set[str]:
    """The ways in that still work."""
    of = {"session": Session, "passkey": Passkey, "recovery": RecoveryCode}
    found = {name for name, model in of.items() if model._default_manager.filter(person=made.person).exists()}
    return found | ({"key"} if actions.recognise_program(made.key, now=now) else set())


def app_is_there(made: Made) -> bool:
    return AuthenticatorApp.objects.filter(person=made.person).exists()


def staff() -> list[str | None]:
    return list(Person.objects.filter(is_staff=True).values_list("email", flat=True))
