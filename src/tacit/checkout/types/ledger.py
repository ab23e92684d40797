"""What the ledger of money movements and the job that compares it speak of."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from tacit.core.money import Money


class MovementKind(StrEnum):
    """What happened to money. ``RELEASED``: what was held is the buyer's again without having been taken."""

    AUTHORISED = "authorised"
    CAPTURED = "captured"
    REFUNDED = "refunded"
    RELEASED = "released"


@dataclass(frozen=True, slots=True)
class Totals:
    """All that ever moved of one payment, by kind, in minor units."""

    authorised: int = 0
    captured: int = 0
    refunded: int = 0
    released: int = 0

    def of(self, kind: MovementKind) -> int:
        """The total of one kind."""
        return {
            MovementKind.AUTHORISED: self.authorised,
            MovementKind.CAPTURED: self.captured,
            MovementKind.REFUNDED: self.refunded,
            MovementKind.RELEASED: self.released,
        }[kind]


@dataclass(frozen=True, slots=True)
class Movement:
    """One line of the ledger: ``amount`` > 0 more of ``kind``, when ``before`` was the total of that kind.

    ``key`` is that of our operation, or '' when none is known.
    """

    kind: MovementKind
    amount: int
    before: int
    key: str = ""


class What(StrEnum):
    """What does not agree. The first word says with what our payment was compared."""

    LEDGER_AUTHORISED = "ledger_authorised"
    LEDGER_CAPTURED = "ledger_captured"
    LEDGER_REFUNDED = "ledger_refunded"
    LEDGER_RELEASED = "ledger_released"
    PROMISED_CAPTURE = "promised_capture"
    PROMISED_REFUND = "promised_refund"
    PROVIDER_AMOUNT = "provider_amount"
    PROVIDER_AUTHORISED = "provider_authorised"
    PROVIDER_CAPTURED = "provider_captured"
    PROVIDER_REFUNDED = "provider_refunded"
    PROVIDER_HELD = "provider_held"
    PROVIDER_MISSING = "provider_missing"
    OPENED_TWICE = "opened_twice"
    OPENED_UNKNOWN = "opened_unknown"
    ORDER_LINES = "order_lines"
    ORDER_TOTAL = "order_total"
    ORDER_UNPAID = "order_unpaid"
    ORDER_WAITS = "order_waits"
    ORDER_ABOVE = "order_above"
    ORDER_KEPT = "order_kept"
    ORDER_HELD = "order_held"


@dataclass(frozen=True, slots=True)
class Drift:
    """One disagreement about one payment or order: ``ours`` is what our books say, ``theirs`` the other side."""

    what: What
    ours: int
    theirs: int


@dataclass(frozen=True, slots=True)
class DriftRow:
    """A disagreement as the desk shows it. ``order`` is '' for money no order of ours is known for.

    ``reference``: of the payment, ours or else the provider's; the order's number where there is no payment.
    """

    reference: str
    order: str
    what: What
    ours: Money
    theirs: Money
    since: datetime
    last_seen: datetime
