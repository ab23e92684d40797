"""Where people are signed in."""

from __future__ import annotations

from django.db.models.functions import Now

from tacit.accounts.models import Session
from tacit.accounts.rules import agents
from tacit.accounts.types import SessionView, Visitor


def agent_label(user_agent: str) -> str:
    """What is kept of a browser's name: ``Firefox/Linux``, '' when unknown."""
    return agents.label(user_agent)


def sessions(visitor: Visitor, *, here: str) -> tuple[SessionView, ...]:
    """The signed-in person's browsers, the one that asks (its session key ``here``) first, then the latest seen."""
    if visitor.person is None:
        return ()
    rows = Session.objects.filter(person_id=visitor.person, expire_date__gt=Now()).order_by(
        "-seen_at", "handle"
    )
    shown = [
        SessionView(row.handle, row.agent, row.created_at, row.seen_at, row.session_key == here)
        for row in rows
    ]
    return tuple(sorted(shown, key=lambda each: not each.here))
