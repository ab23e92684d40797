"""What counts as an e-mail address and a code, and how often either may be asked for."""

from __future__ import annotations

import math
import re
import unicodedata
from collections.abc import Sequence
from datetime import datetime, timedelta

from tacit.accounts.types import AccountError
from tacit.core.network import network

__all__ = ["network"]

LONGEST_EMAIL = 254
"""RFC 5321: a path is at most 256 octets, its two angle brackets included."""
LONGEST_LOCAL = 64

CODE_DIGITS = 6
CODE_TRIES = 5
CODE_LIFETIME = timedelta(minutes=10)

CODES_AT_ONCE = 3
AT_ONCE = timedelta(minutes=10)
CODES_A_DAY = 10
DAY = timedelta(days=1)
"""Ten codes of five tries each let a guesser of one address in on one day in 20,000."""
CODES_A_CLIENT = 20
"""Codes one network address may ask for within AT_ONCE, whatever e-mail addresses it names."""

_CODE = re.compile(rf"[0-9]{{{CODE_DIGITS}}}\Z")
_TOKEN = re.compile(r"[A-Za-z0-9_\-]{16,32}\Z")


def normalise_email(text: str) -> str:
    """The address in the one form it is kept in: lower case, ASCII (domains in IDNA).

    Only the form of ASCII letters and of the domain changes, so two people's addresses never become one.
    Raises AccountError: required, too_long, control_character, not_an_email. Whether it is well formed
    otherwise is left to the caller.
    """
    address = text.strip(" \t\r\n")
    if not address:
        raise AccountError("email", "required")
    if any(unicodedata.category(character) in {"Cc", "Cf", "Cs", "Zl", "Zp"} for character in address):
        raise AccountError("email", "control_character")
    if len(address) > LONGEST_EMAIL:
        raise AccountError("email", "too_long", longest=LONGEST_EMAIL)
    local, _, domain = address.rpartition("@")
    if not local.isascii() or not 1 <= len(local) <= LONGEST_LOCAL:
        raise AccountError("email", "not_an_email")
    try:
        plain = domain.encode("idna").decode("ascii")
    except UnicodeError:
        raise AccountError("email", "not_an_email") from None
    whole = f"{local}@{plain}".lower()
    if len(whole) > LONGEST_EMAIL:
        raise AccountError("email", "too_long", longest=LONGEST_EMAIL)
    return whole


def check_code(text: str) -> str:
    """The digits of a code as typed, spaces and dashes left out.

    Raises AccountError: required, not_a_code.
    """
    digits = re.sub(r"[ \t\-\u00a0\u2013]", "", text)
    if not digits:
        raise AccountError("code", "required")
    if not _CODE.match(digits):
        raise AccountError("code", "not_a_code", digits=CODE_DIGITS)
    return digits


def is_token(text: str) -> bool:
    """Whether this has the form of a sign-in token."""
    return bool(_TOKEN.match(text))


def may_send(*, lately: int, today: int) -> bool:
    """Whether one more code may go to an address that got so many within AT_ONCE and DAY.

    Codes that known browsers asked for and those of all others are counted apart, so that strangers who ask
    for somebody's codes never use up what the browsers of that person may have.
    """
    return lately < CODES_AT_ONCE and today < CODES_A_DAY


def may_ask(*, lately: int) -> bool:
    """Whether one network address that caused so many codes within AT_ONCE may ask for another."""
    return lately < CODES_A_CLIENT


def seconds_to_wait(asked: Sequence[datetime], *limits: tuple[int, timedelta], now: datetime) -> int:
    """Until none of ``limits`` (so many within that time) holds back one more; 0 when none does.

    ``asked``: when codes were asked for, the newest first.
    """
    over = [asked[most - 1] + within - now for most, within in limits if len(asked) >= most]
    return max(0, *(math.ceil(each.total_seconds()) for each in over)) if over else 0
