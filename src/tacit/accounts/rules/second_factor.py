"""Codes of an authenticator app (RFC 6238), recovery codes, and how often either may be tried."""

from __future__ import annotations

import hmac
import re
import secrets
from datetime import datetime, timedelta

import pyotp

from tacit.accounts.types import AccountError
from tacit.core.ids import ALPHABET

STEP_SECONDS = 30
DRIFT_STEPS = 1
"""Steps before and after the present one whose code is taken: clocks differ, and typing takes time."""
RECOVERY_CODES = 10
RECOVERY_LENGTH = 10
"""Symbols of 5 bits: 50 random bits a code."""

MOST_TRIES = 10
TRIES_WITHIN = timedelta(hours=6)
"""Forty tries a day at three codes in a million: a guesser who reads the mail as well gets in within a day
once in 8,000 days. A browser that was let in before has tries of its own."""

_RECOVERY = re.compile(rf"[{ALPHABET}]{{{RECOVERY_LENGTH}}}\Z")
_CODE = re.compile(r"[0-9]{6}\Z")
_LOOK_ALIKE = str.maketrans("OIL", "011")


def new_secret() -> str:
    """160 random bits in base 32."""
    return pyotp.random_base32()


def address(secret: str, *, account: str, shop: str) -> str:
    """What an authenticator app reads from a QR code."""
    return pyotp.TOTP(secret).provisioning_uri(name=account, issuer_name=shop)


def matching_step(secret: str, code: str, *, now: datetime, after: int) -> int | None:
    """The time step whose code this is, within DRIFT_STEPS of now and later than ``after``; None if there is none."""
    totp = pyotp.TOTP(secret)
    present = int(now.timestamp()) // STEP_SECONDS
    steps = range(present - DRIFT_STEPS, present + DRIFT_STEPS + 1)
    # Every step is compared, whichever fits.
    fitting = [step for step in steps if hmac.compare_digest(totp.generate_otp(step), code) and step > after]
    return fitting[0] if fitting else None


def read_code(text: str) -> str:
    """What was typed, as six digits of the app or as a recovery code. Raises AccountError: required, not_a_code."""
    plain = re.sub(r"[\s\-\u2013]", "", text).upper()
    if not plain:
        raise AccountError("factor", "required")
    if _CODE.match(plain):
        return plain
    plain = plain.translate(_LOOK_ALIKE)
    if _RECOVERY.match(plain):
        return plain
    raise AccountError("factor", "not_a_code")


def is_of_app(code: str) -> bool:
    """Whether what ``read_code`` read is a code of the app."""
    return len(code) == 6


def new_recovery_codes() -> list[str]:
    """Fresh codes as they are shown: ``7K3M9-QX2C4``."""
    codes = ["".join(secrets.choice(ALPHABET) for _ in range(RECOVERY_LENGTH)) for _ in range(RECOVERY_CODES)]
    return [f"{code[:5]}-{code[5:]}" for code in codes]
