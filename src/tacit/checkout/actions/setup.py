"""What a shop decides once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from django.db import transaction

from tacit.checkout.models import EVERYWHERE, ShippingDestination, ShippingMethod, ShippingRate
from tacit.checkout.rules.delivery import check_days, check_rates
from tacit.checkout.types.delivery import Rate
from tacit.checkout.types.order import CheckoutError
from tacit.core.money import Money


def save_shipping_method(
    *,
    code: str,
    name: str,
    position: int = 0,
    names: Mapping[str, str] | None = None,
    handling: tuple[int, int] = (0, 0),
    active: bool = True,
) -> None:
    """Make or change the method called ``code``; where it goes and for how much, ``set_shipping_rates`` says.

    ``names``: language → its name there. ``handling``: working days from–to until the parcel leaves.
    Raises CheckoutError.
    """
    check_days("handling", handling)
    ShippingMethod.objects.update_or_create(
        code=code,
        defaults={
            "name": name,
            "translations": dict(names or {}),
            "position": position,
            "handling_from": handling[0],
            "handling_until": handling[1],
            "active": active,
        },
    )


def set_shipping_rates(
    *,
    method: str,
    currency: str,
    rates: Sequence[Rate],
    countries: Sequence[str] = (EVERYWHERE,),
    days: tuple[int, int] = (1, 3),
) -> None:
    """What ``method`` costs in ``currency`` to each of ``countries`` (ISO 3166-1 alpha-2), instead of before.

    EVERYWHERE stands for all countries the method does not name. ``days``: working days from–to on the way, in
    every currency. Of rates that fit a cart the cheapest counts. Raises CheckoutError.
    """
    check_days("days", days)
    check_rates(rates, countries, currency=currency)
    with transaction.atomic():
        found = ShippingMethod.objects.select_for_update().filter(code=method).first()
        if found is None:
            raise CheckoutError("method", "unknown")
        for country in countries:
            destination, _ = ShippingDestination.objects.update_or_create(
                method=found, country=country, defaults={"days_from": days[0], "days_until": days[1]}
            )
            ShippingRate.objects.filter(destination=destination, currency=currency).delete()
            ShippingRate.objects.bulk_create(
                ShippingRate(
                    destination=destination,
                    currency=currency,
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
    """A way of sending everywhere in one to three days: ``price``, and nothing once the goods reach ``free_over``.

    ``names``: language → its name there. Raises CheckoutError.
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
