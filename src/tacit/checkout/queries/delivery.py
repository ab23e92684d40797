"""Ways of sending, for carts and for pages that are the same for everybody."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from django.conf import settings
from django.core.cache import cache
from django.db import connection
from django.utils.translation import get_language

from tacit.catalog import queries as catalog
from tacit.checkout.models import ShippingMethod
from tacit.checkout.rules import delivery
from tacit.checkout.types.delivery import (
    DeliveryRow,
    Destination,
    House,
    Method,
    Promise,
    Rate,
    Terms,
    Way,
    rate_order,
)
from tacit.core.money import Money

KEPT_SECONDS = 30
"""Pages for everybody may promise what was true so long ago; a cart is priced anew each time."""

# Of a method's destinations those with a rate in the currency come first, and of these the country's own.
WAYS = """
(SELECT json_agg(json_build_array(m.code, coalesce(m.translations->>%(language)s, m.name), m.handling_from,
   m.handling_until, d.days_from, d.days_until,
   (SELECT json_agg(json_build_array(r.weight_from, r.weight_most, r.total_from, r.total_most, r.price_minor)
      ORDER BY r.id) FROM checkout_shippingrate r WHERE r.destination_id = d.id AND r.currency = {currency}))
   ORDER BY m.position, m.id)
 FROM checkout_shippingmethod m CROSS JOIN LATERAL (
   SELECT * FROM checkout_shippingdestination WHERE method_id = m.id AND country IN ({country}, '')
   ORDER BY EXISTS (SELECT FROM checkout_shippingrate x WHERE x.destination_id = checkout_shippingdestination.id
     AND x.currency = {currency}) DESC, country DESC LIMIT 1) d
 WHERE m.active)::text
"""


_WAYS_TO = "SELECT c.code, {ways} FROM unnest(%(countries)s::text[]) c(code)".format(  # noqa: S608 - only constants
    ways=WAYS.format(currency="%(currency)s", country="c.code")
)


def read_ways(text: str | None, currency: str) -> tuple[Way, ...]:
    """What WAYS selects."""
    return tuple(_way(data, currency) for data in json.loads(text or "[]"))


def _way(data: list[Any], currency: str) -> Way:
    code, name, handling_from, handling_until, days_from, days_until, rates = data
    return Way(
        code=code,
        name=name,
        handling=(handling_from, handling_until),
        days=(days_from, days_until),
        rates=tuple(
            Rate(Money(price, currency), weight_from, weight_most, total_from, total_most)
            for weight_from, weight_most, total_from, total_most, price in rates or ()
        ),
    )


def house() -> House:
    """Where the shop packs."""
    return House(settings.SHOP_COUNTRY, settings.SHOP_TIME_ZONE, settings.SHOP_CUT_OFF)


def get_ready(now: datetime) -> None:
    """Load what the first promise of a process would wait half a second for. No statement."""
    delivery.arrival(Way("", "", (0, 0), (0, 0), ()), country=settings.SHOP_COUNTRY, house=house(), at=now)


def terms(*, country: str, currency: str) -> Terms:
    """How the shop sends there, asked for anew only now and then: two statements every KEPT_SECONDS."""
    key = f"checkout.tax_included.{currency}"
    ways = _ways_to([country], currency)[country]
    included: bool | None = cache.get(key)
    if included is None:
        included = catalog.prices_include_tax(currency)
        cache.set(key, included, KEPT_SECONDS)
    return Terms(country, currency, included, ways)


def _ways_to(countries: Sequence[str], currency: str) -> dict[str, tuple[Way, ...]]:
    """The ways to each country; one statement for all that are not kept."""
    language = get_language() or settings.LANGUAGE_CODE
    keys = {country: f"checkout.ways.{country}.{currency}.{language}" for country in countries}
    kept = cache.get_many(keys.values())
    found: dict[str, tuple[Way, ...]] = {country: kept[key] for country, key in keys.items() if key in kept}
    if missing := [country for country in countries if country not in found]:
        with connection.cursor() as cursor:
            cursor.execute(_WAYS_TO, {"countries": missing, "currency": currency, "language": language})
            asked = {code: read_ways(text, currency) for code, text in cursor.fetchall()}
        cache.set_many({keys[country]: ways for country, ways in asked.items()}, KEPT_SECONDS)
        found |= asked
    return found


def delivery_promise(
    pieces: Iterable[tuple[int, Money]], *, country: str, currency: str, now: datetime
) -> Promise:
    """What a page may promise about one piece sent to ``country``. ``pieces``: (grams, price) of what it sells.

    No statement while the terms are kept.
    """
    return delivery.promise(terms(country=country, currency=currency), pieces, house=house(), at=now)


def delivery_tables(
    countries: Sequence[str], *, currency: str, now: datetime
) -> dict[str, tuple[DeliveryRow, ...]]:
    """Every way to each country in ``currency``, in the shop's order, with the rates that can count.

    For a help page: one statement for all, none while kept.
    """
    return {
        country: tuple(
            DeliveryRow(
                name=way.name,
                rates=delivery.telling(way.rates),
                arrival=delivery.arrival(way, country=country, house=house(), at=now),
            )
            for way in ways
            if way.rates
        )
        for country, ways in _ways_to(countries, currency).items()
    }


def may_withdraw(country: str) -> bool:
    """Whether the law of ``country`` lets buyers withdraw within 14 days."""
    return country in delivery.MAY_WITHDRAW


def shipping_methods() -> tuple[Method, ...]:
    """Every method as the shop keeps it, in its order; destinations without a rate, which offer nothing, left out."""
    found = []
    for row in ShippingMethod.objects.prefetch_related("destinations__rates").order_by("position", "id"):
        destinations = tuple(
            Destination(
                each.country,
                (each.days_from, each.days_until),
                tuple(
                    sorted(
                        (
                            Rate(
                                Money(rate.price_minor, rate.currency),
                                rate.weight_from,
                                rate.weight_most,
                                rate.total_from,
                                rate.total_most,
                            )
                            for rate in each.rates.all()
                        ),
                        key=rate_order,
                    )
                ),
            )
            for each in sorted(row.destinations.all(), key=lambda each: each.country)
            if each.rates.all()
        )
        found.append(
            Method(
                code=row.code,
                name=row.name,
                names=row.translations,
                handling=(row.handling_from, row.handling_until),
                destinations=destinations,
                active=row.active and bool(destinations),
            )
        )
    return tuple(found)
