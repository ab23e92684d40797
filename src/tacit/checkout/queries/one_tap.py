"""What a returning shopper would buy in one tap: priced, addressed and promised as it would be placed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime

from django.conf import settings
from django.db import connection

from tacit.accounts import queries as accounts
from tacit.accounts.types import Visitor
from tacit.catalog import queries as catalog
from tacit.catalog.types import Offer
from tacit.checkout.models import Order, OrderLine
from tacit.checkout.queries.carts import language, last_contact
from tacit.checkout.queries.delivery import WAYS, house, read_ways
from tacit.checkout.queries.methods import usable_methods
from tacit.checkout.rules.pricing import WantedLine, price_cart
from tacit.checkout.types.delivery import Way
from tacit.checkout.types.methods import GoneLine, OneTap, Wanted
from tacit.checkout.types.order import CartProblem, CartView, CheckoutError, Contact, NoSuchOrder
from tacit.core import clock

_WAYS = "SELECT {ways}".format(ways=WAYS.format(currency="%(currency)s", country="%(country)s"))


def one_tap_contact(visitor: Visitor) -> Contact | None:
    """Who gets it where: the person's default address and proven e-mail, else what their last order said."""
    if visitor.person is None:
        return None
    known = accounts.person(visitor.person)
    address = accounts.default_address(visitor)
    if known is not None and known.email and address is not None:
        return Contact(known.email, address)
    # What a browser's cart says may be somebody else's.
    last = last_contact(replace(visitor, cart=""))
    if last is None or known is None:
        return None
    return Contact(known.email or last.email, address or last.address)


def one_taps(
    visitor: Visitor,
    wanted: tuple[Wanted, ...],
    *,
    currency: str,
    shipping: str = "",
    now: datetime,
) -> tuple[OneTap, ...]:
    """Each of ``wanted`` as it would be bought now; () for a guest, without an address or a kept way to pay.

    ``shipping``: the way chosen, else the cheapest. Raises NoSuchOrder.
    """
    today = clock.in_shop(now).date()
    methods = usable_methods(visitor, today=today)
    contact = one_tap_contact(visitor) if methods else None
    if contact is None:
        return ()
    asked = [(each, *_items(visitor, each)) for each in wanted]
    variants = {variant for _each, items, _gone in asked for variant in items}
    country = contact.address.country
    currency, offers = _offers(variants, currency=currency, country=country)
    ways = _ways(currency, country)
    found = []
    for each, items, gone in asked:
        kept, left_out = _still_sold(items, offers) if each.order else (items, ())
        cart = _priced(kept, offers, ways, currency=currency, country=country, chosen=shipping, now=now)
        found.append(OneTap(each, cart, contact, methods, (*gone, *left_out)))
    return tuple(found)


def _items(visitor: Visitor, wanted: Wanted) -> tuple[dict[int, int], tuple[GoneLine, ...]]:
    """Variant → quantity; and the lines of a past order whose goods the catalogue no longer has."""
    if not wanted.order:
        return {wanted.variant: wanted.quantity}, ()
    if visitor.person is None:
        raise NoSuchOrder(wanted.order)
    order = Order.objects.filter(number=wanted.order, person_id=visitor.person).first()
    if order is None:
        raise NoSuchOrder(wanted.order)
    items: dict[int, int] = {}
    gone = []
    for line in OrderLine.objects.filter(order=order, quantity__gt=0).order_by("variant_id", "position"):
        if line.variant_id is None:
            gone.append(GoneLine(line.name, line.label, CartProblem.NOT_SOLD))
        else:
            items[line.variant_id] = items.get(line.variant_id, 0) + line.quantity
    return items, tuple(gone)


def _offers(variants: set[int], *, currency: str, country: str) -> tuple[str, dict[int, Offer]]:
    """The offers in ``currency``, else in the shop's first or one that all of them are sold in."""
    offers = catalog.offers(variants, currency=currency, country=country, language=language())
    if any(offer.active and offer.price is None for offer in offers.values()):
        sold_in = [set(catalog.currencies(variant)) for variant in variants]
        both = sorted(set.intersection(*sold_in)) if sold_in else []
        other = next((each for each in (settings.SHOP_CURRENCY, *both) if each in both), currency)
        if other != currency:
            return other, catalog.offers(variants, currency=other, country=country, language=language())
    return currency, offers


def _ways(currency: str, country: str) -> tuple[Way, ...]:
    """Read anew: what is shown here is what is charged."""
    with connection.cursor() as cursor:
        cursor.execute(_WAYS, {"currency": currency, "country": country, "language": language()})
        row = cursor.fetchone()
    return read_ways(row[0] if row else None, currency)


def _still_sold(
    items: Mapping[int, int], offers: Mapping[int, Offer]
) -> tuple[dict[int, int], tuple[GoneLine, ...]]:
    """What of a past order can be bought again, as many as are there; and what cannot."""
    kept: dict[int, int] = {}
    gone = []
    for variant, quantity in items.items():
        offer = offers.get(variant)
        if offer is None or not offer.active or offer.price is None:
            known = (offer.name, offer.label) if offer else ("", "")
            gone.append(GoneLine(*known, CartProblem.NOT_SOLD))
        elif offer.percent is None:
            gone.append(GoneLine(offer.name, offer.label, CartProblem.NOT_SENT_THERE))
        elif offer.available < quantity:
            gone.append(
                GoneLine(
                    offer.name,
                    offer.label,
                    CartProblem.TOO_FEW if offer.available else CartProblem.SOLD_OUT,
                )
            )
            if offer.available:
                kept[variant] = offer.available
        else:
            kept[variant] = quantity
    return kept, tuple(gone)


def _priced(
    items: Mapping[int, int],
    offers: Mapping[int, Offer],
    ways: tuple[Way, ...],
    *,
    currency: str,
    country: str,
    chosen: str,
    now: datetime,
) -> CartView:
    def price(code: str) -> CartView:
        return price_cart(
            token="",
            currency=currency,
            country=country,
            countries=(),
            wanted=[WantedLine(0, variant, items[variant]) for variant in sorted(items)],
            offers=offers,
            ways=ways,
            tax_included=all(offers[each].tax_included for each in items if each in offers),
            house=house(),
            chosen=code,
            now=now,
        )

    cart = price(chosen)
    if not cart.choices or cart.chosen == chosen:
        return cart
    return price(min(cart.choices, key=lambda choice: choice.total.minor).code)


def one_tap_of(
    visitor: Visitor, wanted: Wanted, *, currency: str, shipping: str = "", now: datetime
) -> OneTap:
    """One of them. Raises CheckoutError (``method``, ``none_kept``) where it cannot be bought in one tap."""
    found = one_taps(visitor, (wanted,), currency=currency, shipping=shipping, now=now)
    if not found:
        raise CheckoutError("method", "none_kept")
    return found[0]
