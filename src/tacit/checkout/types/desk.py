"""Orders as the desk lists them, with all it takes to act on one."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from tacit.checkout.types.order import OrderKind, OrderStatus
from tacit.core.money import Money

LETTERS = "checkout.letters"
"""What a letter's cause in the outbox begins with; the order's number follows after a colon."""


@dataclass(frozen=True, slots=True)
class StaffRow:
    """One order at the desk.

    ``goods``: the first lines as (quantity, name, label); ``lines``: how many there are. ``unsent``, ``sent``:
    pieces. ``authorised`` … ``refunding``: of the newest payment, zero without one. ``refused``: money operations
    the provider refused, nothing of the kind asked since, as (kind, error). ``lapsed``: what was set aside is no
    longer ours to take. ``parcel``: the worst state of its parcels that needs a person, or ''; ``parcel_error``: why
    its carrier does not take it. ``undo_until``: so long its buyer can undo it and it is not sent.
    """

    number: str
    status: OrderStatus
    kind: OrderKind
    historic: bool
    placed_at: datetime
    name: str
    email: str
    country: str
    total: Money
    arrives_until: date | None
    pieces: int
    unsent: int
    sent: int
    lines: int
    goods: tuple[tuple[int, str, str], ...]
    instrument: str
    authorised: Money
    captured: Money
    capturing: Money
    refunded: Money
    refunding: Money
    refused: tuple[tuple[str, str], ...]
    lapsed: bool
    parcel: str = ""
    parcel_at: datetime | None = None
    parcel_expected: date | None = None
    parcel_error: str = ""
    undo_until: datetime | None = None

    @property
    def refundable(self) -> Money:
        """What was taken and is not on its way back."""
        return self.captured - self.refunded - self.refunding

    @property
    def to_take(self) -> Money:
        """What is still to be taken for the whole order."""
        return self.total - self.captured - self.capturing

    @property
    def is_refused(self) -> bool:
        """Whether the provider refused to hand the money over."""
        return any(kind == "capture" for kind, _error in self.refused)

    @property
    def can_ship(self) -> bool:
        return (
            not self.historic
            and self.status is OrderStatus.PAID
            and self.unsent > 0
            and not self.is_refused
            and not self.lapsed
        )

    @property
    def can_refund(self) -> bool:
        return not self.historic and self.refundable.minor > 0

    @property
    def can_cancel(self) -> bool:
        open_still = self.status in {OrderStatus.AWAITING_PAYMENT, OrderStatus.PAID}
        return not self.historic and open_still and not self.sent

    @property
    def can_collect(self) -> bool:
        """Whether what the provider refused can be asked for once more."""
        if self.status in {OrderStatus.PAID, OrderStatus.SHIPPED}:
            return self.is_refused
        return any(kind in {"void", "refund"} for kind, _error in self.refused)


@dataclass(frozen=True, slots=True)
class StaffPage:
    """One page of orders. ``found``: how many there are in all where that is counted, else None."""

    rows: tuple[StaffRow, ...]
    more: bool
    found: int | None


@dataclass(frozen=True, slots=True)
class SalesDay:
    """Orders placed on a day of the shop that were not cancelled or left unpaid, and their totals in one currency."""

    day: date
    orders: int
    revenue: Money


@dataclass(frozen=True, slots=True)
class Happening:
    """One thing that happened to an order.

    ``what``: placed, payment, capture, void, refund, parcel, cancel, address, lower_price, send_by_hand, send_again,
    take_back, settle, or a parcel's state with ``parcel:`` before it; or mail. ``state``: of a payment, a money
    operation or a mail. ``note``: carrier and tracking, the instrument, a reason, the provider's error or the mail's
    subject. ``by``: who, where that is known.
    ``mail``: the mail's id.
    """

    at: datetime
    what: str
    state: str = ""
    amount: Money | None = None
    note: str = ""
    by: str = ""
    mail: int | None = None
