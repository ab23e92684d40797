"""``/go/SKU:2,SKU:1`` opens a filled cart. It only adds, never orders, and twice is the same as once."""

from __future__ import annotations

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.http import urlencode

from tacit.checkout import actions
from tacit.core import clock
from tacit.web import answering, basket_link
from tacit.web.buying import see_other
from tacit.web.visitor import keep_cart, visitor_of


def go(request: HttpRequest, items: str) -> HttpResponse:
    """Into the cart and on to checkout, which names what had to be left out."""
    wanted = basket_link.read(items)
    address = reverse("checkout")
    if request.method != "GET":  # HEAD asks where it leads and changes nothing
        return see_other(address)
    visitor = visitor_of(request)
    token, problems = actions.fill_cart(
        visitor, items=wanted, currency=settings.SHOP_CURRENCY, now=clock.now()
    )
    if problems:
        why = [(sku, answering.explain(problem)) for sku, problem in problems.items()]
        address += "?" + urlencode({"left_out": basket_link.note(why)})
    response = see_other(address)
    if token != visitor.cart:
        keep_cart(response, token)
    return response
