"""What a shop decides once."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from django.db import transaction
from django.db.models import Max

from tacit.checkout.models import EVERYWHERE, ShippingDestination, ShippingMethod, ShippingRate
from tacit.checkout.rules.delivery import check_days, check_method, check_rates
from tacit.checkout.types.delivery import Method, Rate
from tacit.checkout.types.order import CheckoutError
from tacit.core.money import Money


def save_shipping_method(
    *,
    code: str,
    name: str,
    position: int = 0,
    names: Mapping[str, str] | None = None,
    handling: tuple[int, int] | None = None,
    active: bool = True,
) -> None:
    """Make or change the method called ``code``; where it goes and for how much, ``set_shipping_rates`` says.

    ``names``: language → its name there. ``handling``: working days from–to until the parcel leaves. None keeps
    what there is, of a new method nothing. Raises CheckoutError.
    """
    kept: dict[str, object] = {}
    if names is not None:
        kept["translations"] = dict(names)
    if handling is not None:
        check_days("handling", handling)
        kept |= {"handling_from": handling[0], "handling_until": handling[1]}
    ShippingMethod.objects.update_or_create(
        code=code, defaults={"name": name, "position": position, "active": active, **kept}
    )


def replace_shipping_method(method: Method) -> None:
    """Make the method called ``method.code`` what is given, whole: what it does not name is gone.

    A new one comes after those there are. Raises CheckoutError.
    """
    check_method(method)
    values = {
        "name": method.name,
        "translations": dict(method.names),
        "handling_from": method.handling[0],
        "handling_until": method.handling[1],
        "active": method.active,
    }
    with transaction.atomic():
        row = ShippingMethod.objects.select_for_update().filter(code=method.code).first()
        if row is None:
            last = ShippingMethod.objects.aggregate(Max("position"))["position__max"]
            row = ShippingMethod.objects.create(
                code=method.code, position=0 if last is None else last + 1, **values
            )
        else:
            ShippingMethod.objects.filter(pk=row.pk).update(**values)
            row.destinations.all().delete()
        for each in method.destinations:
            destination = row.destinations.create(
                country=each.country, days_from=each.days[0], days_until=each.days[1]
            )
            _write(destination, each.rates)


def order_shipping_methods(codes: Sequence[str]) -> None:
    """Put the methods into this order; those not named follow in the order they have."""
    with transaction.atomic():
        rows = list(ShippingMethod.objects.select_for_update().order_by("position", "id"))
        places = {code: place for place, code in enumerate(codes)}
        rows.sort(key=lambda row: places.get(row.code, len(places)))
        for position, row in enumerate(rows):
            row.position = position
        ShippingMethod.objects.bulk_update(rows, ["position"])


def set_shipping_rates(
    *,
    method: str,
    currency: str,
    rates: Sequence[Rate],
    countries: Sequence[str] = (EVERYWHERE,),
    days: tuple[int, int] | None = None,
) -> None:
    """What ``method`` costs in ``currency`` to each of ``countries`` (ISO 3166-1 alpha-2), instead of before.

    EVERYWHERE stands for all countries the method does not name. ``days``: working days from–to on the way, in
    every currency; None keeps what there is, of a new destination one to three. Of rates that fit a cart the
    cheapest counts. Raises CheckoutError.
    """
    wanted: dict[str, object] = {}
    if days is not None:
        check_days("days", days)
        wanted = {"days_from": days[0], "days_until": days[1]}
    check_rates(rates, countries, currency=currency)
    with transaction.atomic():
        found = ShippingMethod.objects.select_for_update().filter(code=method).first()
        if found is None:
            raise CheckoutError("method", "unknown")
        for country in countries:
            destination, _ = ShippingDestination.objects.update_or_create(
                method=found, country=country, defaults=wanted
            )
            ShippingRate.objects.filter(destination=destination, currency=currency).delete()
            _write(destination, rates)


def _write(destination: ShippingDestination, rates: Iterable[Rate]) -> None:
    ShippingRate.objects.bulk_create(
        ShippingRate(
            destination=destination,
            currency=rate.price.currency,
            weight_from=rate.weight_from,
            weight_most=rate.weight_most,
            total_from=rate.total_from,
            total_most=rate.total_most,
            price_minor=rate.price.minor,
        )
        for rate in rates
    )


def set_shipping_method(
    *,
    code: str,
    name: str,
    currency: str,
    price: Money,
    free_over: Money | None = None,
    position: int = 0,
    names: Mapping[str, str] | None = None,
) -> None:
    """A way of sending everywhere: ``price``, and nothing once the goods reach ``free_over``.

    A new one takes one to three days; one that is there keeps its days. ``names``: language → its name there.
    Raises CheckoutError.
    """
    if free_over is not None and free_over.currency != currency:
        raise CheckoutError("currency", "other_currency", currency=currency)
    if free_over is not None and free_over.minor < 0:
        raise CheckoutError("price", "negative")
    rates = [Rate(price)]
    if free_over is not None:
        rates.append(Rate(Money(0, currency), total_from=free_over.minor))
    with transaction.atomic():
        save_shipping_method(code=code, name=name, position=position, names=names)
        set_shipping_rates(method=code, currency=currency, rates=list(dict.fromkeys(rates)))
