"""Ways to pay kept for next time: seeing them, choosing one for one tap, letting go of them."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse

from tacit.accounts.types import Visitor
from tacit.checkout import actions, queries
from tacit.core import clock
from tacit.web import returning
from tacit.web.buying import see_other


def methods(request: HttpRequest, visitor: Visitor) -> HttpResponse:
    """The signed-in person's kept ways to pay."""
    today = clock.in_shop(clock.now()).date()
    rows = [(each, each.serves(today)) for each in queries.saved_methods(visitor)]
    page = {"rows": rows, "may_keep": queries.may_keep(visitor)}
    response = render(request, "web/account/methods.html", page)
    (returning.note if rows else returning.forget)(response)
    return response


def choose(request: HttpRequest, visitor: Visitor, method: str) -> HttpResponse:
    """Use it in one tap."""
    actions.choose_method(visitor, method=method)
    return see_other(reverse("account-methods"))


def remove(request: HttpRequest, visitor: Visitor, method: str) -> HttpResponse:
    """Nobody pays with it from now on."""
    actions.remove_method(visitor, method=method, now=clock.now())
    return see_other(reverse("account-methods"))
