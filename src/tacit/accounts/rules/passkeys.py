"""What is asked of passkeys, and of their names."""

from __future__ import annotations

from datetime import timedelta

from tacit.accounts.types import AccountError
from tacit.core import address
from tacit.core.address import AddressRefusal

MOST_PASSKEYS = 20
LONGEST_NAME = 60
LONGEST_ANSWER = 32_000
"""Characters of JSON a browser may answer with; real ones have about 1,500."""
CHALLENGE_LIFETIME = timedelta(minutes=5)
CHALLENGES_A_CLIENT = 100
"""Challenges one network address may ask for within ten minutes: each opened sign-in page asks for one."""


def check_name(typed: str) -> str:
    """What its owner calls a passkey. Raises AccountError: required, too_long, control_character."""
    try:
        return address.one_line("name", typed, longest=LONGEST_NAME)
    except AddressRefusal as refused:
        raise AccountError("passkey_name", refused.code, **refused.parameters) from None
