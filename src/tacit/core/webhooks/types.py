"""Endpoints and deliveries as the desk shows them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class EndpointRow:
    """``off``: '' while it is on, else why not: staff, gone, failing. ``failed``: deliveries given up.

    ``both_until``: until when the secret before the present one signs as well; None when it does not.
    """

    id: int
    url: str
    description: str
    kinds: tuple[str, ...]
    created_at: datetime
    failing_since: datetime | None
    off: str
    off_at: datetime | None
    failed: int
    waiting: int
    both_until: datetime | None

    @property
    def name(self) -> str:
        """What it is called: its description, else its address."""
        return self.description or self.url


@dataclass(frozen=True, slots=True)
class DeliveryRow:
    """``code``: the HTTP status last answered. ``error``: '' or one of ``address.ERRORS``. ``due_at``: the next try."""

    id: int
    endpoint: int
    endpoint_name: str
    endpoint_is_on: bool
    entry: int | None
    kind: str
    message_id: str
    status: str
    attempts: int
    created_at: datetime
    due_at: datetime
    sent_at: datetime | None
    code: int | None
    error: str
