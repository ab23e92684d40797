"""What a fragment is: a part of a page that is fetched after it, and may be absent."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from django.utils.functional import Promise


@dataclass(frozen=True, slots=True)
class Asked:
    """What a fragment is asked for; nothing about who asks. ``slug``: the product of the page."""

    slug: str
    currency: str
    language: str


Loader = Callable[[Asked], Mapping[str, Any] | None]
"""What the template shows; None when there is nothing to show. Reads only: whatever it writes is undone. Raises
NoSuchProduct for a product there is not."""


@dataclass(frozen=True, slots=True)
class Budget:
    """What a fragment may cost: bytes of HTML, milliseconds from asking to rendered, SQL statements."""

    bytes: int
    milliseconds: int
    statements: int


@dataclass(frozen=True, slots=True)
class Fragment:
    """``room``: whose data it shows. ``title``: what its link says before it is there, and its page's heading."""

    name: str
    room: str
    title: str | Promise
    template: str
    load: Loader
    budget: Budget


class Outcome(StrEnum):
    """How asking for a fragment ended. All but SHOWN, NOTHING and UNKNOWN are trouble, and it is absent."""

    SHOWN = "shown"
    NOTHING = "nothing"
    UNKNOWN = "unknown"
    OFF = "off"
    RESTING = "resting"
    BUSY = "busy"
    BROKEN = "broken"
    LATE = "late"
    TOO_MANY_STATEMENTS = "too_many_statements"
    TOO_MANY_BYTES = "too_many_bytes"
