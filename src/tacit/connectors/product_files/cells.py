"""What one cell of a file holds, read and written. No Django, no I/O."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from decimal import Decimal
from typing import NamedTuple

from tacit.core.money import Money, MoneyError

LONGEST_TEXT = 20_000
_FORMULA = re.compile(r"'*[=+\-@＝＋－＠\t\r]")
_GUARDED = re.compile(r"'+[=+\-@＝＋－＠\t\r]")
_YES = frozenset(["yes", "true", "1"])
_NO = frozenset(["no", "false", "0"])
_WHOLE = re.compile(r"[+-]?[0-9]{1,9}")
_ESCAPED = re.compile(r"\\(.)", re.S)
_NAME_AND_VALUE = re.compile(r"((?:[^\\:]|\\.)*):(.*)", re.S)
_MEANS_SOMETHING = re.compile(r"[\\>{]")
_STEP_WITH_SLUG = re.compile(r"(.*?)\s*(?<!\\)\{([a-z0-9-]+)\}", re.S)


class Unusable(ValueError):
    """Why a cell cannot be used: one clause that begins with "it"."""


class Step(NamedTuple):
    """A category in a path: its name, and its slug where that is not the one the name makes."""

    name: str
    slug: str = ""


def guarded(text: str) -> str:
    """``text`` that no spreadsheet takes for a formula: an apostrophe is put before one."""
    return f"'{text}" if _FORMULA.match(text) else text


def unguarded(text: str) -> str:
    """Takes back what ``guarded`` did."""
    return text[1:] if _GUARDED.match(text) else text


def line_of_text(text: str, *, longest: int, required: bool = False) -> str:
    """On one line, white space folded. Raises Unusable."""
    _no_control(text)
    folded = " ".join(text.split())
    if required and not folded:
        raise Unusable("it is empty")
    if len(folded) > longest:
        raise Unusable(f"it is longer than {longest:,} characters")
    return folded


def paragraphs(text: str) -> str:
    """As it stands. Raises Unusable."""
    _no_control(text)
    if len(text) > LONGEST_TEXT:
        raise Unusable(f"it is longer than {LONGEST_TEXT:,} characters")
    return text


def _no_control(text: str) -> None:
    if not text.isprintable() and any(unicodedata.category(c) == "Cc" and c not in "\n\t" for c in text):
        raise Unusable("it contains a control character")


def visible(text: str) -> str:
    """``text`` as import takes it: line ends alike, no control characters."""
    alike = text.replace("\r\n", "\n").replace("\r", "\n")
    return "".join(c for c in alike if c in "\n\t" or unicodedata.category(c) != "Cc")


def paragraphs_text(text: str) -> str:
    """``text`` as import takes it back; '' when there is nothing to see."""
    return seen if (seen := visible(text)).strip() else ""


def folded(text: str) -> str:
    """``text`` on one line, as import takes it."""
    return " ".join(visible(text).split())


def yes_or_no(text: str) -> bool:
    """Raises Unusable."""
    word = text.strip().lower()
    if word in _YES:
        return True
    if word in _NO:
        return False
    raise Unusable("it is neither yes nor no")


def whole_number(text: str) -> int:
    """Raises Unusable."""
    if not _WHOLE.fullmatch(text.strip()):
        raise Unusable("it is not a whole number")
    return int(text)


def pieces(text: str) -> int:
    """Of stock, 0 to ten million. Raises Unusable."""
    number = whole_number(text)
    if not 0 <= number <= 10_000_000:
        raise Unusable("it is not between 0 and 10,000,000")
    return number


def grams(text: str) -> int:
    """Of weight, 0 to ten million. Raises Unusable."""
    number = whole_number(text)
    if not 0 <= number <= 10_000_000:
        raise Unusable("it is not between 0 and 10,000,000 grams")
    return number


def amount(text: str, currency: str) -> Money:
    """Raises Unusable."""
    try:
        money = Money.parse(text, currency)
    except MoneyError as error:
        reason = (
            "it is not an amount such as 12.50"
            if "not an amount" in str(error)
            else f"it is no price: {error}"
        )
        raise Unusable(reason) from None
    if money.minor < 0:
        raise Unusable("it is less than nothing")
    return money


def amount_text(money: Money) -> str:
    """``39.00``."""
    value: Decimal = money.amount()
    return f"{value:f}"


def pairs(text: str, *, longest_name: int, longest_value: int) -> tuple[tuple[str, str], ...]:
    """``Name: value``, one a line; a colon in a name is written ``\\:``. Raises Unusable."""
    found: dict[str, str] = {}
    for number, line in enumerate(text.split("\n"), start=1):
        if not line.strip():
            continue
        parts = _NAME_AND_VALUE.fullmatch(line)
        if parts is None:
            raise Unusable(f"its line {number} is not written Name: value")
        name = line_of_text(_ESCAPED.sub(r"\1", parts[1]), longest=longest_name, required=True)
        if name in found:
            raise Unusable(f"it says {name!r} twice")
        found[name] = line_of_text(parts[2], longest=longest_value)
    return tuple(found.items())


def pairs_text(items: Iterable[tuple[str, str]]) -> str:
    return "\n".join(
        f"{folded(name).replace(chr(92), chr(92) * 2).replace(':', chr(92) + ':')}: {folded(value)}".rstrip()
        for name, value in items
    )


def path(text: str) -> tuple[Step, ...]:
    """``Kitchen > Kettles``, from the top; ``Kettles {pots}`` names the slug too. Raises Unusable."""
    if not text.strip():
        return ()
    steps = []
    for part in _parts(text):
        named = _STEP_WITH_SLUG.fullmatch(part.strip())
        name, slug = (named[1], named[2]) if named else (part, "")
        shown = line_of_text(_ESCAPED.sub(r"\1", name), longest=120, required=True)
        steps.append(Step(shown, slug))
    if len(steps) > 8:
        raise Unusable("it is deeper than 8 categories")
    return tuple(steps)


def names(text: str) -> tuple[str, ...]:
    """A path in another language: names from the top, an empty one where there is no translation."""
    return tuple(line_of_text(_ESCAPED.sub(r"\1", part), longest=120) for part in _parts(text))


def _parts(text: str) -> list[str]:
    parts, current, skip = [], "", False
    for character in text:
        if not skip and character == ">":
            parts.append(current)
            current = ""
            continue
        current += character
        skip = character == "\\" and not skip
    return [*parts, current]


def path_text(steps: Iterable[Step]) -> str:
    return " > ".join(
        _MEANS_SOMETHING.sub(r"\\\g<0>", folded(step.name)) + (f" {{{step.slug}}}" if step.slug else "")
        for step in steps
    )
