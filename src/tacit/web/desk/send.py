"""Several paid orders sent at once with one carrier: looked over first, then each by itself."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import render
from django.utils.translation import gettext as _

from tacit.accounts.types import Visitor
from tacit.checkout import actions, queries
from tacit.checkout.types.desk import StaffRow
from tacit.checkout.types.order import CheckoutError, NoSuchOrder, NotPossible, OrderStatus
from tacit.core import clock, ids
from tacit.core.money import Money
from tacit.web import answering, parsing
from tacit.web.desk.shown import order_shown
from tacit.web.parsing import BadInput

MOST = 50


def send(request: HttpRequest, visitor: Visitor) -> HttpResponse:
    """GET shows what sending the chosen orders will do; POST sends each in its own transaction."""
    given = request.POST if request.method == "POST" else request.GET
    numbers = _numbers(given)
    if request.method != "POST":
        return _look(request, visitor, numbers)
    try:
        key = parsing.text(request.POST, "key", longest=60, required=True)
        carrier = parsing.text(request.POST, "carrier", longest=60)
    except BadInput as error:
        return _look(request, visitor, numbers, error=error)
    outcomes = {number: _ship(visitor, number, carrier=carrier, key=key) for number in numbers}
    now = clock.now()
    rows = [(order_shown(row, now=now), outcomes[row.number]) for row in queries.staff_rows(visitor, numbers)]
    known = {each.row.number for each, _why in rows}
    shown = {
        "here": "orders",
        "rows": rows,
        "unknown": [number for number in numbers if number not in known],
        "all": len(numbers),
        "sent": sum(not why for _each, why in rows),
    }
    return render(request, "web/desk/sent.html", shown)


def _numbers(given: QueryDict) -> list[str]:
    numbers = list(dict.fromkeys(given.getlist("number")))
    if not numbers:
        raise BadInput("number", _("No order was chosen. Go back and tick those to send."))
    if len(numbers) > MOST:
        raise BadInput("number", _("At most %(most)s orders go at once.") % {"most": MOST})
    if any(not parsing.is_plain(number) or len(number) > 20 for number in numbers):
        raise BadInput("number", _("This is not an order's number."))
    return numbers


def _look(
    request: HttpRequest, visitor: Visitor, numbers: list[str], *, error: BadInput | None = None
) -> HttpResponse:
    rows = queries.staff_rows(visitor, numbers)
    now = clock.now()
    all_shown = [order_shown(row, now=now) for row in rows]
    going = [each.row for each in all_shown if each.can_send]
    unsent = queries.unsent_lines(visitor, [row.number for row in going])
    shown = {
        "here": "orders",
        "going": [(each, unsent.get(each.row.number, ())) for each in all_shown if each.can_send],
        "staying": [each for each in all_shown if not each.can_send],
        "unknown": [number for number in numbers if number not in {row.number for row in rows}],
        "pieces": sum(row.unsent for row in going),
        "taken": _sums(going),
        "key": f"send-{ids.token()}",
        "carrier_label": queries.carrier_label(),
        "typed": request.POST.get("carrier", "")[:200],
        "why": answering.explain(error) if error else "",
    }
    return render(request, "web/desk/send.html", shown, status=answering.status_of(error) if error else 200)


def _sums(rows: list[StaffRow]) -> list[Money]:
    """What will be taken, a sum for each currency."""
    sums: dict[str, Money] = {}
    for row in rows:
        sums[row.to_take.currency] = (
            sums.get(row.to_take.currency, Money(0, row.to_take.currency)) + row.to_take
        )
    return [each for each in sums.values() if each.minor > 0]


def _ship(visitor: Visitor, number: str, *, carrier: str, key: str) -> str:
    """'' when it is sent, else why not."""
    try:
        actions.ship(visitor, number, carrier=carrier, tracking="", key=key, now=clock.now())
    except CheckoutError as error:
        if isinstance(error, NotPossible) and _was_sent(visitor, number):
            return _("It was sent already.")
        return answering.explain(error)
    except NoSuchOrder:
        return _("There is no such order.")
    return ""


def _was_sent(visitor: Visitor, number: str) -> bool:
    return queries.staff_row(visitor, number).status is OrderStatus.SHIPPED
