"""``/go/SKU:2,SKU:1`` opens a filled cart. It only adds, never orders, and twice is the same as once."""

from __future__ import annotations

from collections.abc import Mapping

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import get_language

from tacit.accounts.types import Visitor
from tacit.catalog import queries as catalog
from tacit.checkout import actions, queries
from tacit.checkout.types.order import CartView, NoSuchCart
from tacit.core import clock
from tacit.web import answering, basket_link
from tacit.web.buying import see_other
from tacit.web.currency import currency_of
from tacit.web.visitor import keep_cart, visitor_of


def go(request: HttpRequest, items: str = "") -> HttpResponse:
    """Into the cart and on: to checkout, which names what had to be left out, or to the link's ``continue_to``.

    Who is signed in and has begun a cart is asked first, so that a stranger's link puts nothing into it.
    """
    response = _fill(request, items) if items else see_other(_on(request, "home"))
    response["Referrer-Policy"] = "no-referrer"  # whoever is linked to next need not see what the link held
    return response


def _fill(request: HttpRequest, items: str) -> HttpResponse:
    wanted = basket_link.read(items)
    if request.method == "HEAD":  # asks where it leads and changes nothing
        return see_other(_on(request, "checkout"))
    visitor = visitor_of(request)
    if request.method == "GET" and visitor.person is not None:
        cart = _begun(visitor)
        if cart is not None:
            return render(request, "web/go.html", {"wanted": _named(wanted, cart.currency), "cart": cart})
    token, problems = actions.fill_cart(visitor, items=wanted, currency=currency_of(request), now=clock.now())
    if problems:
        why = [(sku, answering.explain(problem)) for sku, problem in problems.items()]
        address = reverse("checkout") + "?" + urlencode({"left_out": basket_link.note(why)})
    else:
        address = _on(request, "checkout")
    response = see_other(address)
    if token != visitor.cart:
        keep_cart(response, token)
    return response


def _named(wanted: Mapping[str, int], currency: str) -> list[tuple[int, str]]:
    """(quantity, name) of each, its article number where it is not for sale."""
    known = catalog.stock_by_sku(wanted)
    ids = [variant for variant, _available in known.values()]
    offers = catalog.offers(
        ids,
        currency=currency,
        country=settings.SHOP_COUNTRY,
        language=get_language() or settings.LANGUAGE_CODE,
    )
    names = {each.sku: ", ".join(filter(None, (each.name, each.label))) for each in offers.values()}
    return [(quantity, names.get(sku, sku)) for sku, quantity in wanted.items()]


def _begun(visitor: Visitor) -> CartView | None:
    """The visitor's cart, if something is in it."""
    try:
        cart = queries.cart_of(visitor, now=clock.now())
    except NoSuchCart:
        return None
    return cart if cart.lines else None


def _on(request: HttpRequest, name: str) -> str:
    return basket_link.destination(request.GET.getlist("continue_to"), default=reverse(name))
