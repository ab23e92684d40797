"""Stock, for programs that count it."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from ninja import Router

from tacit.accounts.types import Scope, Visitor
from tacit.api import answers, gate
from tacit.api.shapes.stock import GivenStock, Stock
from tacit.api.views.carts import IfMatch, SkuInPath
from tacit.catalog import actions, queries
from tacit.catalog.types import CatalogError
from tacit.core import clock

router = Router(tags=["Stock"], auth=gate.WithKey(Scope.STOCK_WRITE))


@router.get("/stock/{path:sku}", response=Stock, summary="Read stock", operation_id="readStock")
def read_stock(request: HttpRequest, sku: SkuInPath) -> HttpResponse:
    """How many pieces are in the house, and how many of them are promised."""
    return answers.read(request, _stock(gate.asking(request), sku))


@router.put("/stock/{path:sku}", response=Stock, summary="Set stock", operation_id="setStock")
def set_stock(
    request: HttpRequest, sku: SkuInPath, given: GivenStock, if_match: IfMatch = None
) -> HttpResponse:
    """Say how many pieces are in the house. With `If-Match`, only if nothing came, left or was promised meanwhile."""
    del if_match  # for the description; ``unchanged`` reads it
    visitor, seen = gate.asking(request), None
    if "If-Match" in request.headers:
        stock = _stock(visitor, sku)
        seen = stock if answers.unchanged(request, stock) else None
    actions.set_stock(
        visitor,
        sku=sku,
        on_hand=given.on_hand,
        now=clock.now(),
        seen=seen.on_hand if seen else None,
        seen_claimed=seen.claimed if seen else None,
    )
    return answers.answer(_stock(visitor, sku))


def _stock(visitor: Visitor, sku: str) -> Stock:
    row = queries.stock_row(visitor, sku)
    if row is None:
        raise CatalogError("sku", "unknown")
    return Stock.of(row)
