"""The journal's reader that writes what is to be delivered."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from tacit.core import ids, journal
from tacit.core.models import WebhookDelivery, WebhookEndpoint
from tacit.core.webhooks.rules import OFFERED

READER = "core.webhooks"


def write_due(*, now: datetime) -> None:
    """Write a delivery for every new entry and every endpoint that asked for its kind. Each pair once."""
    while journal.read(READER, lambda entries: _write(entries, now), now=now):
        pass


def _write(entries: Sequence[journal.Entry], now: datetime) -> None:
    told = [entry for entry in entries if not entry.historic and entry.kind in OFFERED]
    if not told:
        return
    endpoints = WebhookEndpoint.objects.filter(off_at__isnull=True)
    WebhookDelivery.objects.bulk_create(
        [
            WebhookDelivery(
                endpoint=endpoint,
                entry_id=entry.id,
                kind=entry.kind,
                message_id=new_message_id(),
                due_at=now,
                created_at=now,
            )
            # Locked: one that is removed meanwhile would leave a delivery without its endpoint.
            for endpoint in endpoints.select_for_update(no_key=True).order_by("id")
            for entry in told
            if entry.kind in endpoint.kinds and entry.id > endpoint.since_entry
        ],
        ignore_conflicts=True,
    )


def new_message_id() -> str:
    """What receivers tell messages apart by."""
    return f"msg_{ids.token()}"
