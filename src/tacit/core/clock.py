"""The one place that asks what time it is. Faces, commands and jobs call it; rules and actions are told."""

from __future__ import annotations

from datetime import UTC, datetime


def now() -> datetime:
    """The present moment, aware, in UTC."""
    return datetime.now(UTC)
