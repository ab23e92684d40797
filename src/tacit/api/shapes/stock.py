"""Stock of one variant."""

from __future__ import annotations

from typing import Self

from pydantic import Field

from tacit.api.shapes.money import Given, Shown
from tacit.catalog.types import StockRow


class Stock(Shown):
    sku: str
    name: str
    label: str
    on_hand: int = Field(description="pieces in the house")
    claimed: int = Field(description="of these, promised to orders not yet sent")
    available: int

    @classmethod
    def of(cls, row: StockRow) -> Self:
        return cls(
            sku=row.sku,
            name=row.name,
            label=row.label,
            on_hand=row.on_hand,
            claimed=row.claimed,
            available=row.available,
        )


class GivenStock(Given):
    on_hand: int = Field(ge=0, le=10_000_000)
