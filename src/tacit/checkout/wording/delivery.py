"""Days, prices of delivery and tax, as the reader of the active language writes them."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

from babel import Locale
from babel.dates import format_date, format_interval
from babel.numbers import format_decimal, format_percent
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from tacit.checkout.rules import delivery as rules
from tacit.checkout.types.delivery import Arrival, NoWay, Promise, Rate
from tacit.checkout.types.order import CartView
from tacit.checkout.wording.shown import money

_A_WEEK = timedelta(days=7)
# A day alone and as the begin of a span within one month; other languages as CLDR has them.
_DAYS = {"en": ("EEE d MMM", "EEE d"), "de": ("EEE d. MMM", "EEE d.")}


def _locale() -> str:
    return (get_language() or "en").replace("-", "_")


def day(value: date) -> str:
    """``Tue 24 Nov``, with spaces that do not break."""
    locale = _locale()
    return _together(format_date(value, _DAYS.get(locale, ("MMMEd",))[0], locale=locale))


def days(arrival: Arrival) -> str:
    """``Tue 24 – Wed 25 Nov``, or the one day."""
    locale, first, last = _locale(), arrival.first, arrival.last
    if first == last:
        return day(first)
    if locale not in _DAYS:
        return str(format_interval(first, last, "MMMEd", locale=locale))
    whole, short = _DAYS[locale]
    begin = short if (first.year, first.month) == (last.year, last.month) else whole
    return f"{_together(format_date(first, begin, locale=locale))} – {day(last)}"


def _together(text: str) -> str:
    """One day stays on one line."""
    return text.replace(" ", "\xa0")


def with_you(arrival: Arrival, *, today: date) -> str:
    """``with you Tuesday``, ``with you by Wednesday``; a date when it is a week or more ahead."""
    near = arrival.last - today < _A_WEEK
    word = format_date(arrival.last, "EEEE", locale=_locale()) if near else day(arrival.last)
    if arrival.last == today:
        return _("with you today")
    if arrival.first == arrival.last:
        return _("with you %(day)s") % {"day": word}
    return _("with you by %(day)s") % {"day": word}


def percent(value: Decimal) -> str:
    """``19%``, ``5,5 %``."""
    return str(format_percent(value / 100, locale=_locale(), decimal_quantization=False))


def tax_note(promise: Promise) -> str:
    """Whether the price beside it includes tax."""
    return _("incl. VAT") if promise.tax_included else _("plus tax")


def never_delivered(country: str) -> str:
    """What is said of a thing that cannot be sent to ``country`` at all."""
    return _("cannot be delivered to %(country)s") % {"country": _place(country)}


def delivery_price(promise: Promise) -> str:
    """What sending one piece costs."""
    if promise.price is None:
        return _("plus delivery")
    if promise.several:
        return _("delivery from %(price)s") % {"price": money(promise.price)}
    if not promise.price:
        return _("free delivery")
    return _("%(price)s delivery") % {"price": money(promise.price)}


def weight(grams: int) -> str:
    """``1.3 kg``."""
    return f"{format_decimal(Decimal(grams) / 1000, format='#,##0.###', locale=_locale())} kg"


def condition(rate: Rate) -> str:
    """What a cart must be for ``rate``: ``up to 2 kg``, ``goods from €50.00, over 2 kg up to 5 kg``."""
    found = rules.condition(rate)
    parts = []
    if found.total_from and found.total_most:
        parts.append(
            _("goods from %(sum)s to %(most)s")
            % {"sum": money(found.total_from), "most": money(found.total_most)}
        )
    elif found.total_from:
        parts.append(_("goods from %(sum)s") % {"sum": money(found.total_from)})
    elif found.total_most is not None:
        parts.append(_("goods up to %(sum)s") % {"sum": money(found.total_most)})
    if found.over is not None and found.most is not None:
        parts.append(
            _("over %(weight)s up to %(most)s") % {"weight": weight(found.over), "most": weight(found.most)}
        )
    elif found.over is not None:
        parts.append(_("over %(weight)s") % {"weight": weight(found.over)})
    elif found.least is not None and found.most is not None:
        parts.append(
            _("from %(weight)s to %(most)s") % {"weight": weight(found.least), "most": weight(found.most)}
        )
    elif found.least is not None:
        parts.append(_("from %(weight)s on") % {"weight": weight(found.least)})
    elif found.most is not None:
        parts.append(_("up to %(weight)s") % {"weight": weight(found.most)})
    return ", ".join(parts) or _("any order")


def no_way(cart: CartView) -> str:
    """Why this cart cannot be sent, and the way out; '' when it can."""
    if cart.no_way is None:
        return ""
    return no_way_sentence(
        cart.no_way,
        country=cart.country,
        currency=cart.currency,
        weight_=cart.weight,
        heaviest=cart.heaviest,
    )


def _place(country: str) -> str:
    return str(Locale.parse(_locale()).territories.get(country, country))


def no_way_sentence(why: NoWay, *, country: str, currency: str, weight_: int, heaviest: int | None) -> str:
    """Why a cart of ``weight_`` grams cannot be sent there, and the way out."""
    place = _place(country)
    match why:
        case NoWay.COUNTRY:
            return _("Nothing is sent to %(country)s yet. Choose another country, or talk to a person.") % {
                "country": place
            }
        case NoWay.CURRENCY:
            return _(
                "Nothing is sent to %(country)s for prices in %(currency)s. Choose another currency or country."
            ) % {"country": place, "currency": currency}
        case NoWay.WEIGHT if heaviest is not None and weight_ > heaviest:
            return _(
                "Your cart weighs %(weight)s; at most %(heaviest)s go to %(country)s in one order. "
                "Take something out, or talk to a person."
            ) % {"weight": weight(weight_), "heaviest": weight(heaviest), "country": place}
        case NoWay.WEIGHT:
            return _(
                "There is no delivery to %(country)s for %(weight)s. Choose another country, or talk to a person."
            ) % {"weight": weight(weight_), "country": place}
    return _(
        "There is no delivery to %(country)s for what this costs. Choose another country, or talk to a person."
    ) % {"country": place}
