"""Makes the shop what a delivery file says, and says what changed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from decimal import Decimal

from django.db import transaction

from tacit.catalog import actions as catalog
from tacit.catalog import queries as goods
from tacit.catalog.actions.importing import one_at_a_time
from tacit.catalog.types import TaxRates
from tacit.checkout import actions as checkout
from tacit.checkout import queries
from tacit.checkout.types.delivery import Destination, Method
from tacit.connectors.files.delivery.shape import EVERYWHERE, DeliveryFile


def present() -> DeliveryFile:
    """How the shop sends and taxes now; for every currency with a rate it is said whether tax is included."""
    methods = queries.shipping_methods()
    used = {rate.price.currency for method in methods for each in method.destinations for rate in each.rates}
    return DeliveryFile(
        include_tax=dict.fromkeys(used, True) | goods.tax_modes(),
        taxes=goods.tax_classes(),
        methods=methods,
    )


def apply(file: DeliveryFile, *, dry_run: bool = False) -> tuple[str, ...]:
    """Make the shop what ``file`` says, all of it or nothing; with ``dry_run`` only say what would change.

    Of the tax classes and methods it names the file is the whole truth; others stay as they are. Gives one line
    a change; none when all was so already.
    """
    changes: list[str] = []
    with transaction.atomic():
        one_at_a_time()
        now = present()
        for currency, included in sorted(file.include_tax.items()):
            if now.include_tax.get(currency, True) != included:
                catalog.set_currency(code=currency, prices_include_tax=included)
                changes.append(f"{currency}: prices {'include' if included else 'do not include'} tax")
        taxes = {tax.code: tax for tax in now.taxes}
        for tax in file.taxes:
            if said := list(_tax_changes(taxes.get(tax.code), tax)):
                catalog.replace_tax_class(tax)
                changes.append(f'tax "{tax.code}": {"; ".join(said)}')
        methods = {method.code: method for method in now.methods}
        for method in file.methods:
            if said := list(_method_changes(methods.get(method.code), method)):
                checkout.replace_shipping_method(method)
                changes.append(f'shipping "{method.code}": {"; ".join(said)}')
        wanted = [method.code for method in file.methods]
        order = [code for code in methods if code in wanted]
        if order != [code for code in wanted if code in methods]:
            changes.append(f"shipping: the order is {', '.join(wanted)}")
        if order != wanted:
            checkout.order_shipping_methods(wanted)
        if dry_run:
            transaction.set_rollback(True)
    return tuple(changes)


def _tax_changes(was: TaxRates | None, now: TaxRates) -> Iterator[str]:
    if was is None:
        yield "new, " + ", ".join(f"{country} {_percent(value)}" for country, value in now.percents.items())
        return
    if was.name != now.name:
        yield f"name {was.name!r} → {now.name!r}"
    for country in sorted({*was.percents, *now.percents}):
        before, after = was.percents.get(country), now.percents.get(country)
        if before is None and after is not None:
            yield f"{country} {_percent(after)} new"
        elif after is None and before is not None:
            yield f"{country} {_percent(before)} removed"
        elif before is not None and after is not None and before != after:
            yield f"{country} {_percent(before)} → {_percent(after)}"


def _percent(value: Decimal) -> str:
    return f"{value.normalize():f} %"


def _method_changes(was: Method | None, now: Method) -> Iterator[str]:
    if was is None:
        places = ", ".join(each.country or EVERYWHERE for each in now.destinations)
        yield f"new, to {places or 'nowhere'}"
        return
    for what, before, after in (
        ("name", was.name, now.name),
        ("names", dict(was.names), dict(now.names)),
        ("handling", list(was.handling), list(now.handling)),
        ("active", was.active, now.active),
    ):
        if before != after:
            yield f"{what} {before!r} → {after!r}"
    earlier, later = _by_country(was), _by_country(now)
    for country in sorted({*earlier, *later}):
        where = country or EVERYWHERE
        if country not in earlier:
            yield f"{where} new"
        elif country not in later:
            yield f"{where} removed"
        else:
            yield from _destination_changes(where, earlier[country], later[country])


def _by_country(method: Method) -> Mapping[str, Destination]:
    return {each.country: each for each in method.destinations}


def _destination_changes(where: str, was: Destination, now: Destination) -> Iterator[str]:
    if was.days != now.days:
        yield f"{where} days {list(was.days)} → {list(now.days)}"
    for currency in sorted({rate.price.currency for rate in (*was.rates, *now.rates)}):
        before, after = (
            [rate for rate in each.rates if rate.price.currency == currency] for each in (was, now)
        )
        if not before:
            yield f"{where} {currency} new"
        elif not after:
            yield f"{where} {currency} removed"
        elif before != after:
            yield f"{where} {currency} prices changed"
