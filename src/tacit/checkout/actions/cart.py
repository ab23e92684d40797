"""Filling and changing a cart."""

from __future__ import annotations

from datetime import datetime

from django.conf import settings
from django.db import connection, transaction

from tacit.accounts.types import Visitor
from tacit.catalog import queries as catalog
from tacit.checkout.models import LARGEST_QUANTITY, Cart, CartLine
from tacit.checkout.rules.contact import check_quantity
from tacit.checkout.types.order import CheckoutError, NoSuchCart
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
        token = _open_cart(visitor, sold_in, currency, now)
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


def _open_cart(visitor: Visitor, sold_in: tuple[str, ...], currency: str, now: datetime) -> str:
    """The visitor's cart in a currency the variant is sold in, locked; an empty one changes its currency."""
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
            if row[0] not in sold_in:
                raise CheckoutError("cart", "other_currency", cart=row[0], sold_in=", ".join(sold_in))
            return visitor.cart
    token = ids.token()
    Cart.objects.create(
        token=token, currency=preferred, person_id=visitor.person, created_at=now, updated_at=now
    )
    return token


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


def empty_cart(visitor: Visitor) -> None:
    """Take everything out of the visitor's own cart."""
    if visitor.cart:
        CartLine.objects.filter(cart_id=visitor.cart).delete()
