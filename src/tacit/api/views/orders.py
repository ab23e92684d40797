"""Orders: placing one, reading it with its link, and what programs of the shop do with them."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from ninja import Header, Path, Query, Router
from pydantic import AwareDatetime, BaseModel, BeforeValidator, Field
from pydantic_core import PydanticCustomError

from tacit.accounts.types import Scope
from tacit.api import answers, cursors, gate, problems
from tacit.api.explaining import Refused
from tacit.api.problems import problem
from tacit.api.shapes.orders import (
    NewOrder,
    NewParcel,
    NewRefund,
    Order,
    OrderInList,
    Orders,
    Placed,
)
from tacit.api.views.carts import Token
from tacit.checkout import actions, queries, wording
from tacit.checkout.types.order import Bought, OrderStatus, Outcome
from tacit.core import clock, ports
from tacit.core.mail import Links
from tacit.core.money import Money

checkout = Router(tags=["Cart and checkout"])
router = Router(tags=["Orders"])
IDEMPOTENCY = (
    "8 to 80 letters, digits, `-` or `_`, made afresh for every new request and kept for its retries. It counts for the"
    " cart or order in the address alone: on another cart or order it is a new key"
)
Key = Annotated[
    str, Header(alias="Idempotency-Key", pattern=r"^[A-Za-z0-9_\-]{8,80}$", description=IDEMPOTENCY)
]
Number = Annotated[str, Path(pattern=r"^[0-9A-Za-z\-]{1,40}$")]
STATUS = {Outcome.PAID: 201, Outcome.NEEDS_ACTION: 202, Outcome.PENDING: 202, Outcome.CANCELLED: 200}


@checkout.post(
    "/carts/{token}/orders",
    response={200: Placed, 201: Placed, 202: Placed},
    summary="Order a cart and pay",
    operation_id="placeOrder",
)
def place(request: HttpRequest, token: Token, given: NewOrder, key: Key) -> HttpResponse:
    """Order what is in the cart and pay for it, once, however often the request is sent under its key.

    201: ordered and paid. 200: it was before, under this key. 202: the payment goes on: with `needs_action` the buyer
    finishes it at `action_url`, with `pending` the order's page and `GET /api/orders/{number}` will tell.
    402: declined. 409: the total is another now, or something is sold out; nothing was ordered.

    Keep the cart's token with the key before you send it: the same key on a second cart is a second order. Who lost the
    token cannot tell whether it was ordered; see the confirmation mail, or list orders, before ordering from another.
    """
    links = ports.get(Links)
    bought = actions.buy(
        gate.cart_holder(token),
        contact=given.contact(),
        shipping=given.shipping,
        method=given.method,
        key=key,
        total_seen=Money(given.total_seen.minor, given.total_seen.currency),
        return_url=links.payment_return,
        now=clock.now(),
    )
    if bought.outcome is Outcome.DECLINED:
        why = wording.decline_sentence(bought.decline_code)
        return problem(problems.DECLINED, why, code=bought.decline_code or "declined", order=bought.number)
    return _placed(bought)


def _placed(bought: Bought) -> HttpResponse:
    status = STATUS[bought.outcome]
    if bought.replayed and status == 201:
        status = 200
    shown = Placed.of(bought, queries.order_signature(bought.number))
    return answers.answer(shown, status=status, headers={"Location": f"/api/orders/{bought.number}"})


def _written_out(given: object) -> object:
    """Not the number of seconds since 1970 that pydantic would take for a moment, too."""
    if isinstance(given, str) and "T" not in given.upper():
        raise PydanticCustomError("datetime_from_date_parsing", "a moment is written out")
    return given


class AskedOrders(BaseModel):
    status: OrderStatus | None = None
    since: Annotated[AwareDatetime, BeforeValidator(_written_out)] | None = Field(
        default=None, description="placed then or later", examples=["2026-11-01T00:00:00Z"]
    )
    limit: int = Field(default=50, ge=1, le=200)
    cursor: str = Field(default="", max_length=cursors.LONGEST, description="`next` of the page before")


@router.get(
    "/orders",
    response=Orders,
    auth=gate.WithKey(Scope.ORDERS_READ),
    summary="List orders",
    operation_id="listOrders",
)
def orders(request: HttpRequest, asked: Query[AskedOrders]) -> HttpResponse:
    """All orders, the oldest first, so that a program can go on where it stopped."""
    status = asked.status.value if asked.status else ""
    of = ["orders", status, asked.since.isoformat() if asked.since else ""]
    after = None
    if asked.cursor:
        moment, number = cursors.place(of, asked.cursor)
        after = datetime.fromisoformat(moment), int(number)
    rows, more = queries.order_feed(
        gate.asking(request), status=status, since=asked.since, after=after, limit=asked.limit
    )
    on = None if more is None else cursors.cursor(of, [more[0].isoformat(), more[1]])
    return answers.read(request, Orders(orders=[OrderInList.of(row) for row in rows], next=on))


@router.get(
    "/orders/{number}",
    response=Order,
    auth=gate.WithKeyOrLink(Scope.ORDERS_READ),
    summary="Read an order",
    operation_id="readOrder",
)
def order(request: HttpRequest, number: Number) -> HttpResponse:
    """One order whole: for a program of the shop, or for whoever has the order's link."""
    return answers.read(request, _shown(request, number))


@router.post(
    "/orders/{number}/cancel",
    response=Order,
    auth=gate.WithKey(Scope.ORDERS_WRITE),
    summary="Cancel an order",
    operation_id="cancelOrder",
)
def cancel(request: HttpRequest, number: Number, key: Key) -> HttpResponse:
    """Goods go back on the shelf, money goes back to the buyer. Not when a parcel has left."""
    actions.cancel(gate.asking(request), number, key=key, now=clock.now())
    return answers.answer(_shown(request, number))


@router.post(
    "/orders/{number}/shipments",
    response=Order,
    auth=gate.WithKey(Scope.ORDERS_WRITE),
    summary="Send a parcel",
    operation_id="sendParcel",
)
def ship(request: HttpRequest, number: Number, given: NewParcel, key: Key) -> HttpResponse:
    """A parcel leaves. The first one takes the money that was set aside."""
    pieces = None
    if given.pieces is not None:
        pieces = {each.line: each.quantity for each in given.pieces}
        if len(pieces) != len(given.pieces):
            raise Refused("pieces", "twice", _("Every line stands there once. Add the quantities up."))
    actions.ship(
        gate.asking(request),
        number,
        carrier=given.carrier,
        tracking=given.tracking,
        key=key,
        now=clock.now(),
        pieces=pieces,
    )
    return answers.answer(_shown(request, number))


@router.post(
    "/orders/{number}/refunds",
    response=Order,
    auth=gate.WithKey(Scope.ORDERS_WRITE),
    summary="Give money back",
    operation_id="refundOrder",
)
def refund(request: HttpRequest, number: Number, given: NewRefund, key: Key) -> HttpResponse:
    """At most what was taken and is not on its way back yet."""
    amount = Money(given.amount.minor, given.amount.currency)
    actions.refund(gate.asking(request), number, amount=amount, reason=given.reason, key=key, now=clock.now())
    return answers.answer(_shown(request, number))


def _shown(request: HttpRequest, number: str) -> Order:
    return Order.of(queries.order_of(gate.asking(request), number))
