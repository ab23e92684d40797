"""Carts: whoever holds the token owns the cart."""

from __future__ import annotations

from typing import Annotated

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from ninja import Header, Path, Query, Router
from pydantic import BaseModel, Field

from tacit.accounts.types import Visitor
from tacit.api import answers, gate
from tacit.api.explaining import Refused
from tacit.api.shapes.carts import Cart, GivenQuantity, Line, NewCart
from tacit.api.shapes.money import PLAIN, CountryCode
from tacit.api.views.catalogue import sold_in
from tacit.checkout import actions, queries
from tacit.checkout.types.order import CheckoutError
from tacit.core import clock

router = Router(tags=["Cart and checkout"])
Token = Annotated[str, Path(pattern=r"^[A-Za-z0-9_\-]{16,32}$", description="the cart's secret")]
SkuInPath = Annotated[str, Path(min_length=1, max_length=64, pattern=PLAIN)]
IfMatch = Annotated[
    str | None,
    Header(
        alias="If-Match",
        max_length=200,
        description="the `ETag` that GET of this same address answered, not that of the cart; refused when it changed",
    ),
]


class AskedCart(BaseModel):
    country: CountryCode | None = Field(
        default=None, description="where it goes; the shop's own when left out"
    )
    shipping: str = Field(default="", max_length=60, pattern=PLAIN, description="`code` of a way of sending")


@router.post("/carts", response={201: Cart}, summary="Begin a cart", operation_id="beginCart")
def begin(request: HttpRequest, given: NewCart) -> HttpResponse:
    """A new cart with these things. What cannot be had is left out and named in `left_out`.

    Keep the token like a password. A cart that is never ordered does nothing, so a lost answer costs nothing:
    begin another.
    """
    items = {line.sku: line.quantity for line in given.lines}
    if len(items) != len(given.lines):
        raise Refused("lines", "twice", _("Every SKU stands in one line. Add the quantities up."))
    token, problems = actions.fill_cart(
        Visitor(), items=items, currency=sold_in(given.currency), now=clock.now()
    )
    if not token:
        raise next(iter(problems.values()))
    where = reverse("api:read_cart", args=[token])
    return answers.answer(
        _shown(gate.cart_holder(token), left_out=problems), status=201, headers={"Location": where}
    )


@router.get(
    "/carts/{token}", response=Cart, summary="Read a cart", operation_id="readCart", url_name="read_cart"
)
def read_cart(request: HttpRequest, token: Token, asked: Query[AskedCart]) -> HttpResponse:
    """The cart at the prices of now, with ways of sending it to `country` and ways to pay."""
    shown = _shown(gate.cart_holder(token), country=asked.country or "", shipping=asked.shipping)
    if asked.country and shown.country != asked.country:
        raise Refused(
            "country",
            "not_sent_there",
            _("Nothing is sent there. The cart's countries are those that can be chosen."),
        )
    return answers.read(request, shown)


@router.get("/carts/{token}/lines/{path:sku}", response=Line, summary="Read a line", operation_id="readLine")
def read_line(request: HttpRequest, token: Token, sku: SkuInPath) -> HttpResponse:
    """One line of a cart, with the tag that `If-Match` takes."""
    line = _line(gate.cart_holder(token), sku)
    if line is None:
        raise CheckoutError("line", "unknown")
    return answers.read(request, line)


@router.put(
    "/carts/{token}/lines/{path:sku}", response=Cart, summary="Put into the cart", operation_id="putLine"
)
def put_line(
    request: HttpRequest, token: Token, sku: SkuInPath, given: GivenQuantity, if_match: IfMatch = None
) -> HttpResponse:
    """Exactly `quantity` of this SKU in the cart, whatever was there before; the whole cart as it is then."""
    del if_match  # for the description; ``unchanged`` reads it
    return _put(request, token, sku, given.quantity)


@router.delete(
    "/carts/{token}/lines/{path:sku}",
    response=Cart,
    summary="Take out of the cart",
    operation_id="takeOutLine",
)
def take_out(request: HttpRequest, token: Token, sku: SkuInPath, if_match: IfMatch = None) -> HttpResponse:
    """None of this SKU in the cart, also when there was none; the whole cart as it is then."""
    del if_match
    return _put(request, token, sku, 0)


def _put(request: HttpRequest, token: str, sku: str, quantity: int) -> HttpResponse:
    visitor = gate.cart_holder(token)
    seen = None
    if "If-Match" in request.headers:
        line = _line(visitor, sku)
        if answers.unchanged(request, line) and line is not None:
            seen = line.quantity
    actions.put_in_cart(visitor, sku=sku, quantity=quantity, now=clock.now(), seen=seen)
    return answers.answer(_shown(visitor))


def _line(visitor: Visitor, sku: str) -> Line | None:
    lines = queries.cart_of(visitor, now=clock.now()).lines
    return next((Line.of(line) for line in lines if line.sku == sku), None)


def _shown(
    visitor: Visitor,
    *,
    country: str = "",
    shipping: str = "",
    left_out: dict[str, CheckoutError] | None = None,
) -> Cart:
    cart = queries.cart_of(visitor, country=country, shipping=shipping, now=clock.now())
    return Cart.of(cart, queries.payment_methods(), left_out or {})
