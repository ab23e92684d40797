"""Names nobody can guess. No Django."""

from __future__ import annotations

import secrets

# Crockford's base 32 without vowels' look-alikes: nothing to misread on the telephone.
ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
ORDER_NUMBER_LENGTH = 12
"""12 symbols of 5 bits: 60 random bits; guessing one of a million orders takes about 10**12 tries."""


def order_number() -> str:
    """A fresh order number such as ``7K3M9QX2C4TB``; unguessable, unique by constraint."""
    return "".join(secrets.choice(ALPHABET) for _ in range(ORDER_NUMBER_LENGTH))


def token() -> str:
    """128 random bits as 22 URL-safe characters: cart tokens, payment references, idempotency keys."""
    return secrets.token_urlsafe(16)
