"""Reading what was sent: every field is named in the refusal when it cannot be used."""

from __future__ import annotations

import json
import unicodedata
from typing import Any, NoReturn
from urllib.parse import urlsplit

from tacit.connectors.practice_provider.process.rules import Refusal
from tacit.core.money import LARGEST_MINOR, MoneyError, exponent


class Fields:
    """One JSON object. Fields outside ``allowed`` are refused, so that a misspelt one is noticed."""

    def __init__(self, raw: bytes, allowed: frozenset[str]) -> None:
        try:
            values = json.loads(raw.decode("utf-8") or "{}", parse_constant=_no_such_number)
        except (ValueError, RecursionError) as error:
            raise Refusal(400, "invalid_json", "the body is not JSON in UTF-8") from error
        if not isinstance(values, dict):
            raise Refusal(400, "invalid_json", "the body is not a JSON object")
        for name in values.keys() - allowed:
            shown = name[:50].encode("ascii", "replace").decode()
            raise Refusal(400, "unknown_field", f"there is no field {shown!r} here", shown)
        self.values: dict[str, Any] = values

    def text(self, name: str, *, longest: int, optional: bool = False) -> str:
        """A string of 1 to ``longest`` characters; '' when optional and absent."""
        value = self.values.get(name, "" if optional else None)
        if not isinstance(value, str):
            raise Refusal(400, "invalid_field", f"{name} must be text", name)
        return checked_text(name, value, longest=longest, optional=optional)

    def whole(self, name: str, *, low: int, high: int) -> int:
        """A whole number in low..high; no fractions, no booleans."""
        value = self.values.get(name)
        if isinstance(value, bool) or not isinstance(value, int):
            raise Refusal(400, "invalid_field", f"{name} must be a whole number", name)
        if not low <= value <= high:
            raise Refusal(400, "invalid_field", f"{name} must be between {low} and {high}", name)
        return value

    def flag(self, name: str, *, default: bool = False) -> bool:
        """true or false."""
        value = self.values.get(name, default)
        if not isinstance(value, bool):
            raise Refusal(400, "invalid_field", f"{name} must be true or false", name)
        return value

    def money(self) -> tuple[int, str]:
        """``amount_minor`` and ``currency``."""
        amount = self.whole("amount_minor", low=1, high=LARGEST_MINOR)
        currency = self.text("currency", longest=3)
        try:
            exponent(currency)
        except MoneyError as error:
            raise Refusal(400, "invalid_field", "currency must be an ISO 4217 code", "currency") from error
        return amount, currency

    def web_address(self, name: str, *, optional: bool = False) -> str:
        """An absolute http or https address."""
        value = self.text(name, longest=2000, optional=optional)
        if value and not is_web_address(value):
            raise Refusal(400, "invalid_field", f"{name} must be an http or https address", name)
        return value


def checked_text(name: str, value: str, *, longest: int, optional: bool = False) -> str:
    """``value``, or a Refusal when it is empty, too long or holds control characters."""
    if not value and not optional:
        raise Refusal(400, "invalid_field", f"{name} is missing", name)
    if len(value) > longest:
        raise Refusal(400, "invalid_field", f"{name} is longer than {longest} characters", name)
    if any(unicodedata.category(character) in ("Cc", "Cs") for character in value):
        raise Refusal(400, "invalid_field", f"{name} contains control characters", name)
    return value


def is_web_address(value: str) -> bool:
    """Absolute, http or https, with a host and a port that can be one."""
    try:
        parts = urlsplit(value)
        port = parts.port
    except ValueError:
        return False
    plain = value.isascii() and not any(c.isspace() or c in "\"'<>\\;," for c in parts.netloc)
    return parts.scheme in ("http", "https") and bool(parts.hostname) and port != 0 and plain


def _no_such_number(text: str) -> NoReturn:
    raise ValueError(text)
