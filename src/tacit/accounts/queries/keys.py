"""Reading the keys of programs."""

from __future__ import annotations

from tacit.accounts.models import ProgramKey
from tacit.accounts.rules import keys as rules
from tacit.accounts.types import KeyView, NotAllowed, Scope, Visitor

KEY_DAYS = rules.DAYS


def program_keys(visitor: Visitor) -> tuple[KeyView, ...]:
    """All keys, the newest first; never the keys themselves. Raises NotAllowed."""
    if not visitor.staff:
        raise NotAllowed
    return tuple(key_view(row) for row in ProgramKey.objects.order_by("-created_at", "-pk"))


def key_view(row: ProgramKey) -> KeyView:
    """A row as the rest of the house sees it."""
    return KeyView(
        id=row.pk,
        name=row.name,
        begins=row.begins,
        scopes=tuple(Scope(each) for each in row.scopes),
        created_at=row.created_at,
        expires_at=row.expires_at,
        last_used_at=row.last_used_at,
        revoked_at=row.revoked_at,
    )
