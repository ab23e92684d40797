"""Where something is sent. No Django."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass

from tacit.core.refusal import Refusal

LONGEST = {"name": 100, "line1": 120, "line2": 120, "postcode": 20, "city": 80}
_COUNTRY = re.compile(r"[A-Z]{2}\Z")


@dataclass(frozen=True, slots=True)
class Address:
    """A postal address; ``country`` is ISO 3166-1 alpha-2. ``line2`` may be empty."""

    name: str
    line1: str
    line2: str
    postcode: str
    city: str
    country: str

    def lines(self) -> tuple[str, ...]:
        """The address as printed, without empty lines; the country code last."""
        rows = (self.name, self.line1, self.line2, f"{self.postcode} {self.city}".strip(), self.country)
        return tuple(row for row in rows if row)


class AddressRefusal(Refusal):
    """A field of an address cannot be used. Rooms raise it as an error of their own."""


def checked(typed: Address) -> Address:
    """The address with white space folded. Raises AddressRefusal naming the first field that cannot be used."""
    if not _COUNTRY.match(typed.country):
        raise AddressRefusal("country", "not_a_country")
    return Address(
        name=one_line("name", typed.name, longest=LONGEST["name"]),
        line1=one_line("line1", typed.line1, longest=LONGEST["line1"]),
        line2=one_line("line2", typed.line2, longest=LONGEST["line2"], required=False),
        postcode=one_line("postcode", typed.postcode, longest=LONGEST["postcode"]),
        city=one_line("city", typed.city, longest=LONGEST["city"]),
        country=typed.country,
    )


def one_line(field: str, text: str, *, longest: int, required: bool = True) -> str:
    """``text`` on one line. Raises AddressRefusal: required, too_long, control_character."""
    if any(
        unicodedata.category(character) in {"Cc", "Cs"} for character in text if character not in "\t\r\n"
    ):
        raise AddressRefusal(field, "control_character")
    folded = " ".join(text.split())
    if required and not any(character.isalnum() for character in folded):
        raise AddressRefusal(field, "required")
    if len(folded) > longest:
        raise AddressRefusal(field, "too_long", longest=longest)
    return folded
