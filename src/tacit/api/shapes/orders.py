"""Orders: placing them, reading them, changing them."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Self

from pydantic import Field

from tacit.api.shapes.money import Amount, CountryCode, Given, GivenAmount, Line, Shown, percent
from tacit.checkout import wording
from tacit.checkout.types.order import (
    Bought,
    Contact,
    OrderKind,
    OrderLineView,
    OrderRow,
    OrderStatus,
    OrderView,
    Outcome,
    PaymentView,
    ShipmentView,
)
from tacit.checkout.types.payment import PaymentState
from tacit.core import ports
from tacit.core.address import Address
from tacit.core.mail import Links

Code = Annotated[str, Field(pattern=r"^[!-~]{1,60}$")]


class NewOrder(Given):
    """What a buyer decides. Prices are the shop's; ``total_seen`` says which total the buyer agreed to."""

    email: Line
    name: Line
    line1: Line
    line2: Line = ""
    postcode: Line
    city: Line
    country: CountryCode
    shipping: Code = Field(description="`code` of one of the cart's `delivery`", examples=["standard"])
    method: Code = Field(description="`code` of one of the cart's `methods`")
    total_seen: GivenAmount = Field(description="`total` of the chosen delivery, as the buyer saw it")

    def contact(self) -> Contact:
        return Contact(
            self.email, Address(self.name, self.line1, self.line2, self.postcode, self.city, self.country)
        )


class Placed(Shown):
    """What ordering came to. Whoever holds ``signature`` may see this order; keep it like a password."""

    number: str
    outcome: Outcome
    signature: str
    page: str = Field(description="the signed link for the buyer")
    action_url: str = Field(description="where the buyer must go to finish paying, '' when nowhere")

    @classmethod
    def of(cls, bought: Bought, signature: str) -> Self:
        return cls(
            number=bought.number,
            outcome=bought.outcome,
            signature=signature,
            page=ports.get(Links).order(bought.number),
            action_url=bought.action_url if bought.outcome is Outcome.NEEDS_ACTION else "",
        )


class PlacedLine(Shown):
    line: int = Field(description="what shipments name it by")
    sku: str
    name: str
    label: str
    quantity: int
    unit: Amount
    total: Amount
    tax_percent: str
    shipped: int
    returned: int
    cancelled: int

    @classmethod
    def of(cls, line: OrderLineView) -> Self:
        return cls(
            line=line.id,
            sku=line.sku,
            name=line.name,
            label=line.label,
            quantity=line.quantity,
            unit=Amount.of(line.unit),
            total=Amount.of(line.total),
            tax_percent=percent(line.percent),
            shipped=line.shipped,
            returned=line.returned,
            cancelled=line.cancelled,
        )


class Parcel(Shown):
    carrier: str
    tracking: str
    state: str
    shipped_at: datetime
    expected: date | None

    @classmethod
    def of(cls, parcel: ShipmentView) -> Self:
        return cls(
            carrier=parcel.carrier,
            tracking=parcel.tracking,
            state=str(parcel.state),
            shipped_at=parcel.shipped_at,
            expected=parcel.expected,
        )


class Paid(Shown):
    state: PaymentState
    instrument: str = Field(examples=["Visa ending 4242"])
    amount: Amount
    captured: Amount
    refunded: Amount
    refunding: Amount
    action_url: str

    @classmethod
    def of(cls, payment: PaymentView) -> Self:
        waits = payment.state is PaymentState.NEEDS_ACTION
        return cls(
            state=payment.state,
            instrument=wording.instrument(payment.instrument),
            amount=Amount.of(payment.amount),
            captured=Amount.of(payment.captured),
            refunded=Amount.of(payment.refunded),
            refunding=Amount.of(payment.refunding),
            action_url=payment.action_url if waits else "",
        )


class AddressShown(Shown):
    name: str
    line1: str
    line2: str
    postcode: str
    city: str
    country: str

    @classmethod
    def of(cls, address: Address) -> Self:
        return cls(
            name=address.name,
            line1=address.line1,
            line2=address.line2,
            postcode=address.postcode,
            city=address.city,
            country=address.country,
        )


class Order(Shown):
    number: str
    kind: OrderKind
    status: OrderStatus
    standing: str = Field(description="where it stands, for people")
    placed_at: datetime
    imported: bool
    email: str
    address: AddressShown
    delivery: str
    arrives_from: date | None
    arrives_until: date | None
    lines: list[PlacedLine]
    parcels: list[Parcel]
    payment: Paid | None
    goods: Amount
    shipping_price: Amount
    tax: Amount
    tax_included: bool
    total: Amount

    @classmethod
    def of(cls, order: OrderView) -> Self:
        return cls(
            number=order.number,
            kind=order.kind,
            status=order.status,
            standing=wording.status_sentence(order),
            placed_at=order.placed_at,
            imported=order.historic,
            email=order.email,
            address=AddressShown.of(order.address),
            delivery=order.shipping_name,
            arrives_from=order.arrival.first if order.arrival else None,
            arrives_until=order.arrival.last if order.arrival else None,
            lines=[PlacedLine.of(line) for line in order.lines],
            parcels=[Parcel.of(parcel) for parcel in order.shipments],
            payment=Paid.of(order.payment) if order.payment else None,
            goods=Amount.of(order.goods),
            shipping_price=Amount.of(order.shipping),
            tax=Amount.of(order.tax),
            tax_included=order.tax_included,
            total=Amount.of(order.total),
        )


class OrderInList(Shown):
    number: str
    kind: OrderKind
    status: OrderStatus
    placed_at: datetime
    imported: bool
    name: str
    email: str
    pieces: int
    total: Amount
    arrives_until: date | None

    @classmethod
    def of(cls, row: OrderRow) -> Self:
        return cls(
            number=row.number,
            kind=row.kind,
            status=row.status,
            placed_at=row.placed_at,
            imported=row.historic,
            name=row.name,
            email=row.email,
            pieces=row.pieces,
            total=Amount.of(row.total),
            arrives_until=row.arrives_until,
        )


class Orders(Shown):
    orders: list[OrderInList]
    next: str | None = Field(description="`cursor` of the next page; null: this is the last")


class Pieces(Given):
    line: int = Field(ge=1, le=2**63 - 1, description="`line` of one of the order's lines")
    quantity: int = Field(ge=1, le=1_000_000)


class NewParcel(Given):
    """A parcel. With neither ``carrier`` nor ``tracking`` it goes through the shop's own carrier, if it has one."""

    carrier: Line = ""
    tracking: Line = ""
    pieces: list[Pieces] | None = Field(
        default=None, min_length=1, max_length=200, description="all that is left when not given"
    )


class NewRefund(Given):
    amount: GivenAmount
    reason: Annotated[str, Field(min_length=1, max_length=200, pattern=r"^[^\x00-\x1f\x7f]*$")]
