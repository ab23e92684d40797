"""What needs a person now. A room that has something for people adds one file here and its line below.

Each file has ``find(asked) -> Found | None``: one cheap query, not one a row; None when nobody is needed.
"""

from __future__ import annotations

from collections.abc import Callable

from tacit.web.desk.needs import drift, jobs, mails, money, parcels, readers, sending, stock, webhooks
from tacit.web.desk.needs.types import Asked, Found

NEEDS: tuple[Callable[[Asked], Found | None], ...] = (
    drift.find,
    money.find,
    parcels.find,
    sending.find,
    mails.find,
    webhooks.find,
    jobs.find,
    readers.find,
    stock.find,
)
"""The most pressing first."""


def find_all(asked: Asked) -> list[Found]:
    """Everything that needs a person now. Raises NotAllowed."""
    return [found for find in NEEDS if (found := find(asked)) is not None]


__all__ = ["NEEDS", "Asked", "Found", "find_all"]
