"""Carts and orders as the rest of the house sees them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum

from tacit.checkout.types.carrier import ParcelEvent, ParcelState
from tacit.checkout.types.delivery import Arrival, NoWay
from tacit.checkout.types.payment import PaymentState
from tacit.core.address import Address
from tacit.core.money import Money
from tacit.core.refusal import Refusal


class OrderStatus(StrEnum):
    """``PAID``: the money is secured, authorised or captured. ``CLOSED``: imported history that never moves."""

    AWAITING_PAYMENT = "awaiting_payment"
    PAID = "paid"
    SHIPPED = "shipped"
    CANCELLED = "cancelled"
    FAILED = "failed"
    CLOSED = "closed"


class OrderKind(StrEnum):
    """``CREDIT_NOTE`` and ``ADJUSTMENT`` come only from imported history."""

    SALE = "sale"
    CREDIT_NOTE = "credit_note"
    ADJUSTMENT = "adjustment"


@dataclass(frozen=True, slots=True)
class TaxPart:
    """The tax at one rate in a whole total."""

    percent: Decimal
    tax: Money


@dataclass(frozen=True, slots=True)
class ShippingChoice:
    """A way of sending, what it costs for this cart, and what the whole comes to if it is chosen.

    ``free_over``: the goods total, above the present one, from which it costs nothing. ``taxes``: by rate, the
    highest first.
    """

    code: str
    name: str
    price: Money
    free_over: Money | None
    taxes: tuple[TaxPart, ...]
    tax: Money
    total: Money
    arrival: Arrival


@dataclass(frozen=True, slots=True)
class CartLineView:
    """One cart line, priced by the server. ``granted`` units cost ``unit``; the rest cost ``list_unit``.

    ``limit`` is the key of the shared limit the granted units count against.

    ``problem`` is a code from CartProblem, or '' when the line can be ordered as it is.
    """

    id: int
    variant: int
    sku: str
    slug: str
    name: str
    label: str
    quantity: int
    available: int
    unit: Money
    list_unit: Money
    granted: int
    total: Money
    percent: Decimal | None
    problem: str = ""
    limit: str | None = None
    weight: int = 0
    """Grams of all its pieces."""


class CartProblem(StrEnum):
    NO_PRICE = "no_price"
    NOT_SOLD = "not_sold"
    TOO_FEW = "too_few"
    SOLD_OUT = "sold_out"
    NOT_SENT_THERE = "not_sent_there"


@dataclass(frozen=True, slots=True)
class CartView:
    """A whole cart with everything checkout shows: lines, ways of sending, total for the chosen one.

    ``tax`` is part of goods and shipping when ``tax_included``, else ``total`` adds it to them. ``no_way``: why
    there are no ``choices``; ``heaviest``: grams that could be sent there, None when that is not it.
    """

    token: str
    currency: str
    country: str
    countries: tuple[str, ...]
    lines: tuple[CartLineView, ...]
    choices: tuple[ShippingChoice, ...]
    chosen: str
    goods: Money
    shipping: Money
    tax: Money
    total: Money
    tax_included: bool = True
    weight: int = 0
    no_way: NoWay | None = None
    heaviest: int | None = None

    @property
    def pieces(self) -> int:
        return sum(line.quantity for line in self.lines)

    @property
    def orderable(self) -> bool:
        return bool(self.lines) and bool(self.choices) and not any(line.problem for line in self.lines)


@dataclass(frozen=True, slots=True)
class Contact:
    """What a buyer types at checkout; cleaned by the face, checked again by ``rules.check_contact``."""

    email: str
    address: Address


@dataclass(frozen=True, slots=True)
class OrderLineView:
    id: int
    variant: int | None
    sku: str
    name: str
    label: str
    quantity: int
    unit: Money
    total: Money
    percent: Decimal
    shipped: int
    returned: int
    cancelled: int
    tax: Money | None = None
    """Tax on it and on its share of delivery."""


@dataclass(frozen=True, slots=True)
class ShipmentView:
    """One parcel. ``expected``: the day its carrier names; ``events``: what it told of the parcel, oldest first.

    ``error``: why its carrier does not take it, for staff. ``settled``: how what went wrong was made good (Settled),
    or ''.
    """

    id: int
    shipped_at: datetime
    carrier: str
    tracking: str
    state: ParcelState = ParcelState.BY_HAND
    state_at: datetime | None = None
    expected: date | None = None
    events: tuple[ParcelEvent, ...] = ()
    error: str = ""
    settled: str = ""


@dataclass(frozen=True, slots=True)
class ParcelRow:
    """One parcel in a list of staff. ``state_at``: since when; ``error``: why its carrier did not take it."""

    id: int
    order: str
    name: str
    carrier: str
    tracking: str
    state: ParcelState
    state_at: datetime
    expected: date | None
    shipped_at: datetime
    error: str


@dataclass(frozen=True, slots=True)
class PaymentView:
    """One payment as owner and staff see it; ``refused``: operations the provider refused for good, and why."""

    reference: str
    provider: str
    state: PaymentState
    instrument: str
    amount: Money
    authorised: Money
    captured: Money
    refunded: Money
    refunding: Money
    action_url: str
    decline_code: str
    refused: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class OrderView:
    """One order, whole. ``arrival``: the days it was promised for. ``taxes``: as of a cart's choice.

    ``moments``: what happened to it or its money and when, oldest first: held, taken, given_back, released
    or cancelled.
    """

    number: str
    kind: OrderKind
    status: OrderStatus
    historic: bool
    origin: str
    placed_at: datetime
    email: str
    address: Address
    shipping_name: str
    goods: Money
    shipping: Money
    tax: Money
    total: Money
    lines: tuple[OrderLineView, ...]
    shipments: tuple[ShipmentView, ...]
    payment: PaymentView | None
    language: str = "en"
    tax_included: bool = True
    taxes: tuple[TaxPart, ...] = ()
    arrival: Arrival | None = None
    moments: tuple[tuple[str, datetime], ...] = ()
    undo_until: datetime | None = None
    """Bought in one tap: until when its buyer may undo it while nothing is sent."""
    mine: bool = False
    """It belongs to the signed-in person who asks."""

    def undoable(self, now: datetime) -> bool:
        """Whether its buyer may undo it now."""
        lives = self.status in {OrderStatus.AWAITING_PAYMENT, OrderStatus.PAID} and not self.shipments
        return lives and self.undo_until is not None and now < self.undo_until

    @property
    def lapsed(self) -> bool:
        """Whether what was set aside for it is no longer the shop's to take."""
        counts = self.status in {OrderStatus.PAID, OrderStatus.SHIPPED} and self.total.minor > 0
        return counts and self.payment is not None and self.payment.state is PaymentState.VOIDED


@dataclass(frozen=True, slots=True)
class OrderRow:
    """One line of an order list."""

    number: str
    status: OrderStatus
    kind: OrderKind
    historic: bool
    placed_at: datetime
    name: str
    email: str
    total: Money
    pieces: int
    arrives_until: date | None = None


class CheckoutError(Refusal):
    """Something at checkout or about an order that the person asking can mend."""


class NoSuchOrder(LookupError):
    """There is no such order for the person asking."""


class NoSuchCart(LookupError):
    """There is no such cart for the person asking."""


class TotalChanged(CheckoutError):
    """The total is no longer what the buyer saw (409): show the new one, ask again."""


class StillInFlight(CheckoutError):
    """The same request is being worked on (409): ask again shortly."""


class OtherBody(CheckoutError):
    """The idempotency key was used for another request (422)."""


class NotPossible(CheckoutError):
    """The order's state does not allow this (409)."""


class Outcome(StrEnum):
    """What buying came to, as far as is known now."""

    PAID = "paid"
    NEEDS_ACTION = "needs_action"
    DECLINED = "declined"
    CANCELLED = "cancelled"
    PENDING = "pending"


@dataclass(frozen=True, slots=True)
class Bought:
    """The answer to a purchase. ``action_url``: where the buyer must go while NEEDS_ACTION."""

    number: str
    reference: str
    outcome: Outcome
    action_url: str = ""
    decline_code: str = ""
    replayed: bool = False
