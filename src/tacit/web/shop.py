"""What is for sale: pages that are the same for everybody."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import get_language

from tacit.catalog import queries as catalog
from tacit.catalog.types import CategoryRow, ProductView, VariantView
from tacit.web import brand, errors, parsing, returning, searching, words
from tacit.web.currency import currency_of
from tacit.web.fragments import views as fragments
from tacit.web.shelves import shelves
from tacit.web.templatetags.shown import money

MOST_FOLLOWED = 6
"""Choices the style sheet can follow without a script."""


def home(request: HttpRequest) -> HttpResponse:
    return _products(request, "web/home.html", {"welcome": brand.text("home")})


def category(request: HttpRequest, slug: str) -> HttpResponse:
    shelf = catalog.category(slug, get_language() or settings.LANGUAGE_CODE)
    if shelf is None:
        return errors.not_found(request)
    return _products(request, "web/category.html", {"shelf": shelf}, category=slug)


def search(request: HttpRequest) -> HttpResponse:
    found = searching.search_page(request)
    if found is None:
        return errors.not_found(request)
    return render(request, "web/search.html", {"shelves": shelves(), **found})


def _products(
    request: HttpRequest, template: str, more: dict[str, Any], *, category: str = ""
) -> HttpResponse:
    page = parsing.page_number(request.GET)
    rows, is_more = catalog.product_list(
        currency=currency_of(request),
        category=category,
        language=get_language() or settings.LANGUAGE_CODE,
        page=page,
    )
    if page > 1 and not rows:
        return errors.not_found(request)
    paging = {"page": page, "before": page - 1, "after": page + 1 if is_more else 0}
    return render(request, template, {"products": rows, "shelves": shelves(), **paging, **more})


def product(request: HttpRequest, slug: str) -> HttpResponse:
    """One product, ready to buy."""
    shown = catalog.product_page(
        slug,
        currency=currency_of(request),
        country=settings.SHOP_COUNTRY,
        language=get_language() or settings.LANGUAGE_CODE,
    )
    kept = shelves()
    more = {
        "shelves": kept,
        "slot": fragments.slot("also") if _has_company(shown, kept) else None,
        "once": returning.has_slot(request),
    }
    return render(request, "web/product.html", {**more, **product_words(shown)})


def _has_company(shown: ProductView, kept: Sequence[CategoryRow]) -> bool:
    """Whether other products may be shown with this one: its shelf has some, and nobody minds being seen there."""
    if shown.sensitive or not shown.category:
        return False
    shelf = shown.category[-1][0]
    return any(each.slug == shelf and each.products > 1 for each in kept)


def product_words(shown: ProductView) -> dict[str, Any]:
    """What the product page shows beside the product itself."""
    priced = [variant for variant in shown.variants if variant.price is not None]
    chosen = next((variant for variant in priced if variant.available > 0), None)
    prices = {variant.price for variant in priced}
    several = len(prices) > 1
    first = chosen or next(iter(priced), None)
    return {
        "product": shown,
        "chosen": chosen,
        "first": first,
        "several_prices": several,
        "follows": len(shown.variants) <= MOST_FOLLOWED,
        "variants": [
            {
                "id": variant.id,
                "label": variant.label or variant.sku,
                "price": money(variant.price),
                "stock": words.stock(variant.available),
                "buyable": _is_buyable(variant),
                "first": variant is first,
                "chosen": variant is chosen,
            }
            for variant in shown.variants
        ],
    }


def _is_buyable(variant: VariantView) -> bool:
    return variant.price is not None and variant.available > 0
