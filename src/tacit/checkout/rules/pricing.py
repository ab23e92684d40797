"""What a cart costs. Prices come from the catalogue and from price grants, never from the buyer."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal

from tacit.catalog.types import Offer
from tacit.checkout.rules import delivery
from tacit.checkout.types.delivery import House, Way
from tacit.checkout.types.order import CartLineView, CartProblem, CartView, ShippingChoice, TaxPart
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
        weight=offer.weight * wanted.quantity if offer else 0,
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
    ways: Sequence[Way],
    tax_included: bool,
    house: House,
    chosen: str,
    now: datetime,
) -> CartView:
    """The whole cart; ``ways`` go to ``country``. An unknown ``chosen`` way falls back to the first."""
    lines = _price_lines(wanted, offers, currency=currency, now=now)
    nothing = Money(0, currency)
    goods = sum((line.total for line in lines), nothing)
    weight = sum(line.weight for line in lines)
    choices = []
    for way in ways:
        price = delivery.cost(way, weight=weight, goods=goods)
        if price is None:
            continue
        taxes = cart_taxes(lines, price, is_included=tax_included)
        tax_ = sum((part.tax for part in taxes), nothing)
        choices.append(
            ShippingChoice(
                code=way.code,
                name=way.name,
                price=price,
                free_over=delivery.free_from(way, weight=weight, goods=goods) if price else None,
                taxes=taxes,
                tax=tax_,
                total=goods + price if tax_included else goods + price + tax_,
                arrival=delivery.arrival(way, country=country, house=house, at=now),
            )
        )
    picked = next((choice for choice in choices if choice.code == chosen), choices[0] if choices else None)
    goods_tax = sum((line_tax(line, is_included=tax_included) for line in lines), nothing)
    return CartView(
        token=token,
        currency=currency,
        country=country,
        countries=countries,
        lines=lines,
        choices=tuple(choices),
        chosen=picked.code if picked else "",
        goods=goods,
        shipping=picked.price if picked else nothing,
        tax=picked.tax if picked else goods_tax,
        total=picked.total if picked else goods if tax_included else goods + goods_tax,
        tax_included=tax_included,
        weight=weight,
        no_way=None if choices else delivery.why_no_way(ways, weight=weight),
        heaviest=None if choices else delivery.heaviest(ways),
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


def line_tax(line: CartLineView, *, is_included: bool) -> Money:
    """Tax on one line, rounded once a line; ``is_included``: in its price, else on top."""
    return tax.of(line.total, line.percent or Decimal(0), is_included=is_included)


def delivery_taxes(lines: Sequence[CartLineView], shipping: Money, *, is_included: bool) -> list[Money]:
    """Tax on delivery, line by line: it shares the fate of the goods, in proportion to their value.

    Where nothing costs anything, in proportion to the pieces.
    """
    if not shipping or not lines:
        return [Money(0, shipping.currency) for _ in lines]
    worth = [line.total.minor for line in lines]
    shares = shipping.allocate(worth if any(worth) else [line.quantity for line in lines])
    return [
        tax.of(share, line.percent or Decimal(0), is_included=is_included)
        for line, share in zip(lines, shares, strict=True)
    ]


def cart_taxes(lines: Sequence[CartLineView], shipping: Money, *, is_included: bool) -> tuple[TaxPart, ...]:
    """The tax on goods and delivery by rate, the highest first."""
    of_delivery = delivery_taxes(lines, shipping, is_included=is_included)
    return tax_parts(
        (line.percent or Decimal(0), line_tax(line, is_included=is_included) + share)
        for line, share in zip(lines, of_delivery, strict=True)
    )


def tax_parts(taxes: Iterable[tuple[Decimal, Money]]) -> tuple[TaxPart, ...]:
    """(percent, tax) of lines, added up by percent; rates that come to nothing are left out."""
    found: dict[Decimal, Money] = {}
    for percent, amount in taxes:
        found[percent] = found[percent] + amount if percent in found else amount
    return tuple(
        TaxPart(percent, found[percent]) for percent in sorted(found, reverse=True) if found[percent]
    )
