"""One table of the file, read key by key; what is wrong is noted and reading goes on. No Django."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable, Mapping
from decimal import Decimal
from functools import cache
from typing import Any

from babel import Locale, UnknownLocaleError

from tacit.core.money import Money, MoneyError, exponent

MOST_DAYS = 365
MOST_GRAMS = 10_000_000
LONGEST_NAME = 80

_CODE = re.compile(r"[a-z0-9][a-z0-9-]{0,39}")
_PERCENT = re.compile(r"[0-9]{1,3}(\.[0-9]{1,3})?")
_LANGUAGE = re.compile(r"[a-z]{2,3}(-[a-z]{2,4})?")
_NO_COUNTRY = frozenset({"EU", "EZ", "QO", "UN", "XA", "XB", "ZZ"})
"""What CLDR lists beside countries."""
_MEANT = {"UK": "GB", "EL": "GR"}


class Entry:
    """A table at ``place``. Every reader gives None, or what was usable, after noting a problem."""

    def __init__(self, data: Mapping[str, Any], place: str, problems: list[str]) -> None:
        self.data = data
        self.place = place
        self.problems = problems

    def wrong(self, key: str, said: str) -> None:
        where = ", ".join(part for part in (self.place, key) if part)
        self.problems.append(f"{where}: {said}")

    def only(self, known: Iterable[str]) -> None:
        """Note every key that is none of ``known``."""
        for key in self.data:
            if key not in known:
                near = difflib.get_close_matches(key, known, 1)
                self.wrong(
                    key[:40],
                    f"unknown; is {near[0]} meant?" if near else f"unknown; known are {', '.join(known)}.",
                )

    def required(self, key: str, example: str) -> Any:
        if key not in self.data:
            self.wrong(key, f"missing; add a line like {key} = {example}")
        return self.data.get(key)

    def tables(self, key: str) -> list[Mapping[str, Any]]:
        """The tables written as [[key]]."""
        found = self.data.get(key, [])
        if not isinstance(found, list) or not all(isinstance(each, dict) for each in found):
            self.wrong(key, f"not a list of tables; write [[{key}]] above each.")
            return []
        return found

    def mapping(self, key: str, example: str) -> Mapping[str, Any]:
        found = self.data.get(key, {})
        if not isinstance(found, dict):
            self.wrong(key, f"not a table; write {key} = {example}")
            return {}
        return found

    def code(self, example: str) -> str | None:
        found = self.required("code", f'"{example}"')
        if found is None:
            return None
        if not isinstance(found, str) or not _CODE.fullmatch(found):
            self.wrong("code", f'{_short(found)} is no code; use up to 40 small letters, digits and "-".')
            return None
        return found

    def name(self, key: str, found: Any) -> str:
        if not isinstance(found, str) or not found.strip():
            self.wrong(key, f'{_short(found)} is no name; write it in quotes, like "Standard".')
        elif len(found.strip()) > LONGEST_NAME:
            self.wrong(key, f"{len(found.strip())} characters; use at most {LONGEST_NAME}.")
        elif not found.strip().isprintable():
            self.wrong(key, "it holds an invisible control character; type it by hand.")
        else:
            return found.strip()
        return ""

    def names(self) -> dict[str, str]:
        """``names``: language → name."""
        found = {}
        for language, name in self.mapping("names", '{ de = "Standardversand" }').items():
            if _is_language(language):
                found[language] = self.name(f"names.{language}", name)
            else:
                self.wrong(
                    f"names.{language[:20]}", "no language; use its code in small letters, like de or pt-br."
                )
        return found

    def days(self, key: str, default: tuple[int, int] | None = None) -> tuple[int, int]:
        """Working days from–to."""
        if key not in self.data and default is not None:
            return default
        found = self.required(key, "[1, 2]")
        if found is None:
            return 0, 0
        if not isinstance(found, list) or len(found) != 2 or not all(_whole(day) for day in found):
            self.wrong(key, f"{_short(found)} is not two whole numbers; write working days like [1, 2].")
        elif not 0 <= found[0] <= found[1] <= MOST_DAYS:
            self.wrong(
                key, f"{_short(found)}; write the fewest working days first, both from 0 to {MOST_DAYS}."
            )
        else:
            return found[0], found[1]
        return 0, 0

    def flag(self, key: str, *, default: bool) -> bool:
        found = self.data.get(key, default)
        if not isinstance(found, bool):
            self.wrong(key, f"{_short(found)} is neither; write true or false.")
            return default
        return found

    def country(self, key: str, found: Any) -> bool:
        """Whether it is one."""
        if isinstance(found, str) and found in _countries():
            return True
        meant = _MEANT.get(found) if isinstance(found, str) else None
        self.wrong(
            key,
            f"{_short(found)} is no country; "
            + (f"is {meant} meant?" if meant else "write two capitals, like DE."),
        )
        return False

    def currency(self, key: str, found: Any) -> bool:
        """Whether it is one."""
        try:
            exponent(found)
        except MoneyError:
            self.wrong(key, f"{_short(found)} is no currency; write three capitals, like EUR.")
            return False
        return True

    def money(self, key: str, found: Any, currency: str) -> Money | None:
        if not isinstance(found, str):
            self.wrong(key, f'{_short(found)} is not in quotes; write the amount like "4.90".')
            return None
        try:
            amount = Money.parse(found, currency)
        except MoneyError as error:
            self.wrong(key, f"{error}.")
            return None
        if amount.minor < 0:
            self.wrong(key, f'{_short(found)} is below zero; write "0" for what costs nothing.')
            return None
        return amount

    def grams(self, key: str, found: Any) -> int | None:
        if not _whole(found) or not 0 <= found <= MOST_GRAMS:
            self.wrong(
                key,
                f"{_short(found)} is no weight; write whole grams from 0 to {MOST_GRAMS}, without quotes.",
            )
            return None
        return int(found)

    def percent(self, key: str, found: Any) -> Decimal | None:
        if not isinstance(found, str) or not _PERCENT.fullmatch(found) or Decimal(found) > 100:
            self.wrong(
                key, f'{_short(found)} is no rate; write percent in quotes from "0" to "100", like "19".'
            )
            return None
        return Decimal(found)


def _whole(found: object) -> bool:
    return isinstance(found, int) and not isinstance(found, bool)


def _short(found: object) -> str:
    text = repr(found)
    return text if len(text) <= 40 else f"{text[:39]}…"


def _is_language(code: str) -> bool:
    if not _LANGUAGE.fullmatch(code):
        return False
    try:
        Locale.parse(code, sep="-")
    except (ValueError, UnknownLocaleError):
        return False
    return True


@cache
def _countries() -> frozenset[str]:
    known = (str(code) for code in Locale("en").territories)
    return frozenset(code for code in known if re.fullmatch("[A-Z]{2}", code)) - _NO_COUNTRY
