"""Orders at the desk: find them, send them, give money back."""

from __future__ import annotations

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _

from tacit.accounts.types import Visitor
from tacit.checkout import actions, queries
from tacit.checkout import wording as checkout_wording
from tacit.checkout.types.order import CheckoutError, OrderStatus, OrderView
from tacit.core import clock, ids
from tacit.core.money import Money, MoneyError
from tacit.web import answering, parsing, words
from tacit.web.buying import see_other
from tacit.web.parsing import BadInput

Act = Callable[[HttpRequest, Visitor, str, str], None]


def orders(request: HttpRequest, visitor: Visitor) -> HttpResponse:
    """All orders, by status and by number or e-mail."""
    status = parsing.text(request.GET, "status", longest=20)
    if status and status not in {*OrderStatus, queries.TROUBLED}:
        raise BadInput("status", _("There is no such status. Choose one from the list."))
    query = parsing.text(request.GET, "q", longest=254)
    page = parsing.page_number(request.GET)
    rows, is_more = queries.staff_orders(visitor, status=status, query=query, page=page)
    shown = {
        "here": "orders",
        "rows": [(row, checkout_wording.status_word(row.status), words.kind(row)) for row in rows],
        "status": status,
        "statuses": [
            *((each.value, checkout_wording.status_word(each)) for each in OrderStatus),
            (queries.TROUBLED, _("money needs a person")),
        ],
        "query": query,
        "page": page,
        "before": page - 1,
        "after": page + 1 if is_more else 0,
    }
    return render(request, "web/desk/orders.html", shown)


def order(request: HttpRequest, visitor: Visitor, number: str) -> HttpResponse:
    return show(request, visitor, number)


def show(
    request: HttpRequest,
    visitor: Visitor,
    number: str,
    *,
    error: CheckoutError | BadInput | None = None,
    doing: str = "",
) -> HttpResponse:
    """One order whole, with what can be done to it and what that will do. Raises NoSuchOrder."""
    shown = queries.order_of(visitor, number)
    payment = shown.payment
    refundable = (
        payment.captured - payment.refunded - payment.refunding if payment is not None else shown.total * 0
    )
    page = {
        "here": "orders",
        "order": shown,
        "word": checkout_wording.status_word(shown.status),
        "kind": words.kind(shown),
        "headline": checkout_wording.status_sentence(shown),
        "unsent": unsent(shown),
        "can_ship": not shown.historic and shown.status is OrderStatus.PAID,
        "can_refund": not shown.historic and refundable.minor > 0,
        "can_cancel": can_cancel(shown),
        "can_collect": payment is not None and any(kind == "capture" for kind, _error in payment.refused),
        "refundable": refundable,
        "comes_back": payment.captured if payment is not None and payment.captured else None,
        "key": ids.token(),
        "doing": doing,
        "typed": request.POST if error is not None else {},
        "why": answering.explain(error) if error is not None else "",
        "why_field": error.field if error is not None else "",
    }
    status = answering.status_of(error) if error is not None else 200
    return render(request, "web/desk/order.html", page, status=status)


def unsent(order: OrderView) -> int:
    """Pieces not sent yet."""
    return sum(line.quantity - line.shipped - line.cancelled for line in order.lines)


def can_cancel(order: OrderView) -> bool:
    open_still = order.status in {OrderStatus.AWAITING_PAYMENT, OrderStatus.PAID}
    return not order.historic and open_still and not order.shipments


def changing(doing: str, act: Act) -> Callable[[HttpRequest, Visitor, str], HttpResponse]:
    """A view that does ``act`` once under the form's key, then shows the order; errors stand by the form."""

    def view(request: HttpRequest, visitor: Visitor, number: str) -> HttpResponse:
        queries.order_of(visitor, number)
        try:
            key = parsing.text(request.POST, "key", longest=80)
            if not key:
                raise BadInput("key", _("The form came without its key. Open the order again."), status=400)
            act(request, visitor, number, key)
        except (CheckoutError, BadInput) as error:
            return show(request, visitor, number, error=error, doing=doing)
        return see_other(reverse("desk-order", args=[number]))

    return view


def _ship(request: HttpRequest, visitor: Visitor, number: str, key: str) -> None:
    carrier = parsing.text(request.POST, "carrier", longest=60)
    tracking = parsing.text(request.POST, "tracking", longest=80)
    actions.ship(visitor, number, carrier=carrier, tracking=tracking, key=key, now=clock.now())


def _refund(request: HttpRequest, visitor: Visitor, number: str, key: str) -> None:
    reason = parsing.text(request.POST, "reason", longest=200, required=True)
    given = parsing.text(request.POST, "amount", longest=30, required=True)
    currency = parsing.text(request.POST, "currency", longest=3, required=True)
    try:
        amount = Money.parse(given.replace(",", "."), currency)
    except MoneyError as error:
        field = "currency" if "currency" in str(error) else "amount"
        raise BadInput(field, _("This is not an amount. Write it like 12.50.")) from error
    actions.refund(visitor, number, amount=amount, reason=reason, key=key, now=clock.now())


def _cancel(request: HttpRequest, visitor: Visitor, number: str, key: str) -> None:
    del request
    actions.cancel(visitor, number, key=key, now=clock.now())


def _collect(request: HttpRequest, visitor: Visitor, number: str, key: str) -> None:
    del request
    actions.collect(visitor, number, key=key, now=clock.now())


ship = changing("ship", _ship)
collect = changing("collect", _collect)
refund = changing("refund", _refund)
cancel = changing("cancel", _cancel)
