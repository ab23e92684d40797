"""Buying in one tap: what was shown is placed and paid with a kept instrument, in one action."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from dataclasses import astuple
from datetime import datetime

from django.db import transaction
from django.utils.crypto import salted_hmac

from tacit.accounts.types import NotAllowed, Visitor
from tacit.checkout.actions.buy import pay
from tacit.checkout.actions.place import Asked, place_once
from tacit.checkout.models import LARGEST_QUANTITY, Cart, CartLine
from tacit.checkout.queries.methods import means_of
from tacit.checkout.queries.one_tap import one_tap_of
from tacit.checkout.rules.contact import check_contact, check_key, check_quantity
from tacit.checkout.types.methods import SAVED, UNDO_WITHIN, OneTap, Wanted
from tacit.checkout.types.order import Bought, CheckoutError, NotPossible, TotalChanged
from tacit.core import clock
from tacit.core.money import Money


def one_tap(
    visitor: Visitor,
    *,
    wanted: Wanted,
    method: str,
    shipping: str,
    terms: str,
    total_seen: Money,
    key: str,
    return_url: Callable[[str], str],
    now: datetime,
) -> Bought:
    """Order ``wanted`` and charge the kept ``method`` (its reference), as ``queries.one_tap_of`` showed it.

    ``terms`` and ``total_seen`` are what was shown: anything else is refused. The visitor's own cart is not
    touched: this one is made for the order. The same key orders once. The order can be undone for UNDO_WITHIN.
    Raises NotAllowed for who is not signed in, and what ``buy`` raises, NoSuchOrder for another's order.
    """
    if visitor.person is None:
        raise NotAllowed
    check_key(key)
    check_quantity(wanted.quantity, largest=LARGEST_QUANTITY)
    cart = _cart_for(visitor, key)

    def prepare() -> Asked:
        means = means_of(visitor, SAVED + method, today=clock.in_shop(now).date())
        if means is None:
            raise CheckoutError("method", "gone")
        found = one_tap_of(visitor, wanted, currency=total_seen.currency, shipping=shipping, now=now)
        _check(found, terms=terms, shipping=shipping, total_seen=total_seen)
        _make_cart(visitor, cart, found, now)
        contact = check_contact(found.contact)
        return Asked(cart, contact, shipping, means, total_seen, undo_until=now + UNDO_WITHIN)

    parts = [*astuple(wanted), method, shipping, terms, total_seen.minor, total_seen.currency]
    body = hashlib.sha256(json.dumps(parts).encode()).hexdigest()
    with transaction.atomic():
        placement = place_once(
            visitor, cart, key=key, body=body, prepare=prepare, return_url=return_url, now=now
        )
        Cart.objects.filter(pk=cart).delete()
    return pay(placement, now=now)


def _cart_for(visitor: Visitor, key: str) -> str:
    """The token of the cart this key makes: the same at every try, and nobody else can find it."""
    made = salted_hmac("tacit.checkout.one-tap", f"{visitor.person}:{key}", algorithm="sha256")
    return made.hexdigest()[:32]


def _check(found: OneTap, *, terms: str, shipping: str, total_seen: Money) -> None:
    """What was shown still holds. A total out of date is told with the new one."""
    if not found.cart.lines:
        raise NotPossible("order", "nothing_left")
    if found.terms != terms or (found.cart.choices and found.cart.chosen != shipping):
        raise NotPossible("terms", "changed")
    if found.cart.orderable and found.total != total_seen:
        raise TotalChanged("total", "changed", total=found.total, seen=total_seen)


def _make_cart(visitor: Visitor, token: str, found: OneTap, now: datetime) -> None:
    """A cart that lives as long as the transaction: placing prices and locks it like anybody's."""
    Cart.objects.create(
        token=token,
        currency=found.cart.currency,
        person_id=visitor.person,
        created_at=now,
        updated_at=now,
    )
    CartLine.objects.bulk_create(
        CartLine(cart_id=token, variant_id=line.variant, quantity=line.quantity) for line in found.cart.lines
    )
