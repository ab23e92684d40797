"""Secrets that must be read again, such as an authenticator app's: encrypted with a key made from SECRET_KEY."""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING

from django.utils.crypto import salted_hmac

if TYPE_CHECKING:
    from cryptography.fernet import Fernet


def seal(text: str) -> str:
    """``text`` encrypted and signed."""
    return _box().encrypt(text.encode()).decode()


def unseal(sealed: str, *, seconds: int | None = None) -> str | None:
    """What was sealed, None when it was not by this shop's key, or longer than ``seconds`` ago."""
    from cryptography.fernet import InvalidToken

    try:
        return _box().decrypt(sealed.encode(), ttl=seconds).decode()
    except InvalidToken:
        return None


def _box() -> Fernet:
    from cryptography import fernet

    key = salted_hmac("tacit.accounts.sealing", "", algorithm="sha256").digest()
    return fernet.Fernet(base64.urlsafe_b64encode(key))
