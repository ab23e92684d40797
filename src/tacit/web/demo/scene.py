"""What a scene is made of: sentences, and steps one can click."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from django.utils.functional import _StrPromise

    Words = str | _StrPromise


@dataclass(frozen=True, slots=True)
class Press:
    """A button: what it says, the name of the demo address it posts to, and with which ``fields``.

    Without a ``next`` among them the reader comes back to the scene, which says what happened.
    """

    label: str
    to: str
    fields: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Go:
    """A link."""

    label: str
    address: str


@dataclass(frozen=True, slots=True)
class Step:
    """What to do and what to see, in a sentence or three, and the way there."""

    text: str
    press: Press | None = None
    go: Go | None = None


@dataclass(frozen=True, slots=True)
class Scene:
    """``slug`` is its anchor; ``title`` and ``why`` are lazy, ``steps`` are made anew for each reader."""

    slug: str
    title: Words
    why: Words
    steps: Callable[[], Sequence[Step]]
