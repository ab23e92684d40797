"""Who asks for the house's own rows: mail, jobs, journal.

Rooms know visitors; core only has to know whether somebody works here.
"""

from __future__ import annotations

from typing import Protocol
from uuid import UUID


class Asking(Protocol):
    """Whoever asks, as proven; ``accounts.types.Visitor`` is one."""

    @property
    def staff(self) -> bool: ...

    @property
    def person(self) -> UUID | None: ...


class NotAllowed(Exception):
    """The person asking may not do this."""


def staff_only(asking: Asking) -> None:
    """Raises NotAllowed unless somebody who works here asks."""
    if not asking.staff:
        raise NotAllowed


def name_of(asking: Asking) -> str | None:
    """The opaque id of the person asking, for the record."""
    return str(asking.person) if asking.person else None
