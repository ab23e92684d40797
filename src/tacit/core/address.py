"""Where something is sent. No Django."""

from __future__ import annotations

from dataclasses import dataclass


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
