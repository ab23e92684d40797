"""The cart of whoever asks, priced."""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any

from django.conf import settings
from django.db import connection
from django.db.models import Case, Q, When
from django.utils.translation import get_language

from tacit.accounts import queries as accounts
from tacit.accounts.types import Visitor
from tacit.catalog import queries as catalog
from tacit.checkout.models import Order
from tacit.checkout.queries.delivery import WAYS, house, read_ways
from tacit.checkout.rules.pricing import Grant, WantedLine, price_cart
from tacit.checkout.types.order import CartView, Contact, NoSuchCart
from tacit.checkout.types.payment import PaymentMethod, PaymentProvider
from tacit.core import ports
from tacit.core.address import Address
from tacit.core.money import Money

_CART = """
SELECT c.currency,
  (SELECT json_agg(json_build_object('id', l.id, 'variant', l.variant_id, 'quantity', l.quantity,
     'own', (SELECT sum(ol.quantity) FROM checkout_orderline ol JOIN checkout_order o ON o.id = ol.order_id
             WHERE o.cart = c.token AND o.status = 'awaiting_payment' AND ol.variant_id = l.variant_id),
     'grants',
     (SELECT json_agg(json_build_array(g.unit_minor, g.currency, g.quantity, g.expires_at, p.key,
       p.allowed - p.used + coalesce((SELECT sum(ol.quantity) FROM checkout_orderline ol
         JOIN checkout_order o ON o.id = ol.order_id WHERE o.cart = c.token AND o.status = 'awaiting_payment'
         AND ol.limit_id = p.key), 0)))
        FROM checkout_pricegrant g LEFT JOIN checkout_pricelimit p ON p.key = g.limit_id
        WHERE g.cart_line_id = l.id)) ORDER BY l.id)
     FROM checkout_cartline l WHERE l.cart_id = c.token)::text,
  {ways}
FROM checkout_cart c WHERE c.token = %(token)s
""".format(ways=WAYS.format(currency="c.currency", country="%(country)s"))  # noqa: S608 - only constants are put together


def cart_of(visitor: Visitor, *, country: str = "", shipping: str = "", now: datetime) -> CartView:
    """The visitor's cart, priced now. Unknown ``country`` or ``shipping`` fall back to the shop's own.

    Raises NoSuchCart. Three statements.
    """
    if not visitor.cart:
        raise NoSuchCart
    countries = catalog.countries()
    if country not in countries:
        country = settings.SHOP_COUNTRY
    if country not in countries and countries:
        country = countries[0]
    row = _row(visitor, country)
    return _priced(visitor, row, country=country, countries=countries, shipping=shipping, now=now)


def cart_to_place(visitor: Visitor, *, country: str, shipping: str, now: datetime) -> CartView:
    """The cart as it is about to be ordered: locked until the caller's transaction ends, ``country`` as typed.

    The lock keeps its lines still between pricing and ordering. Raises NoSuchCart. Two statements.
    """
    row = _row(visitor, country, lock=" FOR UPDATE OF c")
    return _priced(visitor, row, country=country, countries=(), shipping=shipping, now=now)


def _row(visitor: Visitor, country: str, lock: str = "") -> tuple[str, Any, str | None]:
    if not visitor.cart:
        raise NoSuchCart
    with connection.cursor() as cursor:
        cursor.execute(_CART + lock, {"token": visitor.cart, "country": country, "language": language()})
        row = cursor.fetchone()
    if row is None:
        raise NoSuchCart
    return row[0], json.loads(row[1] or "[]"), row[2]


def _priced(
    visitor: Visitor,
    row: tuple[str, Any, str | None],
    *,
    country: str,
    countries: tuple[str, ...],
    shipping: str,
    now: datetime,
) -> CartView:
    currency, lines, ways = row
    wanted = [
        WantedLine(
            line["id"],
            line["variant"],
            line["quantity"],
            [_grant(grant) for grant in line["grants"] or ()],
            own=line["own"] or 0,
        )
        for line in lines
    ]
    offers = (
        catalog.offers(
            [line.variant for line in wanted], currency=currency, country=country, language=language()
        )
        if wanted
        else {}
    )
    return price_cart(
        token=visitor.cart,
        currency=currency,
        country=country,
        countries=countries,
        wanted=wanted,
        offers=offers,
        ways=read_ways(ways, currency),
        tax_included=all(offer.tax_included for offer in offers.values()),
        house=house(),
        chosen=shipping,
        now=now,
    )


def language() -> str:
    """The language the person asking reads."""
    return get_language() or settings.LANGUAGE_CODE


def _grant(data: list[Any]) -> Grant:
    unit, currency, quantity, expires_at, limit, left = data
    return Grant(Money(unit, currency), quantity, datetime.fromisoformat(expires_at), limit, left)


def payment_methods() -> tuple[PaymentMethod, ...]:
    """Ways to pay, best first; none where no provider is chosen (TACIT_PAYMENT_PROVIDER)."""
    try:
        return ports.get(PaymentProvider).methods()
    except ports.PortNotWired:
        return ()


def last_contact(visitor: Visitor) -> Contact | None:
    """What was typed with this cart, else where this person's things go by default or went last, so that nobody
    types it twice. At most two statements."""
    mine = Q(cart=visitor.cart) if visitor.cart else Q(pk=None)
    if visitor.person is not None:
        mine |= Q(person_id=visitor.person)
    with_this_cart = Case(When(cart=visitor.cart or None, then=1), default=0)
    found = Order.objects.filter(mine, historic=False).order_by(with_this_cart.desc(), "-id").first()
    if visitor.person is not None and (found is None or found.cart != visitor.cart or not visitor.cart):
        kept = accounts.default_contact(visitor)
        if kept is not None:
            return Contact(*kept)
    if found is None:
        return None
    return Contact(
        found.email,
        Address(found.name, found.line1, found.line2, found.postcode, found.city, found.country),
    )
