"""The cart and the one page between it and a placed order."""

from __future__ import annotations

import contextlib
from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _

from tacit.accounts import actions as accounts
from tacit.accounts.types import AccountError, Visitor
from tacit.checkout import actions, queries
from tacit.checkout import wording as checkout_wording
from tacit.checkout.types.order import (
    Bought,
    CartView,
    CheckoutError,
    Contact,
    NoSuchCart,
    OtherBody,
    Outcome,
    StillInFlight,
    TotalChanged,
)
from tacit.checkout.wording import decline_sentence
from tacit.core import clock, ids
from tacit.core.money import Money
from tacit.web import answering, basket_link, links, parsing
from tacit.web.checkout_form import CheckoutForm, from_contact, total_seen, unfinished
from tacit.web.currency import currency_of
from tacit.web.parsing import BadInput
from tacit.web.visitor import keep_cart, visitor_of

LARGEST_ID = 2**63 - 1
LARGEST_QUANTITY = 999


def see_other(address: str) -> HttpResponseRedirect:
    """303: go there with GET."""
    return HttpResponseRedirect(address, status=303)


def buy(request: HttpRequest) -> HttpResponse:
    """*Buy* on a product: into the cart and straight to checkout."""
    variant = parsing.whole(request.POST, "variant", least=1, most=LARGEST_ID)
    quantity = parsing.whole(request.POST, "quantity", least=1, most=LARGEST_QUANTITY, default=1)
    visitor = visitor_of(request)
    if request.POST.get("instead") == "1":
        actions.empty_cart(visitor)
    try:
        token = actions.add_to_cart(
            visitor, variant=variant, quantity=quantity, currency=currency_of(request), now=clock.now()
        )
    except CheckoutError as error:
        if (error.field, error.code) != ("cart", "other_currency"):
            raise
        page = {"why": answering.explain(error), "variant": variant, "quantity": quantity}
        return render(request, "web/other_currency.html", page, status=409)
    response = see_other(reverse("checkout"))
    if token != visitor.cart:
        keep_cart(response, token)
    return response


def checkout(request: HttpRequest) -> HttpResponse:
    if request.method == "POST" and request.POST.get("look") != "1":
        return place(request)
    visitor = visitor_of(request)
    if request.method == "POST":  # the page once more, for another country; what was typed stays
        return show(request, visitor, CheckoutForm(initial=unfinished(request.POST)), now=clock.now())
    chosen = {field: request.GET.get(field, "")[:40] for field in ("shipping", "country")}
    known = dict(from_contact(_known(visitor)))
    form = CheckoutForm(initial=known | {field: value for field, value in chosen.items() if value})
    code = request.GET.get("declined", "")[:60]
    note: dict[str, object] = {"left_out": basket_link.noted(request.GET.get("left_out", ""))}
    if code and known:
        note["declined"] = decline_sentence(code)
    return show(request, visitor, form, now=clock.now(), note=note)


def _known(visitor: Visitor) -> Contact | None:
    """Who buys, as far as it is known: nobody types it twice."""
    typed = queries.last_contact(visitor) if visitor.cart or visitor.person else None
    return typed or queries.one_tap_contact(visitor)


def line(request: HttpRequest, line: int) -> HttpResponse:
    """Change one line's quantity; 0 takes it out. What was typed below stays on the page."""
    if request.method != "POST":
        return see_other(reverse("checkout"))
    if line > LARGEST_ID:
        raise BadInput("line", _("There is no such line in your cart."))
    quantity = parsing.whole(request.POST, "quantity", least=0, most=LARGEST_QUANTITY)
    visitor, now = visitor_of(request), clock.now()
    actions.set_quantity(visitor, line=line, quantity=quantity, now=now)
    kept = unfinished(request.POST)
    if any(kept[field] for field in ("email", "name", "line1", "line2", "postcode", "city")):
        return show(request, visitor, CheckoutForm(initial=kept), now=now)
    asked = {field: kept[field] for field in ("shipping", "country") if kept[field]}
    return see_other(f"{reverse('checkout')}?{urlencode(asked)}" if asked else reverse("checkout"))


def place(request: HttpRequest) -> HttpResponse:
    """Order and pay, once."""
    key = request.headers.get("Idempotency-Key") or request.POST.get("key", "")
    if not key:
        raise BadInput(
            "key",
            _("The order came without its key. Open the checkout page again and order from there."),
            status=400,
        )
    visitor, now = visitor_of(request), clock.now()
    form = CheckoutForm(request.POST)
    if not form.is_valid():
        return show(request, visitor, form, now=now, status=422)
    seen: Money | None = None
    try:
        seen = total_seen(request.POST, form.cleaned_data["shipping"])
        bought = actions.buy(
            visitor,
            contact=form.contact(),
            shipping=form.cleaned_data["shipping"],
            method=form.cleaned_data["method"],
            key=key,
            total_seen=seen,
            return_url=links.returning_to(request),
            now=now,
            keep=form.cleaned_data["keep"],
        )
    except NoSuchCart:
        return show(request, visitor, form, now=now, status=409)
    except StillInFlight:
        return in_flight(request)
    except (CheckoutError, BadInput) as error:
        return not_placed(request, visitor, form, error, seen=seen, now=now)
    if visitor.person is not None and form.cleaned_data["keep_address"]:
        _keep_address(visitor, form, now=now)
    return after(request, visitor, form, bought, now=now)


def _keep_address(visitor: Visitor, form: CheckoutForm, *, now: datetime) -> None:
    """A list that is full already is no reason to stop a buyer."""
    with contextlib.suppress(AccountError):
        accounts.keep_address(visitor, address=form.address(), now=now)


def after(
    request: HttpRequest, visitor: Visitor, form: CheckoutForm, bought: Bought, *, now: datetime
) -> HttpResponse:
    """Where a buyer goes next."""
    if bought.outcome is Outcome.DECLINED:
        why = decline_sentence(bought.decline_code)
        return show(request, visitor, form, now=now, status=402, note={"declined": why})
    if bought.outcome is Outcome.NEEDS_ACTION and bought.action_url:
        return see_other(bought.action_url)
    return see_other(links.order_path(bought.number))


def not_placed(
    request: HttpRequest,
    visitor: Visitor,
    form: CheckoutForm,
    error: CheckoutError | BadInput,
    *,
    seen: Money | None,
    now: datetime,
) -> HttpResponse:
    """The page once more, with everything typed and what to do about the error."""
    status = answering.status_of(error)
    if isinstance(error, TotalChanged):
        return show(request, visitor, form, now=now, status=409, note={"seen": seen})
    if isinstance(error, OtherBody):
        return show(request, visitor, form, now=now, status=422, note={"used": True})
    sentence = answering.explain(error)
    if error.field in form.fields:
        form.add_error(error.field, sentence)
        return show(request, visitor, form, now=now, status=status)
    if error.field == "key":
        return answering.refused(request, BadInput("key", sentence, status=400))
    note = {"problem": sentence, "pending": _pending_order(error)}
    return show(request, visitor, form, now=now, status=status, note=note)


def _pending_order(error: CheckoutError | BadInput) -> str:
    """The link to the order that stands in the way, if the error names it."""
    number = error.parameters.get("order") if isinstance(error, CheckoutError) else None
    return links.order_path(str(number)) if number else ""


def in_flight(request: HttpRequest) -> HttpResponse:
    """The same order is being placed right now: ask again with the same key, nothing happens twice."""
    again = [(field, value) for field in request.POST for value in request.POST.getlist(field)[-1:]]
    response = render(request, "web/in_flight.html", {"again": again, "to": request.path}, status=409)
    response["Retry-After"] = "2"
    return response


def show(
    request: HttpRequest,
    visitor: Visitor,
    form: CheckoutForm,
    *,
    now: datetime,
    status: int = 200,
    note: Mapping[str, object] | None = None,
) -> HttpResponse:
    """The checkout page; each showing has a fresh idempotency key."""
    country, shipping = form["country"].value() or "", form["shipping"].value() or ""
    try:
        cart = queries.cart_of(visitor, country=country, shipping=shipping, now=now)
    except NoSuchCart:
        cart = None
    if cart is None or not cart.lines:
        return render(request, "web/cart_empty.html", dict(note or {}), status=status)
    saved = queries.usable_methods(visitor, today=clock.in_shop(now).date())
    methods = queries.payment_methods()
    codes = [*(each.code for each in saved), *(each.code for each in methods)]
    method = form["method"].value()
    words = {
        "cart": cart,
        "member": visitor.person is not None,
        "totals": totals(cart),
        "taxes": taxes(cart),
        "no_way": checkout_wording.no_way(cart),
        "form": form,
        "wrong": form.wrong() if form.is_bound else [],
        "saved": saved,
        "methods": methods,
        "may_keep": bool(methods) and queries.may_keep(visitor),
        "method": method if method in codes else (codes[0] if codes else ""),
        "key": ids.token(),
        **(note or {}),
    }
    return render(request, "web/checkout.html", words, status=status)


def totals(cart: CartView) -> list[tuple[str, Money, bool]]:
    """(code, total, chosen) for each way of sending."""
    return [(choice.code, choice.total, choice.code == cart.chosen) for choice in cart.choices]


def taxes(cart: CartView) -> list[tuple[Decimal, list[tuple[Money, bool]]]]:
    """Each rate, the highest first, with its (tax, chosen) for each way of sending."""
    by_choice = [{part.percent: part.tax for part in choice.taxes} for choice in cart.choices]
    nothing = Money(0, cart.currency)
    return [
        (
            rate,
            [
                (found.get(rate, nothing), choice.code == cart.chosen)
                for choice, found in zip(cart.choices, by_choice, strict=True)
            ],
        )
        for rate in sorted({rate for found in by_choice for rate in found}, reverse=True)
    ]
