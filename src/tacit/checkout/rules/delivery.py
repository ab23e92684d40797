"""Which way of sending a cart may take, what it costs, and when it arrives."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from tacit.checkout.rules import workdays
from tacit.checkout.types.delivery import Arrival, Condition, House, Method, NoWay, Promise, Rate, Terms, Way
from tacit.checkout.types.order import CheckoutError
from tacit.core.money import Money

_COUNTRY = re.compile(r"[A-Z]{2}")

_CODE = re.compile(r"[a-z0-9][a-z0-9-]{0,39}")

MOST_DAYS = 365
LONGEST_NAME = 80
MOST_GRAMS = 2**31 - 1

# fmt: off
MAY_WITHDRAW = frozenset(
    {
        "AT", "BE", "BG", "CY", "CZ", "DE", "DK", "EE", "ES", "FI", "FR", "GR", "HR", "HU", "IE", "IS",
        "IT", "LI", "LT", "LU", "LV", "MT", "NL", "NO", "PL", "PT", "RO", "SE", "SI", "SK"
    }
)
# fmt: on
"""Countries whose buyers may withdraw for 14 days: EU and EEA, directive 2011/83/EU, article 9."""


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
            if field == "weight" and max(least, most or 0) > MOST_GRAMS:
                raise CheckoutError(field, "out_of_range", smallest=0, largest=MOST_GRAMS)
            if most is not None and most < least:
                raise CheckoutError(field, "out_of_range", smallest=least, largest=None)
    spans = [(rate.weight_from, rate.weight_most, rate.total_from, rate.total_most) for rate in rates]
    if len(set(spans)) != len(spans):
        raise CheckoutError("rates", "twice")


def check_method(method: Method) -> None:
    """A whole method as it can be saved. Raises CheckoutError naming the first field that cannot be."""
    if not _CODE.fullmatch(method.code):
        raise CheckoutError("method", "unknown")
    for name in (method.name, *method.names.values()):
        if not name.strip():
            raise CheckoutError("name", "required")
        if len(name) > LONGEST_NAME:
            raise CheckoutError("name", "too_long", longest=LONGEST_NAME)
    check_days("handling", method.handling)
    countries = [destination.country for destination in method.destinations]
    if len(set(countries)) != len(countries):
        raise CheckoutError("country", "twice")
    for destination in method.destinations:
        check_days("days", destination.days)
        for currency in {rate.price.currency for rate in destination.rates}:
            rates = [rate for rate in destination.rates if rate.price.currency == currency]
            check_rates(rates, [destination.country], currency=currency)


def condition(rate: Rate) -> Condition:
    """What a cart must be for ``rate``. A weight from 2001 g on is said as over 2000, from 2000 on as 2000 or more."""
    over = least = None
    if rate.weight_from and _roundness(rate.weight_from - 1) > _roundness(rate.weight_from):
        over = rate.weight_from - 1
    elif rate.weight_from:
        least = rate.weight_from
    currency = rate.price.currency
    return Condition(
        over=over,
        least=least,
        most=rate.weight_most,
        total_from=Money(rate.total_from, currency) if rate.total_from else None,
        total_most=None if rate.total_most is None else Money(rate.total_most, currency),
    )


def _roundness(grams: int) -> int:
    """Zeros at its end; 0 g is as round as it gets."""
    digits = str(grams)
    return len(digits) - len(digits.rstrip("0")) if grams else len(digits) + 1


def telling(rates: Sequence[Rate]) -> tuple[Rate, ...]:
    """The rates that can ever count: not those another one undercuts, or equals, wherever they fit."""
    return tuple(
        rate
        for at, rate in enumerate(rates)
        if not any(
            _holds(other, rate) and (other.price.minor, number) < (rate.price.minor, at)
            for number, other in enumerate(rates)
        )
    )


def _holds(outer: Rate, inner: Rate) -> bool:
    """Whether every cart that fits ``inner`` fits ``outer``."""
    return all(
        least <= inside and (most is None or (inside_most is not None and inside_most <= most))
        for least, most, inside, inside_most in (
            (outer.weight_from, outer.weight_most, inner.weight_from, inner.weight_most),
            (outer.total_from, outer.total_most, inner.total_from, inner.total_most),
        )
    )


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
    pieces = tuple(pieces)
    found = [
        (price, way)
        for weight, goods in pieces
        for price, way in [_cheapest(terms.ways, weight=weight, goods=goods)]
        if price is not None and way is not None
    ]
    if not found:
        return Promise(tax_included=terms.tax_included, never=_never(terms.ways, pieces))
    price, way = min(found, key=lambda one: one[0].minor)
    return Promise(
        tax_included=terms.tax_included,
        price=price,
        several=len({price for price, _ in found}) > 1,
        arrival=arrival(way, country=terms.country, house=house, at=at),
    )


def _never(ways: Sequence[Way], pieces: Sequence[tuple[int, Money]]) -> bool:
    """Whether no cart with one of ``pieces`` in it can be sent. Prices in another currency may be another matter."""
    if not ways:
        return True
    most = heaviest(ways)
    priced = any(way.rates for way in ways)
    return priced and most is not None and all(weight > most for weight, _ in pieces)


def _cheapest(ways: Iterable[Way], *, weight: int, goods: Money) -> tuple[Money | None, Way | None]:
    """The price and the first of the ways that ask the least."""
    fitting = [(price, way) for way in ways if (price := cost(way, weight=weight, goods=goods)) is not None]
    return min(fitting, key=lambda one: one[0].minor, default=(None, None))
