"""Undoing what was bought in one tap, for some minutes, by who bought it."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from tacit.accounts.types import Visitor
from tacit.checkout.actions.amend import cancel_order
from tacit.checkout.actions.gate import locked_order
from tacit.checkout.models import Order, OrderChange
from tacit.checkout.rules.contact import check_key
from tacit.checkout.types.order import NoSuchOrder, NotPossible, OrderStatus


def undo(visitor: Visitor, number: str, *, key: str, now: datetime) -> None:
    """Cancel the visitor's own order: goods back on the shelf, money released or on its way back.

    The same key, or a second tap on what is undone, changes nothing more. Raises NoSuchOrder (also for the holder of
    the order's link who is not signed in as its buyer), NotPossible when its minutes are over or it left the house.
    """
    check_key(key)
    with transaction.atomic():
        if (
            visitor.person is None
            or not Order.objects.filter(number=number, person_id=visitor.person).exists()
        ):
            raise NoSuchOrder(number)
        # Its row is locked from here on: whoever sends it comes before or after, never at once.
        order = locked_order(number)
        if order.status == OrderStatus.CANCELLED or _is_done(order, key):
            return
        if order.undo_until is None:
            raise NotPossible("order", "cannot_undo")
        if now >= order.undo_until:
            raise NotPossible("order", "undo_over", until=order.undo_until)
        cancel_order(number, by=f"owner:{visitor.person}", key=f"undo:{key}", now=now)


def _is_done(order: Order, key: str) -> bool:
    return OrderChange.objects.filter(order=order, key=f"undo:{key}").exists()
