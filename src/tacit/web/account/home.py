"""What belongs to somebody who is signed in, in one place."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from tacit.accounts import queries
from tacit.accounts.types import Visitor
from tacit.web.account.site import site_of
from tacit.web.visitor import works_here


def account(request: HttpRequest, visitor: Visitor) -> HttpResponse:
    assert visitor.person is not None
    ways = queries.ways_in(visitor.person)
    page = {
        "person": queries.person(visitor.person),
        "ways": ways,
        "offer": site_of(request) is not None and not ways.passkeys,
        "works_here": works_here(request),
    }
    return render(request, "web/account/home.html", page)
