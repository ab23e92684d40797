"""One line of the file → one staged row, or what is wrong with it. No Django, no I/O."""

from __future__ import annotations

import csv
import re
import unicodedata
from collections.abc import Callable
from datetime import UTC, datetime
from decimal import ROUND_HALF_UP, Decimal
from typing import NamedTuple, TypeVar
from zoneinfo import ZoneInfo

from tacit.connectors.files.bad import BadRow, bad_row
from tacit.connectors.order_files.names import readable
from tacit.connectors.order_files.profile import Profile
from tacit.core.money import LARGEST_MINOR, exponent

LONGEST_NAME = 200
LONGEST_CODE = 64
LARGEST_QUANTITY = 10**9
MOST_LINES = 50_000
"""Of one invoice: an order is written as a whole."""
_REMEMBERED = 50_000

_INVOICE = re.compile(r"([A-Za-z]?)[0-9]{1,18}")
_QUANTITY = re.compile(r"[+-]?[0-9]{1,10}")
_PRICE = re.compile(r"-?[0-9]{1,12}(\.[0-9]{1,10})?")
_TIME = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}[ T][0-9]{2}:[0-9]{2}(:[0-9]{2})?")
_CUSTOMER = re.compile(r"([0-9]{1,20})(\.0)?")
_YEARS = range(1970, 2100)

T = TypeVar("T")


class Row(NamedTuple):
    """An order line as it is staged. ``at``: ISO 8601, UTC. ``code``: in capitals. ``name``: made readable."""

    line: int
    invoice: str
    kind: str
    code_given: str
    code: str
    goods: bool
    description: str
    name: str
    quantity: int
    price: Decimal
    unit_minor: int
    at: str
    customer: str
    country: str


class _Unusable(ValueError):
    """Why a value cannot be used."""


class _Memory(dict[str, T]):
    """What texts come to; most occur many times. Bounded: forgets when it has grown large."""

    def __init__(self, work_out: Callable[[str], T]) -> None:
        super().__init__()
        self._work_out = work_out

    def __missing__(self, text: str) -> T:
        value = self._work_out(text)
        if len(text) <= LONGEST_NAME:
            if len(self) >= _REMEMBERED:
                self.clear()
            self[text] = value
        return value


class RowParser:
    """Reads the lines of files of one profile."""

    def __init__(self, profile: Profile) -> None:
        self.profile = profile
        self._zone = ZoneInfo(profile.zone)
        self._goods = re.compile(profile.goods)
        self._digits = exponent(profile.currency)
        columns = profile.columns
        readers: list[tuple[str, _Memory[tuple[object, ...]]]] = [
            (columns.invoice, _Memory(self._invoice)),
            (columns.code, _Memory(self._code)),
            (columns.description, _Memory(self._description)),
            (columns.quantity, _Memory(self._quantity)),
            (columns.price, _Memory(self._price)),
            (columns.time, _Memory(self._time)),
            (columns.customer, _Memory(self._customer)),
            (columns.country, _Memory(self._country)),
        ]
        self._readers = [(name, profile.header.index(name), memory) for name, memory in readers]
        self._width = len(profile.header)
        self._amount_column = columns.price

    def parse(self, number: int, text: str) -> Row | BadRow:
        """The row in line ``number`` (a row is one line), or the first thing wrong with it."""
        if not text.isprintable() and any(unicodedata.category(c) == "Cc" for c in text):
            return self._control_character(number, text)
        try:
            fields = _split(text)
        except csv.Error as error:
            return bad_row(number, "row", f"its quotes do not pair up: {error}", text, text)
        if len(fields) != self._width:
            if not text.strip():
                return bad_row(number, "row", "it is empty", "", text)
            return bad_row(
                number, "row", f"it has {len(fields)} columns instead of {self._width}", text, text
            )
        values: list[object] = [number]
        for name, index, memory in self._readers:
            try:
                values += memory[fields[index]]
            except _Unusable as why:
                return bad_row(number, name, str(why), fields[index], text)
        row = Row(*values)  # type: ignore[arg-type]  # the readers stand in the order of Row's fields
        if abs(row.quantity * row.unit_minor) > LARGEST_MINOR:
            reason = "quantity times price is more than an order can come to"
            return bad_row(number, self._amount_column, reason, f"{row.quantity} × {row.price}", text)
        return row

    def _control_character(self, number: int, text: str) -> BadRow:
        try:
            fields = _split(text)
        except csv.Error:
            fields = []
        column, value = "row", text
        if len(fields) == self._width:
            for name, field in zip(self.profile.header, fields, strict=True):
                if any(unicodedata.category(c) == "Cc" for c in field):
                    column, value = name, field
                    break
        return bad_row(number, column, "it contains a control character", value, text)

    def _invoice(self, text: str) -> tuple[str, str]:
        found = _INVOICE.fullmatch(_given(text))
        if found is None:
            raise _Unusable("it is not an invoice number")
        kind = self.profile.kinds.get(found[1].upper())
        if kind is None:
            raise _Unusable(f"invoices beginning with {found[1]} are not known")
        return found[0].upper(), kind.value

    def _code(self, text: str) -> tuple[str, str, bool]:
        given = " ".join(_given(text).split())
        code = given.upper()
        if len(code) > LONGEST_CODE:
            raise _Unusable(f"it is longer than {LONGEST_CODE} characters")
        return given, code, self._goods.fullmatch(code) is not None

    def _description(self, text: str) -> tuple[str, str]:
        folded = " ".join(text.split())
        if len(folded) > LONGEST_NAME:
            raise _Unusable(f"it is longer than {LONGEST_NAME} characters")
        return folded, readable(folded)

    def _quantity(self, text: str) -> tuple[int]:
        found = _QUANTITY.fullmatch(_given(text))
        if found is None:
            raise _Unusable("it is not a whole number")
        quantity = int(found[0])
        if quantity == 0:
            raise _Unusable("a line of no pieces says nothing")
        if abs(quantity) > LARGEST_QUANTITY:
            raise _Unusable("it is too large")
        return (quantity,)

    def _price(self, text: str) -> tuple[Decimal, int]:
        found = _PRICE.fullmatch(_given(text))
        if found is None:
            raise _Unusable("it is not an amount such as 2.55")
        price = Decimal(found[0])
        minor = int(price.scaleb(self._digits).quantize(Decimal(1), rounding=ROUND_HALF_UP))
        if abs(minor) > LARGEST_MINOR:
            raise _Unusable("it is too large")
        return price, minor

    def _time(self, text: str) -> tuple[str]:
        found = _TIME.fullmatch(_given(text))
        try:
            local = datetime.fromisoformat(found[0]) if found else None
        except ValueError:
            local = None
        if local is None or local.year not in _YEARS:
            raise _Unusable("it is not a time such as 2010-12-01 08:26:00")
        return (local.replace(tzinfo=self._zone).astimezone(UTC).isoformat(),)

    def _customer(self, text: str) -> tuple[str]:
        if not text.strip():
            return ("",)
        found = _CUSTOMER.fullmatch(text.strip())
        if found is None:
            raise _Unusable("it is not a customer number")
        return (found[1],)

    def _country(self, text: str) -> tuple[str]:
        code = self.profile.countries.get(_given(text))
        if code is None:
            raise _Unusable("the profile knows no such country")
        return (code,)


def check_header(profile: Profile, text: str) -> str:
    """'' when ``text`` is the profile's header, else what is wrong with it in one sentence."""
    try:
        found = _split(text)
    except csv.Error:
        found = [text]
    if tuple(found) == profile.header:
        return ""
    missing = [name for name in profile.header if name not in found]
    what = f"lacks the column {', '.join(missing)}" if missing else "has other columns or another order"
    return f"its first line {what}; {profile.name} files begin with {','.join(profile.header)}."


def _split(text: str) -> list[str]:
    if '"' not in text:
        return text.split(",")
    return next(csv.reader([text], strict=True))


def _given(text: str) -> str:
    stripped = text.strip()
    if not stripped:
        raise _Unusable("it is empty")
    return stripped
