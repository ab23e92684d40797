"""Help, and the pages the merchant writes: about, imprint, terms, privacy, returns."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from tacit.catalog import queries as catalog
from tacit.checkout import queries as checkout
from tacit.checkout.types.delivery import DeliveryRow
from tacit.checkout.wording.delivery import condition, days
from tacit.core import clock
from tacit.web import brand, errors, texts
from tacit.web.currency import currency_of
from tacit.web.shelves import shelves
from tacit.web.templatetags.shown import country

COUNTRIES_SHOWN = 8


def help_page(request: HttpRequest) -> HttpResponse:
    """What a shopper needs when nobody is there."""
    countries = sorted(catalog.countries(), key=lambda code: (code != settings.SHOP_COUNTRY, country(code)))
    currency, now = currency_of(request), clock.now()
    tables = checkout.delivery_tables(countries[:COUNTRIES_SHOWN], currency=currency, now=now)
    known: dict[str, Any] = {
        "shelves": shelves(),
        "deliveries": [(code, _shown(tables[code])) for code in countries[:COUNTRIES_SHOWN] if tables[code]],
        "more_countries": len(countries) > COUNTRIES_SHOWN,
        "captured_later": settings.PAYMENT_CAPTURE == "on_shipping",
        "may_withdraw": checkout.may_withdraw(settings.SHOP_COUNTRY),
        "has_returns": "returns" in texts.names(settings.SHOP_PAGES),
    }
    return render(request, "web/help.html", known)


def _shown(rows: Sequence[DeliveryRow]) -> list[dict[str, Any]]:
    """Of each way its name, its days in words, and what each weight or sum costs."""
    return [
        {
            "name": row.name,
            "days": days(row.arrival),
            "rates": [(condition(rate), rate.price) for rate in row.rates],
        }
        for row in rows
    ]


def written(request: HttpRequest, name: str) -> HttpResponse:
    """A text of the merchant's; 404 when there is none."""
    text = brand.text(name)
    if text is None:
        return errors.not_found(request)
    title = text.title or brand.title_of(name)
    return render(request, "web/about.html", {"shelves": shelves(), "text": text, "text_title": title})
