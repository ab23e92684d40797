"""A guest's own data: a link mailed to the order's address proves it, shows what is held, and erases it."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _

from tacit.accounts import actions
from tacit.accounts.actions import Held
from tacit.checkout import queries
from tacit.checkout.types.order import NoSuchOrder
from tacit.core import clock
from tacit.core.personal import Reason
from tacit.web import data_copy, data_links, links, order
from tacit.web.buying import see_other
from tacit.web.templatetags.shown import day
from tacit.web.visitor import CART_COOKIE

OF_THE_BROWSER = (CART_COOKIE, "known", "returning")


def ask(request: HttpRequest, number: str, signature: str) -> HttpResponse:
    """From an order: mail a link to its address. An order of an account leads to that account.

    Of who was erased it says just that.
    """
    visitor = order.holder(request, number, signature)
    shown = queries.order_of(visitor, number)
    address = queries.address_of(number)
    if not address:
        if queries.was_erased(number):
            return render(
                request, "web/data/erased.html", {"number": number, "back": links.order_path(number)}
            )
        if shown.email and not shown.historic:
            return see_other(reverse("account-data"))
        raise NoSuchOrder(number)
    page: dict[str, Any] = {"number": number, "back": links.order_path(number), "address": address}
    if request.method == "POST":
        now = clock.now()
        link = data_links.of_guest(number, now=now, works=actions.LINK_WORKS)
        actions.ask_for_data(to=address, key=number, link=link, now=now)
        page["sent"] = True
    return render(request, "web/data/ask.html", page)


def data(request: HttpRequest, token: str) -> HttpResponse:
    """What the shop holds about the guest who reads this link in their mail."""
    address = _proven(token)
    if not address:
        return link_is_over(request)
    held = actions.before_erasing(actions.guest_subject(address), now=clock.now())
    page = {**shown(held), "token": token, "address": address}
    return render(request, "web/data/data.html", page)


def copy(request: HttpRequest, token: str) -> HttpResponse:
    """The copy of a guest's data."""
    address = _proven(token)
    if not address:
        return link_is_over(request)
    return data_copy.answer(actions.guest_subject(address), now=clock.now())


def erase(request: HttpRequest, token: str) -> HttpResponse:
    """What goes and what stays; then once more; then it is done."""
    address = _proven(token)
    if not address:
        return link_is_over(request)
    now = clock.now()
    if request.method == "POST" and request.POST.get("step") == "erase":
        actions.erase_guest(address, now=now)
        return gone(request)
    page = {
        **shown(actions.before_erasing(actions.guest_subject(address), now=now)),
        "to": reverse("data-erase", args=[token]),
        "back": reverse("data", args=[token]),
        "sure": request.method == "POST" and request.POST.get("step") == "sure",
        "whose": address,
    }
    return render(request, "web/data/erase.html", page)


def link_is_over(request: HttpRequest) -> HttpResponse:
    """The page for a link that is too old, was never ours, or leads to somebody who is erased."""
    return render(request, "web/data/over.html", status=404)


def gone(request: HttpRequest, *, member: bool = False) -> HttpResponse:
    """Done; and this browser forgets, too. ``member``: who had an account, and is out of it everywhere."""
    response = render(request, "web/data/gone.html", {"member": member})
    for name in OF_THE_BROWSER:
        response.delete_cookie(name, samesite="Lax")
    return response


def shown(held: Held) -> dict[str, Any]:
    """What a page says of an erasure before it is done."""
    return {
        "goes": held.goes,
        "stays": [
            (
                name,
                _("tax law asks for it")
                if each.reason is Reason.TAX_RECORDS
                else _("an order is on its way"),
                day(each.until) if each.until else "",
            )
            for name, each in held.stays
        ],
    }


def _proven(token: str) -> str:
    """The address this link proves; '' when it proves none any more."""
    number = data_links.order_in(token, now=clock.now())
    return queries.address_of(number) if number else ""
