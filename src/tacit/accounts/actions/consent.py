"""Saying yes, and taking it back."""

from __future__ import annotations

import logging
from collections.abc import Iterable
from datetime import UTC, datetime
from uuid import UUID

from django.db import transaction

from tacit.accounts import wording
from tacit.accounts.actions.held import hold
from tacit.accounts.models import Consent, Person
from tacit.accounts.rules import consent as rules
from tacit.accounts.types import NotAllowed, Source, Visitor
from tacit.core import journal, ports
from tacit.core.events import ConsentSet
from tacit.core.personal import ErasureLog, ErasureNotNoted

log = logging.getLogger(__name__)
TAKEN_BACK = "consent"
"""What a line about a consent begins with, beside the backups: consent:PERSON:PURPOSE:SECONDS."""


def set_consent(
    visitor: Visitor, *, purpose: str, granted: bool, source: Source, version: str, now: datetime
) -> None:
    """Note what somebody signed in answers to ``purpose``, having read the text ``version``.

    An answer that changes nothing is not noted again. One taken back is written down beside the backups as well, so
    that no older one says yes again; where that cannot be, it is taken back all the same. Raises NotAllowed,
    AccountError (``purpose``: ``unknown``, ``old_text``).
    """
    if visitor.person is None:
        raise NotAllowed
    asked = rules.check_purpose(purpose)
    version = rules.check_version(version, known=wording.consent_versions(asked))
    with transaction.atomic():
        hold(f"consent:{visitor.person}")
        # The row is held, so that an erasure beside this waits, or this finds nobody.
        if (
            not Person.objects.select_for_update(no_key=True)
            .filter(pk=visitor.person, is_active=True)
            .exists()
        ):
            raise NotAllowed
        answers = Consent.objects.filter(person=visitor.person, purpose=asked)
        latest = answers.order_by("-id").values_list("granted", flat=True).first()
        if bool(latest) == granted:
            return
        Consent.objects.create(
            person=visitor.person,
            purpose=asked,
            granted=granted,
            source=source,
            text_version=version,
            at=now,
        )
        journal.record(ConsentSet(str(visitor.person), asked, granted), at=now)
        if not granted:
            _note(visitor.person, asked, now)


def _note(person: UUID, purpose: str, now: datetime) -> None:
    try:
        ports.get(ErasureLog).append([f"{TAKEN_BACK}:{person}:{purpose}:{int(now.timestamp())}"], now)
    except ErasureNotNoted as trouble:
        log.error("a consent taken back is not written down beside the backups: %s", trouble)


def take_back_again(names: Iterable[str]) -> int:
    """In a shop restored from a backup: consents taken back since are taken back again; how many.

    ``names``: consent:PERSON:PURPOSE:SECONDS. What was said later than that stays. Nobody else uses the shop.
    """
    done = 0
    for name in names:
        _kind, person, purpose, seconds = name.split(":")
        at = datetime.fromtimestamp(int(seconds), UTC)
        latest = Consent.objects.filter(person=person, purpose=purpose).order_by("-id").first()
        if latest is None or not latest.granted or int(latest.at.timestamp()) > int(seconds):
            continue
        Consent.objects.create(
            person=latest.person,
            purpose=purpose,
            granted=False,
            source=Source.RESTORE,
            text_version=latest.text_version,
            at=at,
        )
        journal.record(ConsentSet(str(latest.person), purpose, False), at=at)
        done += 1
    return done
