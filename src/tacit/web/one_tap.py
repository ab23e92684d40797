"""Buying in one tap: the box on a product page, a page of its own that works without a script, and buying again."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from tacit.accounts.types import Visitor
from tacit.catalog import queries as catalog
from tacit.catalog.types import NoSuchProduct, ProductView
from tacit.checkout import actions, queries
from tacit.checkout import wording as checkout_wording
from tacit.checkout.types.methods import OneTap, Wanted
from tacit.checkout.types.order import CheckoutError, Outcome, ShippingChoice, StillInFlight, TotalChanged
from tacit.core import clock, ids
from tacit.core.money import Money, MoneyError
from tacit.web import answering, buying, links, parsing, returning
from tacit.web.again import into_cart
from tacit.web.buying import LARGEST_ID, LARGEST_QUANTITY, see_other
from tacit.web.currency import currency_of
from tacit.web.order import holder
from tacit.web.parsing import BadInput
from tacit.web.shop import MOST_FOLLOWED
from tacit.web.visitor import visitor_of


@dataclass(frozen=True, slots=True)
class Choice:
    """One variant of a product beside the others: ``tap`` is None where it cannot be bought in one tap."""

    id: int
    label: str
    tap: OneTap | None
    now: bool


def part(request: HttpRequest, slug: str) -> HttpResponse:
    """The box for the slot of a product page; 204 when there is nothing to tap: the slot's link stays as it is."""
    visitor = visitor_of(request)
    choices: tuple[Choice, ...] = ()
    if visitor.person is not None:
        choices = _choices(visitor, _product(request, slug), request)
    if not any(each.tap for each in choices) or len(choices) > MOST_FOLLOWED:
        gone = HttpResponse(status=204)
        if visitor.person is None or not queries.saved_methods(visitor):
            returning.forget(gone)
        return gone
    first = next(each.tap for each in choices if each.tap)
    page = {"slug": slug, "choices": choices, "tap": first, "key": ids.token()}
    return render(request, "web/once/part.html", page)


def once(request: HttpRequest, slug: str) -> HttpResponse:
    """The same as a page; POST buys."""
    visitor = visitor_of(request)
    if visitor.person is None:
        return _sign_in(request)
    product = _product(request, slug)
    given = request.POST if request.method == "POST" else request.GET
    variant = parsing.whole(given, "variant", least=0, most=LARGEST_ID, default=0)
    quantity = parsing.whole(given, "quantity", least=1, most=LARGEST_QUANTITY, default=1)
    if variant and variant not in {each.id for each in product.variants}:
        raise BadInput("variant", _("This is not for sale. Choose something else."))
    chosen = variant or _first(product)
    where = _Where(reverse("once", args=[slug]), Wanted(chosen, quantity), product=product)
    if request.method == "POST":
        return _buy(request, visitor, where, variant)
    return _show(request, visitor, where)


def again(request: HttpRequest, number: str, signature: str) -> HttpResponse:
    """A past order of the signed-in owner once more, in one tap; POST buys."""
    visitor = holder(request, number, signature)
    if visitor.person is None:
        return _sign_in(request)
    order = queries.order_of(visitor, number)
    where = _Where(
        reverse("order-again", args=[number, signature]), Wanted(order=number), into_cart=into_cart(order)
    )
    if request.method == "POST":
        return _buy(request, visitor, where, 0)
    return _show(request, visitor, where)


def undo(request: HttpRequest, number: str, signature: str) -> HttpResponse:
    """Undo what was bought in one tap, by its signed-in owner."""
    visitor = holder(request, number, signature)
    actions.undo(visitor, number, key=request.POST.get("key", ""), now=clock.now())
    return see_other(links.order_path(number))


@dataclass(frozen=True, slots=True)
class _Where:
    """What is bought from which address; ``product``: on its own page, else a past order."""

    address: str
    wanted: Wanted
    product: ProductView | None = None
    into_cart: str = ""


def _buy(request: HttpRequest, visitor: Visitor, where: _Where, suffix: int) -> HttpResponse:
    """Order it and say what came of it."""
    now, seen = clock.now(), None
    try:
        seen = _total_seen(request, suffix)
        bought = actions.one_tap(
            visitor,
            wanted=where.wanted,
            method=parsing.text(request.POST, "method", longest=32),
            shipping=parsing.text(request.POST, f"shipping_{suffix}", longest=40),
            terms=parsing.text(request.POST, f"terms_{suffix}", longest=64),
            total_seen=seen,
            key=request.headers.get("Idempotency-Key") or request.POST.get("key", ""),
            return_url=links.returning_to(request),
            now=now,
        )
    except StillInFlight:
        return buying.in_flight(request)
    except TotalChanged:
        return _show(request, visitor, where, status=409, note={"seen": seen})
    except (CheckoutError, BadInput) as error:
        if error.field == "key":
            raise
        note = {"problem": answering.explain(error)}
        return _show(request, visitor, where, status=answering.status_of(error), note=note)
    if bought.outcome is Outcome.DECLINED:
        note = {"declined": checkout_wording.decline_sentence(bought.decline_code)}
        return _show(request, visitor, where, status=402, note=note)
    # A bank that wants its customer asks on the order's page, where everything else about the order is.
    response = see_other(links.order_path(bought.number))
    returning.note(response)
    return response


def _total_seen(request: HttpRequest, suffix: int) -> Money:
    field = f"total_{suffix}"
    try:
        seen = Money.parse(request.POST.get(field, "")[:30], request.POST.get("currency", ""))
    except MoneyError as error:
        raise BadInput(field, _("What you saw came damaged. Look at it and confirm anew.")) from error
    if seen.minor < 0:
        raise BadInput(field, _("What you saw came damaged. Look at it and confirm anew."))
    return seen


def _show(
    request: HttpRequest,
    visitor: Visitor,
    where: _Where,
    *,
    status: int = 200,
    note: dict[str, Any] | None = None,
) -> HttpResponse:
    """The page with everything about the purchase, and a fresh key."""
    given = request.POST if request.method == "POST" else request.GET
    way = (given.get(f"shipping_{where.wanted.variant}", "") or given.get("shipping", ""))[:40]
    found = queries.one_taps(
        visitor, (where.wanted,), currency=currency_of(request), shipping=way, now=clock.now()
    )
    tap = found[0] if found else None
    method = request.POST.get("method", "")
    known = [each.reference for each in tap.methods] if tap else []
    page = {
        "tap": tap,
        "method": method if method in known else next(iter(known), ""),
        "no_way": checkout_wording.no_way(tap.cart) if tap else "",
        "product": where.product,
        "into_cart": where.into_cart,
        "wanted": where.wanted,
        "suffix": where.wanted.variant,
        "to": where.address,
        "key": ids.token(),
        "choices": _links(where),
        "ways": _ways(where, tap),
        "order_path": links.order_path(where.wanted.order) if where.wanted.order else "",
        **(note or {}),
    }
    response = render(request, "web/once/page.html", page, status=status)
    if tap is not None:
        returning.note(response)
    return response


def _links(where: _Where) -> list[tuple[str, str, bool]]:
    """Each variant as (label, address, chosen), where there are several to buy."""
    if where.product is None or len(where.product.variants) < 2:
        return []
    return [
        (
            each.label or each.sku,
            f"{where.address}?{urlencode({'variant': each.id})}",
            each.id == where.wanted.variant,
        )
        for each in where.product.variants
        if each.price is not None and each.available > 0
    ]


def _ways(where: _Where, tap: OneTap | None) -> list[tuple[ShippingChoice, str, bool]]:
    """Each way of sending as (choice, address, chosen), where there are several."""
    if tap is None or len(tap.cart.choices) < 2:
        return []
    asked: dict[str, int | str] = {}
    if where.product is not None:
        asked = {"variant": where.wanted.variant, "quantity": where.wanted.quantity}
    return [
        (each, f"{where.address}?{urlencode({**asked, 'shipping': each.code})}", each.code == tap.cart.chosen)
        for each in tap.cart.choices
    ]


def _choices(visitor: Visitor, product: ProductView, request: HttpRequest) -> tuple[Choice, ...]:
    """Every variant, in the order of the product page's choices."""
    wanted = tuple(Wanted(each.id) for each in product.variants)
    taps: Sequence[OneTap] = queries.one_taps(visitor, wanted, currency=currency_of(request), now=clock.now())
    first = _first(product)
    return tuple(
        Choice(each.id, each.label, tap if tap.cart.orderable else None, each.id == first)
        for each, tap in zip(product.variants, taps, strict=False)
    )


def _first(product: ProductView) -> int:
    """The variant a product page has chosen; the first where none can be bought."""
    buyable = [each.id for each in product.variants if each.price is not None and each.available > 0]
    if not product.variants:
        raise NoSuchProduct(product.slug)
    return buyable[0] if buyable else product.variants[0].id


def _product(request: HttpRequest, slug: str) -> ProductView:
    return catalog.product_page(
        slug,
        currency=currency_of(request),
        country=settings.SHOP_COUNTRY,
        language=get_language() or settings.LANGUAGE_CODE,
    )


def _sign_in(request: HttpRequest) -> HttpResponse:
    """Sign in first; then the page comes back as it was asked for."""
    back = request.get_full_path() if request.method in {"GET", "HEAD"} else request.path
    response = see_other(f"{reverse('sign-in')}?{urlencode({'next': back})}")
    returning.forget(response)
    return response
