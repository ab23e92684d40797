"""Stock at the desk."""

from __future__ import annotations

from dataclasses import dataclass

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.http import urlencode

from tacit.accounts.types import Visitor
from tacit.catalog import actions, queries
from tacit.catalog.types import CatalogError, StockRow
from tacit.core import clock
from tacit.web import answering, parsing
from tacit.web.desk.in_place import asks_for_part, back
from tacit.web.parsing import BadInput

MOST_PIECES = 10_000_000
FULL_PAGE = 100
"""Rows after which ``stock_list`` may have another page."""


@dataclass(frozen=True, slots=True)
class StockShown:
    """One row of stock. ``sold``: pieces sold lately, where that is told. ``before``: what was there until it was
    set just now, for undoing it; None when nothing was."""

    row: StockRow
    back: str
    sold: int | None = None
    before: int | None = None
    typed: str = ""
    why: str = ""
    why_field: str = ""


def stock(request: HttpRequest, visitor: Visitor) -> HttpResponse:
    """Stock, the scarcest first; POST says how many pieces of one variant are in the house."""
    given = request.POST if request.method == "POST" else request.GET
    query = parsing.text(given, "q", longest=100)
    page = parsing.page_number(given)
    if request.method != "POST":
        return show(request, visitor, query, page)
    sku = ""
    try:
        sku = parsing.text(request.POST, "sku", longest=64, required=True)
        on_hand = parsing.whole(request.POST, "on_hand", least=0, most=MOST_PIECES)
        seen = parsing.whole(request.POST, "seen", least=0, most=MOST_PIECES, default=-1)
        before = actions.set_stock(
            visitor, sku=sku, on_hand=on_hand, now=clock.now(), seen=None if seen < 0 else seen
        )
    except (CatalogError, BadInput) as error:
        if asks_for_part(request):
            return part(request, visitor, sku, error=error)
        return show(request, visitor, query, page, error=error, sku=sku)
    if asks_for_part(request):
        return part(request, visitor, sku, before=before)
    default = f"{reverse('desk-stock')}?{urlencode({'q': query, 'page': str(page)})}"
    return back(request, default=default, saved=sku, was=str(before))


def part(
    request: HttpRequest,
    visitor: Visitor,
    sku: str,
    *,
    before: int | None = None,
    error: CatalogError | BadInput | None = None,
) -> HttpResponse:
    """The row alone, for the list it stands in."""
    row = queries.stock_row(visitor, sku) if sku else None
    if row is None:
        assert error is not None
        raise error
    address = parsing.same_site_path(request.POST.get("back", ""), default=reverse("desk-stock"))
    sold = parsing.whole(request.POST, "sold", least=0, most=MOST_PIECES, default=-1)
    each = StockShown(
        row,
        address,
        sold=None if sold < 0 else sold,
        before=None if before == row.on_hand else before,
        typed=request.POST.get("on_hand", "")[:20] if error else "",
        why=answering.explain(error) if error else "",
        why_field=error.field if error else "",
    )
    status = answering.status_of(error) if error else 200
    return render(request, "web/desk/stock_row.html", {"each": each}, status=status)


def show(
    request: HttpRequest,
    visitor: Visitor,
    query: str,
    page: int,
    *,
    error: CatalogError | BadInput | None = None,
    sku: str = "",
) -> HttpResponse:
    """The list; a refused row says why beside what was typed."""
    saved = request.GET.get("saved", "")[:64] if error is None else ""
    address = f"{reverse('desk-stock')}?{urlencode({'q': query, 'page': str(page)})}"
    rows = queries.stock_list(visitor, query=query, page=page)
    if error is not None and sku and all(row.sku != sku for row in rows):
        own = queries.stock_row(visitor, sku)
        rows = (own, *rows) if own else rows
    shown = [
        _refused(request, row, address, error)
        if error is not None and row.sku == sku
        else StockShown(row, address, before=_before(request, row) if row.sku == saved else None)
        for row in rows
    ]
    words = {
        "here": "stock",
        "rows": shown,
        "query": query,
        "page": page,
        "before": page - 1,
        "after": page + 1 if len(rows) >= FULL_PAGE else 0,
        "saved": saved,
        "sku": sku,
        "why": answering.explain(error) if error is not None else "",
        "beside": any(each.why for each in shown),
    }
    return render(
        request, "web/desk/stock.html", words, status=answering.status_of(error) if error is not None else 200
    )


def _refused(request: HttpRequest, row: StockRow, address: str, error: CatalogError | BadInput) -> StockShown:
    typed = request.POST.get("on_hand", "")[:20]
    return StockShown(row, address, typed=typed, why=answering.explain(error), why_field=error.field)


def _before(request: HttpRequest, row: StockRow) -> int | None:
    """How many there were until just now, as the address says; None when it says nothing that can be undone."""
    was = request.GET.get("was", "")
    if not (was.isascii() and was.isdecimal() and len(was) < 9):
        return None
    return None if int(was) == row.on_hand else int(was)
