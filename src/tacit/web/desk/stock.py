"""Stock at the desk."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.http import urlencode

from tacit.accounts.types import Visitor
from tacit.catalog import actions, queries
from tacit.catalog.types import CatalogError
from tacit.core import clock
from tacit.web import answering, parsing
from tacit.web.buying import see_other
from tacit.web.parsing import BadInput

MOST_PIECES = 10_000_000
FULL_PAGE = 100
"""Rows after which ``stock_list`` may have another page."""


def stock(request: HttpRequest, visitor: Visitor) -> HttpResponse:
    """Stock, the scarcest first; POST says how many pieces of one variant are in the house."""
    given = request.POST if request.method == "POST" else request.GET
    query = parsing.text(given, "q", longest=100)
    page = parsing.page_number(given)
    if request.method != "POST":
        return show(request, visitor, query, page)
    sku = parsing.text(request.POST, "sku", longest=64, required=True)
    try:
        on_hand = parsing.whole(request.POST, "on_hand", least=0, most=MOST_PIECES)
        actions.set_stock(visitor, sku=sku, on_hand=on_hand, now=clock.now())
    except (CatalogError, BadInput) as error:
        return show(request, visitor, query, page, error=error, sku=sku)
    back = urlencode({"q": query, "page": str(page), "saved": sku})
    return see_other(f"{reverse('desk-stock')}?{back}")


def show(
    request: HttpRequest,
    visitor: Visitor,
    query: str,
    page: int,
    *,
    error: CatalogError | BadInput | None = None,
    sku: str = "",
) -> HttpResponse:
    rows = queries.stock_list(visitor, query=query, page=page)
    words = {
        "here": "stock",
        "rows": rows,
        "query": query,
        "page": page,
        "before": page - 1,
        "after": page + 1 if len(rows) >= FULL_PAGE else 0,
        "saved": request.GET.get("saved", "")[:64],
        "sku": sku,
        "typed": request.POST.get("on_hand", "")[:20],
        "why": answering.explain(error) if error is not None else "",
        "why_field": error.field if error is not None else "",
    }
    return render(
        request, "web/desk/stock.html", words, status=answering.status_of(error) if error is not None else 200
    )
