"""Ways of sending: what they cost, where they go, how long they take."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from tacit.core.money import Money


@dataclass(frozen=True, slots=True)
class Rate:
    """``price`` for a cart whose weight (grams) and goods (minor units of ``price``'s currency) lie between.

    Both ends count; a most of None is no limit.
    """

    price: Money
    weight_from: int = 0
    weight_most: int | None = None
    total_from: int = 0
    total_most: int | None = None


@dataclass(frozen=True, slots=True)
class Condition:
    """What a cart must be for a rate; None: that side is open. ``over`` leaves its grams out, ``least`` takes them in.

    Of ``over`` and ``least`` at most one is set.
    """

    over: int | None = None
    least: int | None = None
    most: int | None = None
    total_from: Money | None = None
    total_most: Money | None = None


@dataclass(frozen=True, slots=True)
class Destination:
    """Where a method goes (ISO 3166-1 alpha-2, "" for everywhere it does not name), in working ``days`` from–to.

    ``rates``: in all currencies, sorted by ``rate_order``.
    """

    country: str
    days: tuple[int, int]
    rates: tuple[Rate, ...]


@dataclass(frozen=True, slots=True)
class Method:
    """A way of sending as the shop keeps it. ``names``: language → its name there. ``destinations``: by country."""

    code: str
    name: str
    names: Mapping[str, str]
    handling: tuple[int, int]
    destinations: tuple[Destination, ...]
    active: bool = True


def rate_order(rate: Rate) -> tuple[str, int, float, int, float]:
    """By currency, then from the lowest goods total and the least weight up."""
    total_most = float("inf") if rate.total_most is None else rate.total_most
    weight_most = float("inf") if rate.weight_most is None else rate.weight_most
    return rate.price.currency, rate.total_from, total_most, rate.weight_from, weight_most


@dataclass(frozen=True, slots=True)
class Way:
    """A method as it goes to one country. ``handling`` working days in the house, then ``days`` on the way.

    ``rates``: in one currency; none when it is not offered in it.
    """

    code: str
    name: str
    handling: tuple[int, int]
    days: tuple[int, int]
    rates: tuple[Rate, ...]


@dataclass(frozen=True, slots=True)
class Arrival:
    """The first and the last day it is promised for, as the shop's calendar counts."""

    first: date
    last: date


@dataclass(frozen=True, slots=True)
class House:
    """Where parcels leave: the shop's country, its time zone (IANA), and the hour that ends the day's packing."""

    country: str
    zone: str
    cut_off: int


class NoWay(StrEnum):
    """Why a cart cannot be sent."""

    COUNTRY = "no_way_country"
    CURRENCY = "no_way_currency"
    WEIGHT = "no_way_weight"
    TOTAL = "no_way_total"


@dataclass(frozen=True, slots=True)
class Promise:
    """What a product page says about sending one piece; ``price`` None: it cannot be sent there by itself.

    ``never``: nor with other things, because nothing goes there or every piece is too heavy.
    ``several``: pieces of the product cost differently to send, ``price`` is the least.
    """

    tax_included: bool
    price: Money | None = None
    several: bool = False
    arrival: Arrival | None = None
    never: bool = False


@dataclass(frozen=True, slots=True)
class Terms:
    """How things are sent to ``country`` in ``currency``, and whether prices in it include tax."""

    country: str
    currency: str
    tax_included: bool
    ways: tuple[Way, ...]


@dataclass(frozen=True, slots=True)
class DeliveryRow:
    """A way of sending for a table: its rates, the cheapest last, and the days an order placed now would come."""

    name: str
    rates: tuple[Rate, ...]
    arrival: Arrival
