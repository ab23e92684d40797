"""What a cart costs. Prices come from the catalogue and from price grants, never from the buyer."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal

from tacit.catalog.types import Offer
from tacit.checkout.types.order import CartLineView, CartProblem, CartView, ShippingChoice
from tacit.core import tax
from tacit.core.money import Money


@dataclass(frozen=True, slots=True)
class Grant:
    """Another room's permission: up to ``quantity`` units at ``unit``, until ``expires_at``."""

    unit: Money
    quantity: int
    expires_at: datetime
    limit: str | None
    left: int | None
    """Units the shared limit still allows; None: no limit."""


@dataclass(frozen=True, slots=True)
class WantedLine:
    """A cart line before it has a price."""

    id: int
    variant: int
    quantity: int
    grants: Sequence[Grant] = ()
    own: int = 0
    """Pieces this cart's own order already holds while it waits for its payment."""


@dataclass(frozen=True, slots=True)
class Method:
    """A way of sending, in the cart's currency."""

    code: str
    name: str
    price: Money
    free_over: Money | None

    def cost(self, goods: Money) -> Money:
        free = self.free_over is not None and self.free_over <= goods
        return Money(0, goods.currency) if free else self.price


def best_grant(grants: Collection[Grant], list_price: Money, *, now: datetime) -> Grant | None:
    """The live grant with the lowest unit price, if it is below the list price."""
    usable = [
        grant
        for grant in grants
        if grant.expires_at > now
        and grant.unit.currency == list_price.currency
        and grant.unit < list_price
        and (grant.left is None or grant.left > 0)
    ]
    return min(usable, key=lambda grant: grant.unit.minor, default=None)


def granted_units(grant: Grant | None, quantity: int) -> int:
    """How many of ``quantity`` units get the granted price; the rest cost the list price."""
    if grant is None:
        return 0
    return min(quantity, grant.quantity, quantity if grant.left is None else grant.left)


def price_line(wanted: WantedLine, offer: Offer | None, *, currency: str, now: datetime) -> CartLineView:
    """One priced cart line, with the first problem that keeps it from being ordered."""
    nothing = Money(0, currency)
    list_price = offer.price if offer is not None and offer.price is not None else nothing
    grant = best_grant(wanted.grants, list_price, now=now) if offer and offer.price else None
    granted = granted_units(grant, wanted.quantity)
    unit = grant.unit if grant is not None and granted else list_price
    return CartLineView(
        id=wanted.id,
        variant=wanted.variant,
        sku=offer.sku if offer else "",
        slug=offer.slug if offer else "",
        name=offer.name if offer else "",
        label=offer.label if offer else "",
        quantity=wanted.quantity,
        available=offer.available + wanted.own if offer else 0,
        unit=unit,
        list_unit=list_price,
        granted=granted,
        total=unit * granted + list_price * (wanted.quantity - granted),
        percent=offer.percent if offer else None,
        problem=_problem(wanted, offer),
        limit=grant.limit if grant is not None and granted else None,
    )


def _problem(wanted: WantedLine, offer: Offer | None) -> str:
    if offer is None or not offer.active:
        return CartProblem.NOT_SOLD
    if offer.price is None:
        return CartProblem.NO_PRICE
    if offer.percent is None:
        return CartProblem.NOT_SENT_THERE
    available = offer.available + wanted.own
    if available <= 0:
        return CartProblem.SOLD_OUT
    return CartProblem.TOO_FEW if available < wanted.quantity else ""


def price_cart(
    *,
    token: str,
    currency: str,
    country: str,
    countries: tuple[str, ...],
    wanted: Sequence[WantedLine],
    offers: Mapping[int, Offer],
    methods: Sequence[Method],
    chosen: str,
    now: datetime,
) -> CartView:
    """The whole cart. An unknown ``chosen`` way of sending falls back to the first."""
    lines = _price_lines(wanted, offers, currency=currency, now=now)
    goods = sum((line.total for line in lines), Money(0, currency))
    goods_tax = sum((line_tax(line) for line in lines), Money(0, currency))
    choices = tuple(
        ShippingChoice(
            code=method.code,
            name=method.name,
            price=method.cost(goods),
            free_over=method.free_over,
            tax=goods_tax + shipping_tax(lines, method.cost(goods)),
        )
        for method in methods
    )
    picked = next((choice for choice in choices if choice.code == chosen), choices[0] if choices else None)
    shipping = picked.price if picked else Money(0, currency)
    return CartView(
        token=token,
        currency=currency,
        country=country,
        countries=countries,
        lines=lines,
        choices=choices,
        chosen=picked.code if picked else "",
        goods=goods,
        shipping=shipping,
        tax=picked.tax if picked else goods_tax,
        total=goods + shipping,
    )


def _price_lines(
    wanted: Sequence[WantedLine], offers: Mapping[int, Offer], *, currency: str, now: datetime
) -> tuple[CartLineView, ...]:
    """Lines in order; what one takes of a shared limit is not there for the next."""
    taken: Counter[str] = Counter()
    lines = []
    for line in wanted:
        grants = [
            replace(grant, left=max(grant.left - taken[grant.limit], 0))
            if grant.limit is not None and grant.left is not None
            else grant
            for grant in line.grants
        ]
        priced = price_line(
            replace(line, grants=grants), offers.get(line.variant), currency=currency, now=now
        )
        if priced.limit is not None:
            taken[priced.limit] += priced.granted
        lines.append(priced)
    return tuple(lines)


def line_tax(line: CartLineView) -> Money:
    """Tax included in one line, rounded once a line."""
    return tax.included(line.total, line.percent or Decimal(0))


def shipping_tax(lines: Sequence[CartLineView], shipping: Money) -> Money:
    """Tax included in delivery: it shares the fate of the goods, in proportion to their value."""
    weights = [line.total.minor for line in lines]
    if not shipping or not any(weights):
        return Money(0, shipping.currency)
    shares = shipping.allocate(weights)
    return sum(
        (tax.included(share, line.percent or Decimal(0)) for line, share in zip(lines, shares, strict=True)),
        Money(0, shipping.currency),
    )
