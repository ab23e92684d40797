"""What a program's key is made of, and what it allows."""

from __future__ import annotations

import re
from collections.abc import Collection
from datetime import datetime, timedelta

from tacit.accounts.types import AccountError, Scope

BEGIN = "tacit_"
SECRET_BYTES = 32
SHOWN = len(BEGIN) + 6
"""Characters of a key that stay to be seen."""
LONGEST_NAME = 60
DAYS = (30, 90, 365)
"""How long a key may work, as staff choose."""
USED_EVERY = timedelta(hours=1)
"""How fine the note of a key's last use is: finer would be a write a request."""
_KEY = re.compile(rf"{BEGIN}[A-Za-z0-9_\-]{{43}}\Z")


def is_key(text: str) -> bool:
    """Whether ``text`` looks like a key at all."""
    return _KEY.match(text) is not None


def check_name(name: str) -> str:
    """What staff call the program, on one line. Raises AccountError."""
    folded = " ".join(name.split())
    if not folded:
        raise AccountError("program", "required")
    if len(folded) > LONGEST_NAME:
        raise AccountError("program", "too_long", longest=LONGEST_NAME)
    if not folded.isprintable():
        raise AccountError("program", "control_character")
    return folded


def check_scopes(scopes: Collection[str]) -> list[str]:
    """Scopes of the closed list, sorted. Raises AccountError."""
    if not scopes:
        raise AccountError("scopes", "required")
    if not set(scopes) <= set(Scope):
        raise AccountError("scopes", "unknown")
    return sorted(set(scopes))


def check_days(days: int) -> int:
    """Raises AccountError."""
    if days not in DAYS:
        raise AccountError("days", "unknown")
    return days


def granted(scopes: Collection[str]) -> frozenset[str]:
    """All that ``scopes`` allow: who may write orders may read them."""
    reads = {Scope.ORDERS_READ.value} if Scope.ORDERS_WRITE in scopes else set()
    return frozenset(scopes) | reads


def is_used_anew(last_used: datetime | None, now: datetime) -> bool:
    """Whether the last use is to be noted again."""
    return last_used is None or now - last_used >= USED_EVERY
