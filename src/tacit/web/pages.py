"""Help, and the pages the merchant writes: about, imprint, terms, privacy, returns."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _

from tacit.catalog import queries as catalog
from tacit.checkout import queries as checkout
from tacit.checkout.types.delivery import Rate
from tacit.checkout.wording.delivery import days, weight
from tacit.core import clock
from tacit.core.money import Money
from tacit.web import brand, errors, texts
from tacit.web.currency import currency_of
from tacit.web.shelves import shelves
from tacit.web.templatetags.shown import country, money

# fmt: off
MAY_WITHDRAW = frozenset(
    {
        "AT", "BE", "BG", "CY", "CZ", "DE", "DK", "EE", "ES", "FI", "FR", "GR", "HR", "HU", "IE", "IS",
        "IT", "LI", "LT", "LU", "LV", "MT", "NL", "NO", "PL", "PT", "RO", "SE", "SI", "SK"
    }
)
# fmt: on
"""Countries whose buyers may withdraw for 14 days: EU and EEA, directive 2011/83/EU, article 9."""


COUNTRIES_SHOWN = 8


def help_page(request: HttpRequest) -> HttpResponse:
    """What a shopper needs when nobody is there."""
    countries = sorted(catalog.countries(), key=lambda code: (code != settings.SHOP_COUNTRY, country(code)))
    currency, now = currency_of(request), clock.now()
    found = [(code, _ways(code, currency, now)) for code in countries[:COUNTRIES_SHOWN]]
    known: dict[str, Any] = {
        "shelves": shelves(),
        "deliveries": [(code, ways) for code, ways in found if ways],
        "more_countries": len(countries) > COUNTRIES_SHOWN,
        "captured_later": settings.PAYMENT_CAPTURE == "on_shipping",
        "may_withdraw": settings.SHOP_COUNTRY in MAY_WITHDRAW,
        "has_returns": "returns" in texts.names(settings.SHOP_PAGES),
    }
    return render(request, "web/help.html", known)


def _ways(country: str, currency: str, now: datetime) -> list[dict[str, Any]]:
    """How things are sent there: name, days in words, and what each weight or sum costs."""
    return [
        {
            "name": row.name,
            "days": days(row.arrival),
            "rates": [(_condition(rate), rate.price) for rate in row.rates],
        }
        for row in checkout.delivery_table(country=country, currency=currency, now=now)
    ]


def _condition(rate: Rate) -> str:
    """What a cart must be for this rate: ``up to 2 kg``, ``goods from €50.00``."""
    parts = []
    if rate.total_from:
        parts.append(_("goods from %(sum)s") % {"sum": money(Money(rate.total_from, rate.price.currency))})
    if rate.weight_most is not None:
        parts.append(_("up to %(weight)s") % {"weight": weight(rate.weight_most)})
    return ", ".join(parts) or _("any order")


def written(request: HttpRequest, name: str) -> HttpResponse:
    """A text of the merchant's; 404 when there is none."""
    text = brand.text(name)
    if text is None:
        return errors.not_found(request)
    title = text.title or brand.title_of(name)
    return render(request, "web/about.html", {"shelves": shelves(), "text": text, "text_title": title})
