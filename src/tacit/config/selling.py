"""`python -m tacit.config.selling`: a line for each thing that keeps a shop without it from taking any order."""

from tacit.config.cli import django


def missing() -> list[str]:
    """What the shop's own country lacks; Django must be set up."""
    from django.conf import settings

    from tacit.catalog import queries as catalog
    from tacit.checkout import queries as checkout

    country = settings.SHOP_COUNTRY
    found = []
    if country not in catalog.countries():
        found.append(f"no tax rate for {country} (TACIT_COUNTRY), so nobody there can order")
    sent = {
        rate.price.currency
        for method in checkout.shipping_methods()
        if method.active
        for destination in method.destinations
        if destination.country in {country, ""}
        for rate in destination.rates
    }
    found += [
        f"no way of sending to {country} for prices in {currency}"
        for currency in settings.SHOP_CURRENCIES
        if currency not in sent
    ]
    return found


def main() -> None:
    with django():
        for line in missing():
            print(line)


if __name__ == "__main__":
    main()
