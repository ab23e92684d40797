"""Which answers about consent can be taken."""

from __future__ import annotations

from tacit.accounts.types import AccountError, Purpose


def check_purpose(code: str) -> Purpose:
    """The purpose called ``code``. Raises AccountError (``purpose``, ``unknown``)."""
    try:
        return Purpose(code)
    except ValueError:
        raise AccountError("purpose", "unknown") from None


def check_version(given: str, *, known: frozenset[str]) -> str:
    """The text that was shown; only one that exists can have been. Raises AccountError (``purpose``, ``old_text``)."""
    if given not in known:
        raise AccountError("purpose", "old_text")
    return given
