"""One order, for whoever holds its link; and all orders of somebody signed in."""

from __future__ import annotations

from datetime import timedelta

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.http import urlencode

from tacit.accounts.types import Visitor
from tacit.checkout import actions, queries
from tacit.checkout import wording as checkout_wording
from tacit.checkout.types.order import NoSuchOrder, OrderStatus, OrderView, Outcome
from tacit.checkout.types.payment import PaymentState, ProviderRefused, ProviderUnreachable
from tacit.core import clock, crash, ids
from tacit.web import again, links, words
from tacit.web.buying import see_other
from tacit.web.visitor import visitor_of

LOOKS_AGAIN_SECONDS = 5
LOOKS_AGAIN_FOR = timedelta(minutes=15)
_BEING_CONFIRMED = frozenset({PaymentState.CREATED, PaymentState.PROCESSING})


def order(request: HttpRequest, number: str, signature: str) -> HttpResponse:
    """The order as cash machine: what it is, where it stands, what was paid."""
    visitor = holder(request, number, signature)
    shown = queries.order_of(visitor, number)
    waits = is_being_confirmed(shown)
    now = clock.now()
    today = clock.in_shop(now).date()
    headline, further = words.headline(checkout_wording.status_sentence(shown))
    page = {
        "order": shown,
        "headline": headline,
        "further": further,
        "steps": words.steps(shown),
        "promised": words.promised(shown, today=today),
        "missed": words.missed(shown, today=today),
        "waits": waits,
        "refresh": LOOKS_AGAIN_SECONDS if waits and now - shown.placed_at < LOOKS_AGAIN_FOR else 0,
        "pay_at": action_url(shown),
        "undo": checkout_wording.undo_sentence(shown) if shown.mine and shown.undoable(now) else "",
        "signature": signature,
        "key": ids.token(),
        **again.box(request, visitor, shown, now=now),
        "data_at": reverse("order-data", args=[number, signature]) if shown.email else "",
    }
    return again.note(request, render(request, "web/order.html", page), visitor, shown)


def back_from_provider(request: HttpRequest, number: str, signature: str) -> HttpResponse:
    """The buyer comes back: see what came of it, once, and go on."""
    visitor = holder(request, number, signature)
    shown = queries.order_of(visitor, number)
    payment = shown.payment
    crash.point("return.came_back")
    if payment is not None:
        try:
            bought = actions.complete_payment(reference=payment.reference, now=clock.now())
        except (ProviderUnreachable, ProviderRefused):
            return see_other(links.order_path(number))
        # What was bought in one tap has no cart to go back to: its own page offers it anew.
        if bought.outcome is Outcome.DECLINED and shown.undo_until is None:
            return see_other(f"{reverse('checkout')}?{urlencode({'declined': bought.decline_code or '1'})}")
    return see_other(links.order_path(number))


def holder(request: HttpRequest, number: str, signature: str) -> Visitor:
    """The visitor, with the order of a link that is really ours. Raises NoSuchOrder."""
    if not links.is_signed(number, signature):
        raise NoSuchOrder(number)
    return visitor_of(request, order=number)


def orders(request: HttpRequest) -> HttpResponse:
    """My orders; asks to sign in first."""
    visitor = visitor_of(request)
    if visitor.person is None:
        return see_other(f"{reverse('sign-in')}?next={reverse('orders')}")
    rows = [
        (row, links.order_path(row.number), checkout_wording.status_word(row.status))
        for row in queries.orders_of(visitor)
    ]
    return render(request, "web/orders.html", {"rows": rows})


def is_being_confirmed(order: OrderView) -> bool:
    """Whether nobody knows yet if the money came."""
    waits = order.status is OrderStatus.AWAITING_PAYMENT
    return waits and order.payment is not None and order.payment.state in _BEING_CONFIRMED


def action_url(order: OrderView) -> str:
    """Where the buyer finishes paying; '' when there is nothing to do."""
    if order.status is not OrderStatus.AWAITING_PAYMENT or order.payment is None:
        return ""
    if order.payment.state is not PaymentState.NEEDS_ACTION:
        return ""
    address = order.payment.action_url
    return address if address.startswith(("https://", "http://")) else ""
