"""Ways of sending: what they cost, where they go, how long they take."""

from __future__ import annotations

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
    """What a product page says about sending one piece; ``price`` None: it cannot be sent there.

    ``several``: pieces of the product cost differently to send, ``price`` is the least.
    """

    tax_included: bool
    price: Money | None = None
    several: bool = False
    arrival: Arrival | None = None


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
