"""Who said yes to what."""

from __future__ import annotations

from uuid import UUID

from tacit.accounts import wording
from tacit.accounts.models import Consent
from tacit.accounts.types import ConsentAnswer, ConsentView, NotAllowed, Purpose, Source, Visitor


def consents(visitor: Visitor) -> list[ConsentView]:
    """Where whoever is signed in stands on every purpose; off unless their last answer was yes. Raises NotAllowed."""
    latest = {answer.purpose: answer for answer in reversed(consent_answers(visitor))}
    return [
        ConsentView(
            purpose=purpose,
            granted=purpose in latest and latest[purpose].granted,
            at=latest[purpose].at if purpose in latest else None,
            version=wording.consent_version(purpose),
        )
        for purpose in Purpose
    ]


def consent_answers(visitor: Visitor) -> list[ConsentAnswer]:
    """All they answered, newest first. Raises NotAllowed."""
    if visitor.person is None:
        raise NotAllowed
    return answers_of(visitor.person)


def said_yes(person: UUID, purpose: Purpose) -> bool:
    """Whether this person's last answer to ``purpose`` is yes. For rooms that act on it."""
    rows = Consent.objects.filter(person=person, purpose=purpose).order_by("-id")
    return bool(rows.values_list("granted", flat=True).first())


def answers_of(person: UUID) -> list[ConsentAnswer]:
    """All answers of a person, newest first."""
    return [
        ConsentAnswer(Purpose(row.purpose), row.granted, Source(row.source), row.text_version, row.at)
        for row in Consent.objects.filter(person=person).order_by("-id")
    ]
