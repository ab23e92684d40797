"""What a need is asked, and what it answers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from tacit.accounts.types import Visitor

SHOWN = 8
"""Rows of one need on the first page; the rest is behind its title."""


@dataclass(frozen=True, slots=True)
class Asked:
    """``back``: where acts from a row come back to."""

    visitor: Visitor
    now: datetime
    back: str


@dataclass(frozen=True, slots=True)
class Found:
    """One section: ``title`` with its count leads to ``href``, where all rows are; ``rows`` are drawn by ``template``.

    ``note``: a sentence under the title. ``choose``: several rows can be chosen and sent at once.
    """

    name: str
    title: str
    href: str
    template: str
    rows: Sequence[object]
    more: bool = False
    note: str = ""
    choose: bool = False
