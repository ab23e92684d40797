"""Who is asking."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from tacit.core.asking import NotAllowed
from tacit.core.refusal import Refusal

__all__ = ["AccountError", "NotAllowed", "PersonView", "Visitor"]


@dataclass(frozen=True, slots=True)
class Visitor:
    """Whoever is asking, as proven: every query for somebody's rows takes one.

    ``person``: signed in. ``cart``: the cart token of this browser, '' if none. ``order``: the number of the
    one order whose signed link was presented. ``staff``: a signed-in member of staff who showed a second
    factor. ``program``: the id of a program's key, '' if none; ``scopes``: what that key allows, nothing more.
    """

    person: UUID | None = None
    cart: str = ""
    order: str = ""
    staff: bool = False
    program: str = ""
    scopes: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class PersonView:
    """A person as pages show them."""

    id: UUID
    email: str
    name: str
    is_staff: bool
    created_at: datetime


class AccountError(Refusal):
    """Something the person signing in can mend."""
