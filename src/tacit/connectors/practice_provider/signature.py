"""How the practice provider and the shop prove themselves to each other, from one shared secret."""

from __future__ import annotations

import hashlib
import hmac
from datetime import datetime

HEADER = "Practice-Signature"
AHEAD_HEADER = "Practice-Ahead"
"""How many seconds the shop's clock is ahead of the world; sent by demos only."""
FRESH_SECONDS = 300
"""A webhook signed longer ago than this is refused, so that a recorded one cannot be played back later."""

_LONGEST_HEADER = 500


class BadSignature(Exception):
    """The message is not from the provider, not whole or not fresh; the text says which, for logs."""


def _derived(secret: str, purpose: str) -> bytes:
    # One key for each purpose: an API key that leaks into a log does not let anyone forge webhooks.
    return hmac.digest(secret.encode(), b"practice provider: " + purpose.encode(), hashlib.sha256)


def api_key(secret: str) -> str:
    """What the shop sends as ``Authorization: Bearer …``."""
    return "practice_" + _derived(secret, "api").hex()


def fingerprint(secret: str, card_number: str) -> str:
    """Opaque, and equal for equal cards."""
    return hmac.new(_derived(secret, "fingerprint"), card_number.encode(), hashlib.sha256).hexdigest()[:32]


def sign(secret: str, body: bytes, *, at: int) -> str:
    """The header for ``body`` sent at ``at`` (seconds since 1970): ``t=…,v1=…``."""
    return f"t={at},v1={_mac(secret, body, str(at))}"


def verify(secret: str, header: str, body: bytes, *, now: datetime) -> None:
    """Raises BadSignature unless ``header`` signs exactly ``body``, at most five minutes off ``now``."""
    if len(header) > _LONGEST_HEADER:
        raise BadSignature("the signature header is too long")
    parts = [part.partition("=") for part in header.split(",")]
    stamps = [value for name, _, value in parts if name.strip() == "t"]
    macs = [value for name, _, value in parts if name.strip() == "v1"]
    if len(stamps) != 1 or not macs or not (stamps[0].isascii() and stamps[0].isdigit()):
        raise BadSignature("the signature header cannot be read")
    expected = _mac(secret, body, stamps[0]).encode()
    if not any(hmac.compare_digest(expected, mac.strip().encode()) for mac in macs):
        raise BadSignature("the signature does not fit the body")
    if abs(now.timestamp() - int(stamps[0])) > FRESH_SECONDS:
        raise BadSignature("the signature is not fresh")


def _mac(secret: str, body: bytes, stamp: str) -> str:
    return hmac.new(_derived(secret, "webhook"), stamp.encode() + b"." + body, hashlib.sha256).hexdigest()
