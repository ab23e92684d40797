"""Another shop's orders, as they are brought in."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from tacit.checkout.types.order import OrderKind


@dataclass(frozen=True, slots=True)
class ImportedLine:
    """One position. ``unit_minor`` in the order's currency; ``returned`` pieces of what was sold came back.

    ``variant`` None: no product of the catalogue. Of credit notes and adjustments nothing was shipped.
    """

    sku: str
    name: str
    quantity: int
    unit_minor: int
    variant: int | None = None
    returned: int = 0


@dataclass(frozen=True, slots=True)
class ImportedOrder:
    """One order of the past. ``customer`` is their id where it comes from; ``country`` '' when unknown."""

    external_id: str
    kind: OrderKind
    placed_at: datetime
    customer: str
    country: str
    currency: str
    lines: tuple[ImportedLine, ...]


@dataclass(frozen=True, slots=True)
class ImportResult:
    """``created`` orders and ``created_lines`` are new; ``kept`` orders were there and stay as they are.

    ``orders``, ``lines``, ``pieces`` and ``amount_minor`` (quantity × unit price) are read back from the
    database over all orders that were given, new or kept. ``differing``: up to five external ids of kept
    orders that have other lines than the ones given.
    """

    created: int
    created_lines: int
    kept: int
    orders: int
    lines: int
    pieces: int
    amount_minor: int
    differing: tuple[str, ...]
