"""Values as people read them: money, days, countries, pictures."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from functools import lru_cache

from babel import Locale
from babel.dates import format_date, format_datetime
from django import template
from django.contrib.staticfiles.storage import staticfiles_storage
from django.utils.translation import get_language

from tacit.checkout import wording
from tacit.checkout.types.payment import PaymentMethod
from tacit.core import clock
from tacit.core.money import Money

register = template.Library()


_DAY = {"de": "EEEE, d. MMMM y"}
_MOMENT = {"de": "d. MMM y, HH:mm"}


def _language() -> str:
    return (get_language() or "en").replace("-", "_")


@register.filter
def money(value: Money | None) -> str:
    """``€39.00``; '' for None."""
    return "" if value is None else _money(value, _language())


@lru_cache(maxsize=4096)
def _money(value: Money, language: str) -> str:
    return value.format(language)


@register.filter
def plain(value: Money) -> str:
    """The amount alone, as forms carry it: ``39.00``."""
    return f"{value.amount():f}"


@register.filter
def day(value: date) -> str:
    """``Thursday 19 November 2026``, a moment by the shop's clock."""
    language = _language()
    shown = clock.in_shop(value) if isinstance(value, datetime) else value
    return str(format_date(shown, _DAY.get(language, "EEEE d MMMM y"), locale=language))


@register.filter
def moment(value: datetime | None) -> str:
    """``19 Nov 2026, 20:14``, by the shop's clock; '' for None."""
    if value is None:
        return ""
    language = _language()
    return str(
        format_datetime(clock.in_shop(value), _MOMENT.get(language, "d MMM y, HH:mm"), locale=language)
    )


@register.filter
def seconds(value: timedelta) -> str:
    """``3 min 20 s``; days and hours only where there are any."""
    whole = max(int(value.total_seconds()), 0)
    parts = [(whole // 86400, "d"), (whole // 3600 % 24, "h"), (whole // 60 % 60, "min"), (whole % 60, "s")]
    return " ".join(f"{number} {unit}" for number, unit in parts if number) or "0 s"


@register.filter
def country(code: str) -> str:
    """The name of a country; the code itself when there is no name for it."""
    return _countries(_language()).get(code, code)


@lru_cache(maxsize=32)
def _countries(language: str) -> Mapping[str, str]:
    return dict(Locale.parse(language).territories)


@register.filter
def static_file(path: str) -> str:
    """Where a file of ours is served; '' when there is none, which must not break a page."""
    if not path:
        return ""
    if path.startswith("media/"):  # a picture that came with imported products
        return f"/{path}"
    try:
        return str(staticfiles_storage.url(path))
    except ValueError:
        return ""


@register.filter
def way_to_pay(method: PaymentMethod) -> str:
    """Its label in the reader's language."""
    return method.label_in(get_language() or "en")


@register.filter
def instrument(known: str) -> str:
    """``Practice card ending 4242`` in the reader's language; '' for ''."""
    return wording.instrument(known)


@register.filter
def attributes(given: Mapping[str, object]) -> list[tuple[str, object]]:
    """HTML attributes of a form field, without those that are off."""
    return [(name, value) for name, value in given.items() if value is not False]
