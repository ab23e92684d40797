"""What a delivery file holds, and the words it writes it with. No Django."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from tacit.catalog.types import TaxRates
from tacit.checkout.types.delivery import Method

EVERYWHERE = "everywhere"
"""In ``countries``: all the method does not name."""
ANY = "any"
"""In a table of prices: whatever it weighs."""


@dataclass(frozen=True, slots=True)
class DeliveryFile:
    """``include_tax``: currency → whether its prices include tax. ``methods``: in the order a shopper sees."""

    include_tax: Mapping[str, bool] = field(default_factory=dict)
    taxes: tuple[TaxRates, ...] = ()
    methods: tuple[Method, ...] = ()


class BadEntries(Exception):
    """What is wrong in the file: ``problems``, each naming table and key, the reason and the way out."""

    def __init__(self, problems: list[str]) -> None:
        super().__init__("\n".join(problems))
        self.problems = tuple(problems)
