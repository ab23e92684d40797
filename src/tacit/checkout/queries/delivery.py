"""Ways of sending, for carts and for pages that are the same for everybody."""

from __future__ import annotations

import json
from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.conf import settings
from django.core.cache import cache
from django.db import connection
from django.utils.translation import get_language

from tacit.catalog import queries as catalog
from tacit.checkout.rules import delivery
from tacit.checkout.types.delivery import DeliveryRow, House, Promise, Rate, Terms, Way
from tacit.core.money import Money

KEPT_SECONDS = 30
"""Pages for everybody may promise what was true so long ago; a cart is priced anew each time."""

# Of a method's destinations the country's own wins over the one for everywhere.
WAYS = """
(SELECT json_agg(json_build_array(m.code, coalesce(m.translations->>%(language)s, m.name), m.handling_from,
   m.handling_until, d.days_from, d.days_until,
   (SELECT json_agg(json_build_array(r.weight_from, r.weight_most, r.total_from, r.total_most, r.price_minor)
      ORDER BY r.id) FROM checkout_shippingrate r WHERE r.destination_id = d.id AND r.currency = {currency}))
   ORDER BY m.position, m.id)
 FROM checkout_shippingmethod m CROSS JOIN LATERAL (
   SELECT * FROM checkout_shippingdestination WHERE method_id = m.id AND country IN (%(country)s, '')
   ORDER BY country DESC LIMIT 1) d
 WHERE m.active)::text
"""


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
    language = get_language() or settings.LANGUAGE_CODE
    key = f"checkout.terms.{country}.{currency}.{language}"
    found: Terms | None = cache.get(key)
    if found is None:
        with connection.cursor() as cursor:
            asked = {"country": country, "currency": currency, "language": language}
            cursor.execute("SELECT " + WAYS.format(currency="%(currency)s"), asked)
            ways = read_ways(cursor.fetchone()[0], currency)
        found = Terms(country, currency, catalog.prices_include_tax(currency), ways)
        cache.set(key, found, KEPT_SECONDS)
    return found


def delivery_promise(
    pieces: Iterable[tuple[int, Money]], *, country: str, currency: str, now: datetime
) -> Promise:
    """What a page may promise about one piece sent to ``country``. ``pieces``: (grams, price) of what it sells.

    No statement while the terms are kept.
    """
    return delivery.promise(terms(country=country, currency=currency), pieces, house=house(), at=now)


def delivery_table(*, country: str, currency: str, now: datetime) -> tuple[DeliveryRow, ...]:
    """Every way to ``country`` in ``currency``, in the shop's order, for a help page. No statement while kept."""
    return tuple(
        DeliveryRow(
            name=way.name,
            rates=way.rates,
            arrival=delivery.arrival(way, country=country, house=house(), at=now),
        )
        for way in terms(country=country, currency=currency).ways
        if way.rates
    )
