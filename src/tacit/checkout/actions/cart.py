"""Filling and changing a cart."""

from __future__ import annotations

from datetime import datetime

from django.conf import settings
from django.db import connection, transaction

from tacit.accounts.types import Visitor
from tacit.catalog import queries as catalog
from tacit.checkout.models import LARGEST_QUANTITY, Cart, CartLine
from tacit.checkout.rules.contact import check_quantity
from tacit.checkout.types.order import CheckoutError, NoSuchCart, NotPossible
from tacit.core import ids

MOST_LINES = 100


def add_to_cart(visitor: Visitor, *, variant: int, quantity: int, currency: str, now: datetime) -> str:
    """At least ``quantity`` of the variant in the visitor's cart, which is made if need be; its token.

    Buying twice is not ordering twice: a quantity already there is kept when it is larger. The cart takes
    ``currency``, else the shop's first or one the variant is sold in; a filled cart keeps its own.
    Raises CheckoutError.
    """
    check_quantity(quantity, largest=LARGEST_QUANTITY)
    sold_in = catalog.currencies(variant)
    if not sold_in:
        raise CheckoutError("variant", "not_sold")
    with transaction.atomic():
        token, its_own = open_cart(visitor, sold_in, currency, now)
        if its_own not in sold_in:
            raise other_currency(its_own, sold_in)
        with connection.cursor() as cursor:
            cursor.execute(
                "INSERT INTO checkout_cartline (cart_id, variant_id, quantity)"
                " SELECT %s, %s, %s WHERE (SELECT count(*) FROM checkout_cartline WHERE cart_id = %s) < %s"
                " ON CONFLICT (cart_id, variant_id)"
                " DO UPDATE SET quantity = greatest(checkout_cartline.quantity, excluded.quantity)",
                [token, variant, quantity, token, MOST_LINES],
            )
            if not cursor.rowcount:
                raise CheckoutError("cart", "full", largest=MOST_LINES)
    return token


def open_cart(visitor: Visitor, sold_in: tuple[str, ...], currency: str, now: datetime) -> tuple[str, str]:
    """The visitor's cart, locked, made if need be, and its currency: one of ``sold_in``, unless it is filled in
    another."""
    wished = (currency, settings.SHOP_CURRENCY, *sold_in)
    preferred = next(each for each in wished if each in sold_in)
    if visitor.cart:
        with connection.cursor() as cursor:
            cursor.execute(
                "UPDATE checkout_cart c SET updated_at = %s, currency = CASE WHEN c.currency = ANY(%s) OR EXISTS"
                " (SELECT 1 FROM checkout_cartline l WHERE l.cart_id = c.token) THEN c.currency ELSE %s END"
                " WHERE token = %s RETURNING currency",
                [now, list(sold_in), preferred, visitor.cart],
            )
            row = cursor.fetchone()
        if row is not None:
            return visitor.cart, row[0]
    token = ids.token()
    Cart.objects.create(
        token=token, currency=preferred, person_id=visitor.person, created_at=now, updated_at=now
    )
    return token, preferred


def other_currency(cart: str, sold_in: tuple[str, ...]) -> CheckoutError:
    """A cart filled in currency ``cart`` cannot take what has a price only in ``sold_in``."""
    return CheckoutError("cart", "other_currency", cart=cart, sold_in=", ".join(sold_in))


def change_currency(visitor: Visitor, *, currency: str, now: datetime) -> tuple[str, ...]:
    """Change the visitor's own cart over to ``currency``; names of what has no price in it, then nothing changed.

    Granted prices of the other currency are kept, but count only in theirs.
    """
    if not visitor.cart:
        return ()
    with transaction.atomic():
        cart = Cart.objects.select_for_update().filter(token=visitor.cart).first()
        if cart is None or cart.currency == currency:
            return ()
        wanted = list(CartLine.objects.filter(cart=cart).values_list("variant_id", flat=True))
        missing = catalog.without_price(wanted, currency=currency) if wanted else {}
        if missing:
            return tuple(missing.values())
        Cart.objects.filter(pk=cart.pk).update(currency=currency, updated_at=now)
    return ()


def set_quantity(visitor: Visitor, *, line: int, quantity: int, now: datetime) -> None:
    """Change one line of the visitor's own cart; 0 takes it out. Raises CheckoutError, NoSuchCart."""
    check_quantity(quantity, smallest=0, largest=LARGEST_QUANTITY)
    with transaction.atomic():
        if not visitor.cart or not Cart.objects.filter(token=visitor.cart).update(updated_at=now):
            raise NoSuchCart
        mine = CartLine.objects.filter(cart_id=visitor.cart, pk=line)
        touched = mine.update(quantity=quantity) if quantity else mine.delete()[0]
        if not touched:
            raise CheckoutError("line", "unknown")


def put_in_cart(visitor: Visitor, *, sku: str, quantity: int, now: datetime, seen: int | None = None) -> None:
    """Exactly ``quantity`` of this SKU in the visitor's own cart; 0 takes it out, also what is not in it.

    ``seen``: how many were in it when that was decided (0: none); refused when that changed meanwhile.
    Raises CheckoutError, NotPossible, NoSuchCart.
    """
    check_quantity(quantity, smallest=0, largest=LARGEST_QUANTITY)
    variant = catalog.variant_of(sku)
    with transaction.atomic():
        cart = Cart.objects.select_for_update().filter(token=visitor.cart).first() if visitor.cart else None
        if cart is None:
            raise NoSuchCart
        mine = CartLine.objects.filter(cart=cart, variant_id=variant or 0)
        if seen is not None and seen != (mine.values_list("quantity", flat=True).first() or 0):
            raise NotPossible("line", "moved")
        if not quantity:
            mine.delete()
        elif variant is None:
            raise CheckoutError("sku", "not_sold")
        elif not mine.update(quantity=quantity):
            add_to_cart(visitor, variant=variant, quantity=quantity, currency=cart.currency, now=now)
        Cart.objects.filter(pk=cart.pk).update(updated_at=now)


def empty_cart(visitor: Visitor) -> None:
    """Take everything out of the visitor's own cart."""
    if visitor.cart:
        CartLine.objects.filter(cart_id=visitor.cart).delete()
