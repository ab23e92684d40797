"""Reads a delivery file strictly: every problem is named, and nothing is guessed. No Django."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from tacit.catalog.types import TaxRates
from tacit.checkout.types.delivery import Destination, Method, Rate, rate_order
from tacit.connectors.files.delivery.entries import MOST_GRAMS, Entry
from tacit.connectors.files.delivery.shape import ANY, EVERYWHERE, BadEntries, DeliveryFile
from tacit.connectors.files.reader import UnusableFile
from tacit.core.money import Money

LARGEST_FILE = 1024 * 1024
"""In bytes."""


def read_path(path: Path) -> DeliveryFile:
    """The file at ``path``. Raises UnusableFile or BadEntries."""
    try:
        with path.open("rb") as file:
            raw = file.read(LARGEST_FILE + 1)
    except OSError as error:
        raise UnusableFile(f"{path} cannot be read: {error.strerror or error}.") from None
    if len(raw) > LARGEST_FILE:
        raise UnusableFile(f"{path} is larger than {LARGEST_FILE // 1024} kB; it is no delivery file.")
    try:
        return read(raw.decode("utf-8-sig"))
    except UnicodeDecodeError:
        raise UnusableFile(f"{path} is not UTF-8; save it as UTF-8.") from None
    except tomllib.TOMLDecodeError as error:
        raise UnusableFile(f"{path} is no TOML: {error}.") from None


def read(text: str) -> DeliveryFile:
    """What ``text`` says. Raises BadEntries, or tomllib's error for what is no TOML."""
    problems: list[str] = []
    top = Entry(tomllib.loads(text), "", problems)
    top.only(("prices_include_tax", "tax", "shipping"))
    include_tax = {}
    for currency, found in top.mapping("prices_include_tax", "{ EUR = true }").items():
        key = f"prices_include_tax.{currency[:20]}"
        if not top.currency(key, currency):
            continue
        if isinstance(found, bool):
            include_tax[currency] = found
        else:
            top.wrong(key, "write true if prices in it include tax, else false.")
    taxes = [_tax(each, number, problems) for number, each in enumerate(top.tables("tax"), 1)]
    methods = [_method(each, number, problems) for number, each in enumerate(top.tables("shipping"), 1)]
    for kind, codes in (
        ("tax", [each.code for each in taxes]),
        ("shipping", [each.code for each in methods]),
    ):
        for code in sorted({code for code in codes if code and codes.count(code) > 1}):
            problems.append(f'{kind} "{code}": named twice; put all of it into one [[{kind}]].')
    if not top.data:
        problems.append("The file says nothing; it needs [[tax]], [[shipping]] or [prices_include_tax].")
    if problems:
        raise BadEntries(problems)
    return DeliveryFile(include_tax, tuple(taxes), tuple(methods))


def _tax(data: Mapping[str, Any], number: int, problems: list[str]) -> TaxRates:
    entry = Entry(data, _place("tax", data, number), problems)
    entry.only(("code", "name", "percent"))
    code = entry.code("standard")
    name = entry.required("name", '"Standard rate"')
    percents = {}
    for country, found in entry.mapping("percent", '{ DE = "19" }').items():
        key = f"percent.{country[:20]}"
        percent = entry.percent(key, found) if entry.country(key, country) else None
        if percent is not None:
            percents[country] = percent
    if "percent" not in data:
        entry.required("percent", '{ DE = "19" }')
    return TaxRates(code or "", "" if name is None else entry.name("name", name), percents)


def _method(data: Mapping[str, Any], number: int, problems: list[str]) -> Method:
    entry = Entry(data, _place("shipping", data, number), problems)
    entry.only(("code", "name", "names", "handling", "active", "zone"))
    code = entry.code("standard")
    name = entry.required("name", '"Standard"')
    active = entry.flag("active", default=True)
    destinations: dict[str, Destination] = {}
    zones = entry.tables("zone")
    if not zones and active:
        entry.wrong(
            "zone", "missing; add [[shipping.zone]] with countries, days and price, or active = false."
        )
    for at, zone in enumerate(zones, 1):
        for destination in _zone(zone, f"{entry.place}, zone {at}", problems):
            if destination.country in destinations:
                where = destination.country or EVERYWHERE
                entry.wrong(f"zone {at}, countries", f"{where} is in another zone of this method; leave one.")
            destinations[destination.country] = destination
    return Method(
        code=code or "",
        name="" if name is None else entry.name("name", name),
        names=entry.names(),
        handling=entry.days("handling", (0, 0)),
        destinations=tuple(destinations[country] for country in sorted(destinations)),
        active=active,
    )


def _place(kind: str, data: Mapping[str, Any], number: int) -> str:
    code = data.get("code")
    return f'{kind} "{code[:40]}"' if isinstance(code, str) else f"{kind} {number}"


def _zone(data: Mapping[str, Any], place: str, problems: list[str]) -> list[Destination]:
    entry = Entry(data, place, problems)
    entry.only(("countries", "days", "price", "free_over", "rate"))
    days = entry.days("days")
    rates = [*_prices(entry), *_rates(entry)]
    if not entry.data.get("price") and not entry.data.get("rate"):
        entry.wrong("price", 'missing; write price = { EUR = "4.90" } or [[shipping.zone.rate]].')
    spans = [rate_order(rate) for rate in rates]
    for currency in sorted({span[0] for span in spans if spans.count(span) > 1}):
        entry.wrong(
            f"price.{currency}",
            "two prices for the same weights and totals; leave one (the cheaper would count).",
        )
    ordered = tuple(sorted(rates, key=rate_order))
    return [Destination(country, days, ordered) for country in _countries(entry)]


def _countries(entry: Entry) -> list[str]:
    found = entry.required("countries", '["DE"]')
    if found is None:
        return []
    if not isinstance(found, list) or not found:
        entry.wrong("countries", f'not a list; write countries = ["DE", "AT"] or ["{EVERYWHERE}"].')
        return []
    return [
        "" if each == EVERYWHERE else each
        for each in found
        if each == EVERYWHERE or entry.country("countries", each)
    ]


def _prices(entry: Entry) -> list[Rate]:
    """Prices up to a weight each, heavier from there on; and nothing from ``free_over`` on, up to the heaviest."""
    rates = []
    heaviest: dict[str, int | None] = {}
    for currency, found in entry.mapping("price", '{ EUR = "4.90" }').items():
        key = f"price.{currency[:20]}"
        if not entry.currency(key, currency):
            continue
        steps = _steps(entry, key, found, currency)
        lighter = 0
        for grams, price in steps:
            rates.append(Rate(price, weight_from=lighter, weight_most=grams))
            lighter = (grams or 0) + 1
        if steps:
            heaviest[currency] = steps[-1][0]
    for currency, found in entry.mapping("free_over", '{ EUR = "50.00" }').items():
        key = f"free_over.{currency[:20]}"
        if currency not in entry.mapping("price", ""):
            entry.wrong(key, f"there is no price.{currency[:20]}; add it, or remove this.")
            continue
        total = entry.money(key, found, currency) if currency in heaviest else None
        if total is not None and not total:
            entry.wrong(key, f'everything is above 0; write price.{currency} = "0" instead.')
        elif total is not None:
            free = Money(0, currency)
            rates.append(Rate(free, weight_most=heaviest[currency], total_from=total.minor))
    return rates


def _steps(entry: Entry, key: str, found: Any, currency: str) -> list[tuple[int | None, Money]]:
    """(grams up to which, price), lightest first; None: whatever it weighs."""
    table = found if isinstance(found, dict) else {ANY: found}
    if not table:
        entry.wrong(key, f'empty; write {key} = "4.90" or {{ 2000 = "4.90", 5000 = "5.90" }}.')
    steps: dict[int | None, Money] = {}
    for weight, price in table.items():
        at = key if table is not found else f"{key}.{weight[:20]}"
        if weight != ANY and not (
            weight.isascii() and weight.isdigit() and 0 < int(weight[:20]) <= MOST_GRAMS
        ):
            entry.wrong(at, f'no weight; write whole grams from 1 to {MOST_GRAMS}, or "{ANY}".')
            continue
        grams = None if weight == ANY else int(weight)
        if grams in steps:
            entry.wrong(at, "this weight is there twice; leave one.")
        amount = entry.money(at, price, currency)
        if amount is not None:
            steps[grams] = amount
    return sorted(steps.items(), key=lambda step: float("inf") if step[0] is None else step[0])


def _rates(entry: Entry) -> list[Rate]:
    """What the short way of writing prices cannot say: one table a rate."""
    rates = []
    for number, data in enumerate(entry.tables("rate"), 1):
        one = Entry(data, f"{entry.place}, rate {number}", entry.problems)
        one.only(("currency", "price", "weight_from", "weight_most", "total_from", "total_most"))
        currency = one.required("currency", '"EUR"')
        price = one.required("price", '"4.90"')
        if currency is None or price is None or not one.currency("currency", currency):
            continue
        amount = one.money("price", price, currency)
        weights = {key: one.grams(key, data[key]) for key in ("weight_from", "weight_most") if key in data}
        totals = {
            key: one.money(key, data[key], currency) for key in ("total_from", "total_most") if key in data
        }
        if amount is None or None in weights.values() or None in totals.values():
            continue
        minor = {key: total.minor for key, total in totals.items() if total is not None}
        rate = Rate(
            amount,
            weight_from=weights.get("weight_from") or 0,
            weight_most=weights.get("weight_most"),
            total_from=minor.get("total_from", 0),
            total_most=minor.get("total_most"),
        )
        for what, least, most in (
            ("weight", rate.weight_from, rate.weight_most),
            ("total", rate.total_from, rate.total_most),
        ):
            if most is not None and most < least:
                one.wrong(f"{what}_most", f"below {what}_from; swap them.")
                break
        else:
            rates.append(rate)
    return rates
