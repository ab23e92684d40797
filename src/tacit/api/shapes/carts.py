"""Carts, and what can be chosen for them."""

from __future__ import annotations

from datetime import date
from typing import Self

from django.utils.translation import get_language
from pydantic import Field

from tacit.api.shapes.money import Amount, CurrencyCode, Given, Shown, Sku, amount_or_none
from tacit.checkout import wording
from tacit.checkout.types.order import CartLineView, CartView, CheckoutError, ShippingChoice
from tacit.checkout.types.payment import PaymentMethod

MOST_LINES = 100


class GivenLine(Given):
    sku: Sku
    quantity: int = Field(ge=1, le=999)


class NewCart(Given):
    lines: list[GivenLine] = Field(min_length=1, max_length=MOST_LINES)
    currency: CurrencyCode | None = Field(default=None, description="the shop's first when left out")


class GivenQuantity(Given):
    quantity: int = Field(ge=1, le=999)


class Line(Shown):
    sku: str
    slug: str
    name: str
    label: str
    quantity: int
    available: int
    unit: Amount
    total: Amount
    problem: str = Field(description="why it cannot be ordered as it is, '' when it can")

    @classmethod
    def of(cls, line: CartLineView) -> Self:
        return cls(
            sku=line.sku,
            slug=line.slug,
            name=line.name,
            label=line.label,
            quantity=line.quantity,
            available=line.available,
            unit=Amount.of(line.unit),
            total=Amount.of(line.total),
            problem=str(line.problem),
        )


class Delivery(Shown):
    """A way of sending, and what the whole cart comes to with it."""

    code: str
    name: str
    price: Amount
    free_over: Amount | None
    tax: Amount
    total: Amount
    arrives_from: date
    arrives_until: date

    @classmethod
    def of(cls, choice: ShippingChoice) -> Self:
        return cls(
            code=choice.code,
            name=choice.name,
            price=Amount.of(choice.price),
            free_over=amount_or_none(choice.free_over),
            tax=Amount.of(choice.tax),
            total=Amount.of(choice.total),
            arrives_from=choice.arrival.first,
            arrives_until=choice.arrival.last,
        )


class Method(Shown):
    code: str
    label: str
    hosted: bool = Field(description="the buyer finishes on the payment provider's page")

    @classmethod
    def of(cls, method: PaymentMethod) -> Self:
        label = method.label_in(get_language() or "en")
        return cls(code=method.code, label=label, hosted=method.hosted)


class LeftOut(Shown):
    sku: str
    code: str
    detail: str

    @classmethod
    def of(cls, sku: str, error: CheckoutError) -> Self:
        return cls(sku=sku, code=error.code, detail=wording.explain(error))


class Cart(Shown):
    """A cart as it stands now, priced by the shop. ``token`` is its owner's secret: holding it is owning it."""

    token: str
    currency: str
    country: str
    countries: list[str]
    lines: list[Line]
    delivery: list[Delivery] = Field(description="ways of sending it to `country`")
    shipping: str = Field(description="the code of the chosen way of sending, '' when there is none")
    no_delivery: str = Field(description="why there is no way of sending it, '' when there is one")
    methods: list[Method] = Field(description="ways to pay")
    goods: Amount
    shipping_price: Amount
    tax: Amount
    tax_included: bool
    total: Amount
    orderable: bool
    left_out: list[LeftOut] = Field(description="what could not be put in, and why")

    @classmethod
    def of(
        cls, cart: CartView, methods: tuple[PaymentMethod, ...], left_out: dict[str, CheckoutError]
    ) -> Self:
        return cls(
            token=cart.token,
            currency=cart.currency,
            country=cart.country,
            countries=list(cart.countries),
            lines=[Line.of(line) for line in cart.lines],
            delivery=[Delivery.of(choice) for choice in cart.choices],
            shipping=cart.chosen,
            no_delivery=wording.no_way(cart) if cart.lines else "",
            methods=[Method.of(method) for method in methods],
            goods=Amount.of(cart.goods),
            shipping_price=Amount.of(cart.shipping),
            tax=Amount.of(cart.tax),
            tax_included=cart.tax_included,
            total=Amount.of(cart.total),
            orderable=cart.orderable,
            left_out=[LeftOut.of(sku, error) for sku, error in left_out.items()],
        )
