"""Writes a delivery file as ``reading`` reads it. No Django."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from decimal import Decimal

from tacit.checkout.types.delivery import Destination, Method, Rate
from tacit.connectors.files.delivery.shape import ANY, EVERYWHERE, DeliveryFile
from tacit.core.money import Money

HEAD = """\
# How the shop sends and taxes; `tacit import delivery` reads it. Days are working days, weights grams, packed.
"""


def write(file: DeliveryFile) -> str:
    """The whole file as text."""
    return "\n".join([HEAD, *_lines(file)])


def _lines(file: DeliveryFile) -> Iterator[str]:
    if file.include_tax:
        yield "[prices_include_tax]"
        for currency, included in sorted(file.include_tax.items()):
            yield f"{currency} = {'true' if included else 'false'}"
        yield ""
    for tax in file.taxes:
        percents = [f"{country} = {_text(_plain(value))}" for country, value in sorted(tax.percents.items())]
        yield "[[tax]]"
        yield f"code = {_text(tax.code)}"
        yield f"name = {_text(tax.name)}"
        yield f"percent = {_table(percents)}"
        yield ""
    for method in file.methods:
        yield from _method(method)


def _method(method: Method) -> Iterator[str]:
    yield "[[shipping]]"
    yield f"code = {_text(method.code)}"
    yield f"name = {_text(method.name)}"
    if method.names:
        names = [f"{language} = {_text(name)}" for language, name in sorted(method.names.items())]
        yield f"names = {_table(names)}"
    yield f"handling = {list(method.handling)}"
    if not method.active:
        yield "active = false"
    yield ""
    zones: dict[tuple[tuple[int, int], tuple[Rate, ...]], list[Destination]] = {}
    for destination in method.destinations:
        zones.setdefault((destination.days, destination.rates), []).append(destination)
    for (days, rates), destinations in zones.items():
        yield from _zone([each.country or EVERYWHERE for each in destinations], days, rates)


def _zone(countries: Sequence[str], days: tuple[int, int], rates: Sequence[Rate]) -> Iterator[str]:
    yield "[[shipping.zone]]"
    yield f"countries = [{', '.join(_text(country) for country in countries)}]"
    yield f"days = {list(days)}"
    prices, free, rest = [], [], []
    for currency in sorted({rate.price.currency for rate in rates}):
        of_it = [rate for rate in rates if rate.price.currency == currency]
        steps = _steps(of_it)
        over = [rate for rate in of_it if steps and _is_free_over(rate, steps)]
        if len(over) == 1:
            free.append(f"{currency} = {_amount(_total(over[0]))}")
        if steps:
            prices.append(f"{currency} = {_price(steps)}")
        told = [*steps, *(over if len(over) == 1 else [])]
        rest += [rate for rate in of_it if rate not in told]
    if free:
        yield f"free_over = {_table(free)}"
    if prices:
        yield "[shipping.zone.price]"
        yield from prices
    yield ""
    for rate in rest:
        yield from _rate(rate)


def _steps(rates: Iterable[Rate]) -> list[Rate]:
    """Of rates for any total those that follow each other from weight 0 on."""
    left = {rate.weight_from: rate for rate in sorted(rates, key=_span, reverse=True) if _any_total(rate)}
    found: list[Rate] = []
    lighter: int | None = 0
    while lighter is not None and (rate := left.get(lighter)) is not None and rate.weight_most != 0:
        found.append(rate)
        lighter = None if rate.weight_most is None else rate.weight_most + 1
    return found


def _span(rate: Rate) -> float:
    return float("inf") if rate.weight_most is None else rate.weight_most


def _any_total(rate: Rate) -> bool:
    return rate.total_from == 0 and rate.total_most is None


def _is_free_over(rate: Rate, steps: Sequence[Rate]) -> bool:
    return (
        not rate.price
        and rate.total_from > 0
        and (rate.weight_from, rate.weight_most, rate.total_most) == (0, steps[-1].weight_most, None)
    )


def _total(rate: Rate) -> Money:
    return Money(rate.total_from, rate.price.currency)


def _price(steps: Sequence[Rate]) -> str:
    if len(steps) == 1 and steps[0].weight_most is None:
        return _amount(steps[0].price)
    return _table(
        f"{ANY if step.weight_most is None else step.weight_most} = {_amount(step.price)}" for step in steps
    )


def _rate(rate: Rate) -> Iterator[str]:
    currency = rate.price.currency
    yield "[[shipping.zone.rate]]"
    yield f"currency = {_text(currency)}"
    yield f"price = {_amount(rate.price)}"
    if rate.weight_from:
        yield f"weight_from = {rate.weight_from}"
    if rate.weight_most is not None:
        yield f"weight_most = {rate.weight_most}"
    if rate.total_from:
        yield f"total_from = {_amount(_total(rate))}"
    if rate.total_most is not None:
        yield f"total_most = {_amount(Money(rate.total_most, currency))}"
    yield ""


def _table(entries: Iterable[str]) -> str:
    found = list(entries)
    return f"{{ {', '.join(found)} }}" if found else "{}"


def _amount(money: Money) -> str:
    return _text(f"{money.amount():f}")


def _plain(value: Decimal) -> str:
    return f"{value.normalize():f}"


def _text(text: str) -> str:
    """A basic string of TOML, which JSON's are but for one character."""
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")
