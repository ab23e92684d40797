"""Which way of sending a cart may take, what it costs, and when it arrives."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from tacit.checkout.rules import workdays
from tacit.checkout.types.delivery import Arrival, House, NoWay, Promise, Rate, Terms, Way
from tacit.checkout.types.order import CheckoutError
from tacit.core.money import Money

_COUNTRY = re.compile(r"[A-Z]{2}")

MOST_DAYS = 365


def check_days(field: str, days: tuple[int, int]) -> None:
    """Working days from–to. Raises CheckoutError."""
    first, last = days
    if not 0 <= first <= last <= MOST_DAYS:
        raise CheckoutError(field, "out_of_range", smallest=0, largest=MOST_DAYS)


def check_rates(rates: Sequence[Rate], countries: Sequence[str], *, currency: str) -> None:
    """Rates as they can be saved. Raises CheckoutError naming the first field that cannot be."""
    if not countries:
        raise CheckoutError("country", "required")
    for country in countries:
        if country and not _COUNTRY.fullmatch(country):
            raise CheckoutError("country", "not_a_country")
    for rate in rates:
        if rate.price.currency != currency:
            raise CheckoutError("currency", "other_currency", currency=currency)
        if rate.price.minor < 0:
            raise CheckoutError("price", "negative")
        for field, least, most in (
            ("weight", rate.weight_from, rate.weight_most),
            ("total", rate.total_from, rate.total_most),
        ):
            if least < 0:
                raise CheckoutError(field, "negative")
            if most is not None and most < least:
                raise CheckoutError(field, "out_of_range", smallest=least, largest=None)
    spans = [(rate.weight_from, rate.weight_most, rate.total_from, rate.total_most) for rate in rates]
    if len(set(spans)) != len(spans):
        raise CheckoutError("rates", "twice")


def cost(way: Way, *, weight: int, goods: Money) -> Money | None:
    """What ``way`` costs for so many grams and these goods: its cheapest rate that fits; None: none does."""
    fitting = [rate.price for rate in way.rates if _carries(rate, weight) and _covers(rate, goods)]
    return min(fitting, key=lambda price: price.minor, default=None)


def free_from(way: Way, *, weight: int, goods: Money) -> Money | None:
    """The goods total above ``goods`` from which ``way`` costs nothing; None when there is none."""
    totals = [
        rate.total_from
        for rate in way.rates
        if not rate.price and _carries(rate, weight) and rate.total_from > goods.minor
    ]
    return Money(min(totals), goods.currency) if totals else None


def _carries(rate: Rate, weight: int) -> bool:
    return rate.weight_from <= weight and (rate.weight_most is None or weight <= rate.weight_most)


def _covers(rate: Rate, goods: Money) -> bool:
    return rate.total_from <= goods.minor and (rate.total_most is None or goods.minor <= rate.total_most)


def heaviest(ways: Iterable[Way]) -> int | None:
    """Grams that some way still takes; None: there is no limit."""
    limits = [rate.weight_most for way in ways for rate in way.rates]
    return None if None in limits else max((limit for limit in limits if limit is not None), default=0)


def why_no_way(ways: Sequence[Way], *, weight: int) -> NoWay:
    """Why none of ``ways`` takes the cart."""
    if not ways:
        return NoWay.COUNTRY
    if not any(way.rates for way in ways):
        return NoWay.CURRENCY
    if not any(_carries(rate, weight) for way in ways for rate in way.rates):
        return NoWay.WEIGHT
    return NoWay.TOTAL


def arrival(way: Way, *, country: str, house: House, at: datetime) -> Arrival:
    """When something ordered at ``at`` is in ``country``.

    Packing takes working days of the house, the way those of the country it goes to. What is ordered after the
    house's cut-off, or on a day off, counts for the next working day.
    """
    local = at.astimezone(_zone(house.zone))
    begins = workdays.later(house.country, local.date() + timedelta(days=local.hour >= house.cut_off), 0)
    first, last = (
        workdays.later(country, workdays.later(house.country, begins, handling), days)
        for handling, days in zip(way.handling, way.days, strict=True)
    )
    return Arrival(first, last)


@lru_cache(maxsize=8)
def _zone(name: str) -> ZoneInfo:
    return ZoneInfo(name)


def promise(terms: Terms, pieces: Iterable[tuple[int, Money]], *, house: House, at: datetime) -> Promise:
    """The cheapest way to send one piece; ``pieces``: (grams, price) of what the page sells. No I/O."""
    found = [
        (price, way)
        for weight, goods in pieces
        for price, way in [_cheapest(terms.ways, weight=weight, goods=goods)]
        if price is not None and way is not None
    ]
    if not found:
        return Promise(tax_included=terms.tax_included)
    price, way = min(found, key=lambda one: one[0].minor)
    return Promise(
        tax_included=terms.tax_included,
        price=price,
        several=len({price for price, _ in found}) > 1,
        arrival=arrival(way, country=terms.country, house=house, at=at),
    )


def _cheapest(ways: Iterable[Way], *, weight: int, goods: Money) -> tuple[Money | None, Way | None]:
    """The price and the first of the ways that ask the least."""
    fitting = [(price, way) for way in ways if (price := cost(way, weight=weight, goods=goods)) is not None]
    return min(fitting, key=lambda one: one[0].minor, default=(None, None))
