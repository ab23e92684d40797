"""Orders at the desk: find them, send them, give money back."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from datetime import date

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _

from tacit.accounts.types import Visitor
from tacit.checkout import actions, queries
from tacit.checkout import wording as checkout_wording
from tacit.checkout.types.order import CheckoutError, OrderStatus
from tacit.core import clock
from tacit.core.money import Money, MoneyError
from tacit.web import answering, parsing
from tacit.web.buying import see_other
from tacit.web.desk import history, parcels
from tacit.web.desk.in_place import asks_for_part, back
from tacit.web.desk.shown import OrderShown, done_sentence, order_shown, short_day
from tacit.web.parsing import BadInput

_PLACE = re.compile(r"[a-z]{1,20}\Z")
Act = Callable[[HttpRequest, Visitor, str, str], None]


def statuses() -> list[tuple[str, str]]:
    """What the list can be narrowed to, as (value, word)."""
    return [
        (OrderStatus.PAID.value, _("to send")),
        (queries.TROUBLED, _("money needs a person")),
        (queries.ASTRAY, _("parcel late, lost or not taken")),
        *(
            (each.value, checkout_wording.status_word(each))
            for each in OrderStatus
            if each is not OrderStatus.PAID
        ),
    ]


def orders(request: HttpRequest, visitor: Visitor) -> HttpResponse:
    """All orders, by status, by number or e-mail, and by the day they were placed on."""
    status = parsing.text(request.GET, "status", longest=20)
    if status and status not in {*OrderStatus, queries.TROUBLED, queries.ASTRAY}:
        raise BadInput("status", _("There is no such status. Choose one from the list."))
    query = parsing.text(request.GET, "q", longest=254)
    day = _day(parsing.text(request.GET, "day", longest=10))
    page = parsing.page_number(request.GET)
    found = queries.staff_page(visitor, status=status, query=query, day=day, page=page)
    now = clock.now()
    shown = {
        "here": "orders",
        "rows": [order_shown(row, now=now, back=request.get_full_path()) for row in found.rows],
        "found": found.found,
        "choose": status == OrderStatus.PAID,
        "status": status,
        "statuses": statuses(),
        "query": query,
        "day": day.isoformat() if day else "",
        "day_word": short_day(day) if day else "",
        "page": page,
        "before": page - 1,
        "after": page + 1 if found.more else 0,
        "done": done(request),
    }
    return render(request, "web/desk/orders.html", shown)


def _day(given: str) -> date | None:
    try:
        return date.fromisoformat(given) if given else None
    except ValueError as error:
        raise BadInput("day", _("This is not a day. Write it like 2026-11-24.")) from error


def done(request: HttpRequest) -> str:
    """The sentence about what was done to the order the address names, after a form without a script."""
    number = request.GET.get("order", "")
    return done_sentence(request.GET.get("did", ""), number) if number.isalnum() else ""


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
    each = refused(request, order_shown(queries.staff_row(visitor, number), now=clock.now()), error, doing)
    page = {
        "here": "orders",
        "order": shown,
        "each": each,
        "parcels": parcels.shown(request, shown, refused=doing == parcels.DOING),
        "happened": history.of_order(visitor, number),
        "done": done(request),
    }
    status = answering.status_of(error) if error is not None else 200
    return render(request, "web/desk/order.html", page, status=status)


def refused(
    request: HttpRequest, each: OrderShown, error: CheckoutError | BadInput | None, doing: str
) -> OrderShown:
    """``each`` with the act that was refused, why, and what was typed."""
    if error is None:
        return each
    typed = {name: str(value) for name, value in request.POST.items()}
    return replace(each, doing=doing, why=answering.explain(error), why_field=error.field, typed=typed)


def part(
    request: HttpRequest,
    visitor: Visitor,
    number: str,
    *,
    did: str = "",
    error: CheckoutError | BadInput | None = None,
    doing: str = "",
) -> HttpResponse:
    """The order's row alone, for the list it stands in."""
    from_list = parsing.same_site_path(request.POST.get("back", ""), default=reverse("desk-orders"))
    place = request.POST.get("place", "")
    row = queries.staff_row(visitor, number)
    each = order_shown(
        row, now=clock.now(), back=from_list, did=did, place=place if _PLACE.match(place) else "all"
    )
    shown = {"each": refused(request, each, error, doing), "choose": request.POST.get("choose") == "1"}
    status = answering.status_of(error) if error is not None else 200
    return render(request, "web/desk/order_row.html", shown, status=status)


def changing(doing: str, act: Act) -> Callable[[HttpRequest, Visitor, str], HttpResponse]:
    """A view that does ``act`` once under the form's key.

    A script gets the row as it is now; without one the list comes back, or the order with the error by its form.
    """

    def view(request: HttpRequest, visitor: Visitor, number: str) -> HttpResponse:
        queries.staff_row(visitor, number)
        try:
            key = parsing.text(request.POST, "key", longest=80)
            if not key:
                raise BadInput("key", _("The form came without its key. Open the order again."), status=400)
            act(request, visitor, number, key)
        except (CheckoutError, BadInput) as error:
            if asks_for_part(request):
                return part(request, visitor, number, error=error, doing=doing)
            return show(request, visitor, number, error=error, doing=doing)
        if asks_for_part(request):
            return part(request, visitor, number, did=done_sentence(doing, number))
        own = reverse("desk-order", args=[number])
        if not request.POST.get("back"):
            return see_other(own)
        return back(request, default=own, did=doing, order=number)

    return view


def parcel(request: HttpRequest, visitor: Visitor, number: str) -> HttpResponse:
    """What staff do about one parcel of an order, on the order's page."""
    queries.staff_row(visitor, number)
    try:
        key = parsing.text(request.POST, "key", longest=80)
        if not key:
            raise BadInput("key", _("The form came without its key. Open the order again."), status=400)
        did = parcels.act(request, visitor, number, key)
    except (CheckoutError, BadInput) as error:
        return show(request, visitor, number, error=error, doing=parcels.DOING)
    return back(request, default=reverse("desk-order", args=[number]), did=did, order=number)


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
