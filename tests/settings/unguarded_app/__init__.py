"""Reads what is left, then writes what it thinks is left. Two buyers can read the same."""

from collections.abc import Mapping

from django.apps import AppConfig


class UnguardedConfig(AppConfig):
    name = "tests.settings.unguarded_app"
    label = "unguarded"

    def ready(self) -> None:
        from tacit.catalog import actions

        actions.claim_stock = claim_by_read_then_write


def claim_by_read_then_write(items: Mapping[int, int]) -> None:
    from tacit.catalog.models import Stock
    from tacit.catalog.types import OutOfStock

    for variant, quantity in items.items():
        stock = Stock.objects.get(pk=variant)
        available = stock.on_hand - stock.claimed
        if available < quantity:
            raise OutOfStock({variant: available})
        stock.claimed += quantity
        stock.save()
