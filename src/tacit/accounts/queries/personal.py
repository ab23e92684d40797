"""Everything accounts and core hold about one person."""

from __future__ import annotations

from typing import Any

from tacit.accounts import wording
from tacit.accounts.models import (
    AuthenticatorApp,
    Passkey,
    Person,
    RecoveryCode,
    SavedAddress,
    Session,
    SignInCode,
)
from tacit.accounts.queries.consent import answers_of
from tacit.core import rights
from tacit.core.personal import Subject


def held_about(subject: Subject) -> dict[str, Any]:
    """By the codes of the retention map, as JSON values. Secrets (codes, keys, sessions) are told of, not told."""
    found: dict[str, Any] = {}
    if subject.person is not None:
        found |= _of_person(subject)
    found["codes"] = [
        {"asked_at": code.created_at.isoformat(), "to": code.email, "used": code.used_at is not None}
        for code in SignInCode.objects.filter(email__in=subject.addresses).order_by("created_at")
    ]
    return found | {"letters": rights.letters_of(subject), "journal": rights.journal_of(subject)}


def _of_person(subject: Subject) -> dict[str, Any]:
    assert subject.person is not None
    person = Person.objects.get(pk=subject.person)
    return {
        "person": {
            "id": str(person.pk),
            "email": person.email,
            "name": person.name,
            "since": person.created_at.isoformat(),
        },
        "consents": [
            {
                "purpose": answer.purpose,
                "granted": answer.granted,
                "text": wording.consented_text(answer.purpose, answer.version),
                "where": answer.source,
                "at": answer.at.isoformat(),
            }
            for answer in answers_of(subject.person)
        ],
        "addresses": [
            {
                **{field: getattr(kept, field) for field in ("label", "name", "line1", "line2", "postcode")},
                "city": kept.city,
                "country": kept.country,
                "default": kept.is_default,
            }
            for kept in SavedAddress.objects.filter(person=person).order_by("pk")
        ],
        "ways_in": _ways_in(person),
        "sessions": [
            {"browser": one.agent, "since": one.created_at.isoformat(), "seen": one.seen_at.isoformat()}
            for one in Session.objects.filter(person=person).order_by("created_at")
        ],
    }


def _ways_in(person: Person) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = [
        {"passkey": key.name, "since": key.created_at.isoformat()}
        for key in Passkey.objects.filter(person=person).order_by("pk")
    ]
    found += [
        {"authenticator_app": True, "since": app.created_at.isoformat()}
        for app in AuthenticatorApp.objects.filter(person=person)
    ]
    codes = [code.used_at is None for code in RecoveryCode.objects.filter(person=person)]
    return [*found, {"recovery_codes": len(codes), "unused": sum(codes)}] if codes else found
