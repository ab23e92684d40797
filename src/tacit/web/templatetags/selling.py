"""What pages say beside a price: tax, delivery, days, currencies."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from functools import lru_cache
from typing import Any

from babel.numbers import get_currency_name
from django import template
from django.conf import settings
from django.template import Context
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from tacit.catalog.types import ProductView
from tacit.checkout import queries, wording
from tacit.checkout.types.delivery import Arrival, Promise
from tacit.core import clock
from tacit.core.money import Money
from tacit.web.currency import currency_of

register = template.Library()


@register.filter
def days(value: Arrival | None) -> str:
    """``Tue 24 – Wed 25 Nov``; '' for None."""
    return "" if value is None else wording.days(value)


@register.filter
def percent(value: Decimal) -> str:
    """``19%``, or ``5,5 %`` for a German reader."""
    return wording.percent(value)


@register.simple_tag(takes_context=True)
def currency_choice(context: Context) -> dict[str, Any]:
    """``currencies`` to choose from, as (code, name, is it chosen), and ``here``; nothing when there is no choice."""
    request = getattr(context, "request", None)
    if len(settings.SHOP_CURRENCIES) < 2 or request is None:
        return {}
    chosen = currency_of(request)
    language = (get_language() or "en").replace("-", "_")
    rows = [(code, _name(code, language), code == chosen) for code in settings.SHOP_CURRENCIES]
    return {"currencies": rows, "here": request.path if request.method in {"GET", "HEAD"} else "/"}


@lru_cache(maxsize=256)
def _name(code: str, language: str) -> str:
    return str(get_currency_name(code, locale=language))


@register.simple_tag(takes_context=True)
def price_note(context: Context, product: ProductView, price: Money | None) -> list[str]:
    """What is said beside a product's price: tax, delivery to the shop's own country, the day it comes.

    ``price``: the one shown. No statement while the terms of delivery are kept.
    """
    if price is None:
        return []
    pieces = [
        (each.weight, each.price)
        for each in product.variants
        if each.price is not None and each.price.currency == price.currency
    ]
    now = clock.now()
    promise = queries.delivery_promise(
        pieces, country=settings.SHOP_COUNTRY, currency=price.currency, now=now
    )
    said = [wording.tax_note(promise) if product.percent else "", *_delivery(promise, now)]
    request = getattr(context, "request", None)
    if request is not None and price.currency != currency_of(request):
        said.append(_("not sold in %(currency)s") % {"currency": currency_of(request)})
    return [each for each in said if each]


def _delivery(promise: Promise, now: datetime) -> list[str]:
    if promise.never:
        return [wording.never_delivered(settings.SHOP_COUNTRY)]
    if promise.arrival is None:
        return [wording.delivery_price(promise)]
    today = clock.in_shop(now).date()
    return [wording.delivery_price(promise), wording.with_you(promise.arrival, today=today)]
