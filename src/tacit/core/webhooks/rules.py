"""What is decided about webhooks: what can be told, when it is tried again, what is signed and how. Pure."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from standardwebhooks import Webhook

OFFERED = (
    "order.placed",
    "order.paid",
    "order.failed",
    "order.changed",
    "order.cancelled",
    "order.shipped",
    "order.price_lowered",
    "parcel.delivered",
    "parcel.delayed",
    "parcel.lost",
    "payment.captured",
    "payment.refunded",
    "stock.set",
    "orders.imported",
    "person.erased",
)
"""Kinds of the journal that programs may be told of. A new kind leaves the house only when it is added here."""
TEST_KIND = "webhook.test"

SCHEDULE = (
    timedelta(seconds=5),
    timedelta(minutes=5),
    timedelta(minutes=30),
    timedelta(hours=2),
    timedelta(hours=5),
    timedelta(hours=10),
    timedelta(hours=14),
    timedelta(hours=20),
    timedelta(hours=24),
)
"""Pauses after each failed try, as Standard Webhooks has them."""
MOST_TRIES = len(SCHEDULE) + 1
JITTER = 0.2
"""A pause grows by up to this part of it, so that what failed together does not come back together."""
FAILING_FOR = timedelta(days=3)
"""An endpoint at which nothing arrived for so long is switched off when a delivery is given up."""
BOTH_SECRETS_FOR = timedelta(hours=24)


def retry_after(tries: int, *, chance: float) -> timedelta | None:
    """The pause after the ``tries``-th failed try (from 1); None: it is given up. ``chance``: from 0 to 1."""
    if tries >= MOST_TRIES:
        return None
    return SCHEDULE[max(tries, 1) - 1] * (1 + JITTER * chance)


def is_given_up_on(failing_since: datetime | None, now: datetime) -> bool:
    """Whether an endpoint has been failing for so long that it is switched off."""
    return failing_since is not None and now - failing_since >= FAILING_FOR


def derive_secret(key: str, *, seed: str, generation: int) -> str:
    """The endpoint's ``whsec_…``: 256 bits that only ``key``, the installation's own, can make again."""
    label = f"tacit.webhooks\0{seed}\0{generation}".encode()
    return f"whsec_{base64.b64encode(hmac.digest(key.encode(), label, hashlib.sha256)).decode()}"


def generations(generation: int, rotated_at: datetime | None, now: datetime) -> tuple[int, ...]:
    """Which generations of the secret sign now, the present one first."""
    if generation > 1 and rotated_at is not None and now < rotated_at + BOTH_SECRETS_FOR:
        return generation, generation - 1
    return (generation,)


def body(kind: str, at: datetime, data: Mapping[str, Any]) -> str:
    """The message as JSON, the same at every try. ``timestamp`` is when it happened, in UTC."""
    message = {"type": kind, "timestamp": at.astimezone(UTC).isoformat(), "data": data}
    return json.dumps(message, ensure_ascii=False, separators=(",", ":"))


def headers(message_id: str, text: str, *, secrets: Sequence[str], signed_at: datetime) -> dict[str, str]:
    """What goes before ``text``, with a signature by each of ``secrets``. ``signed_at`` in UTC, the world's time."""
    whole = signed_at.replace(microsecond=0)
    return {
        "content-type": "application/json; charset=utf-8",
        "user-agent": "Tacit-Webhooks/1",
        "webhook-id": message_id,
        "webhook-timestamp": str(int(whole.timestamp())),
        "webhook-signature": " ".join(Webhook(each).sign(message_id, whole, text) for each in secrets),
    }
