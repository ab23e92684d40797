"""What lets nobody in any more is thrown away, what counts for a limit is not."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from tacit.accounts import actions
from tacit.accounts.models import PasskeyChallenge, SecondFactorTries, Session, SignInCode
from tacit.accounts.types import Site


@pytest.mark.django_db
def test_only_what_ran_out_is_thrown_away() -> None:
    now = datetime.now(UTC)
    person = actions.known_person(email="ana@example.com", name="", now=now)
    for key, days in (("old", -1), ("live", 1)):
        Session.objects.create(
            session_key=key,
            session_data="",
            expire_date=now + timedelta(days=days),
            handle=key,
            created_at=now,
            seen_at=now,
        )
    site = Site("shop.example.com", "https://shop.example.com", "Nordwind")
    for ago in (timedelta(days=3), timedelta(hours=23)):
        actions.request_code(email="ana@example.com", now=now - ago)
    for ago, known in ((timedelta(hours=7), True), (timedelta(hours=5), False)):
        SecondFactorTries.objects.create(person_id=person.id, known=known, since=now - ago, tries=10)
    actions.ask_for_passkey(site=site, client="", now=now - timedelta(minutes=16))
    actions.tidy(now=now)
    left = actions.ask_for_passkey(site=site, client="", now=now)
    actions.tidy(now=now)
    assert [row.pk for row in Session.objects.all()] == ["live"]
    assert SignInCode.objects.count() == 1
    assert [row.known for row in SecondFactorTries.objects.all()] == [False]
    assert [row.pk for row in PasskeyChallenge.objects.all()] == [left.token]
