"""Buying a past order once more, as its page offers it."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.urls import reverse

from tacit.accounts.types import Visitor
from tacit.checkout import queries
from tacit.checkout.types.methods import Wanted
from tacit.checkout.types.order import OrderKind, OrderStatus, OrderView
from tacit.core import ids
from tacit.web import basket_link, links, returning
from tacit.web.currency import currency_of

MOST_PIECES = 999
IS_PAST_AFTER = timedelta(days=1)
_OVER = frozenset({OrderStatus.SHIPPED, OrderStatus.CANCELLED, OrderStatus.FAILED, OrderStatus.CLOSED})


def box(request: HttpRequest, visitor: Visitor, order: OrderView, *, now: datetime) -> dict[str, Any]:
    """What the page of a past order offers its signed-in owner: a box to tap, or a link that fills the cart.

    Nothing for others, nor while the order is fresh: nobody buys the same twice at once.
    """
    past = order.status in _OVER or now - order.placed_at >= IS_PAST_AFTER
    if not order.mine or order.kind is not OrderKind.SALE or not past:
        return {}
    found = queries.one_taps(visitor, (Wanted(order=order.number),), currency=currency_of(request), now=now)
    if found and found[0].cart.orderable:
        signature = links.signature(order.number)
        return {
            "tap": found[0],
            "tap_to": reverse("order-again", args=[order.number, signature]),
            "key": ids.token(),
        }
    return {"into_cart": into_cart(order)}


def into_cart(order: OrderView) -> str:
    """Where a cart opens with what the order was; '' when nothing of it is in the catalogue."""
    bought = [line for line in order.lines if line.variant is not None and line.quantity > 0]
    items = {line.sku: min(line.quantity, MOST_PIECES) for line in bought[: basket_link.MOST_ITEMS]}
    return reverse("go", args=[basket_link.written(items)]) if items else ""


def note(request: HttpRequest, response: HttpResponse, visitor: Visitor, order: OrderView) -> HttpResponse:
    """From an order of their own on, a browser whose owner has a kept way to pay is offered one tap."""
    if order.mine and returning.COOKIE not in request.COOKIES and queries.saved_methods(visitor):
        returning.note(response)
    return response
