"""What methods of an older version become."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import connection
from django.db.migrations.executor import MigrationExecutor

from tacit.checkout import queries
from tacit.checkout.types.delivery import Rate
from tacit.core.money import Money

FREE = Money(0, "EUR")


def old_method(state: Any, code: str, currency: str, price: int, free: int | None, active: bool) -> None:
    state.apps.get_model("checkout", "ShippingMethod").objects.create(
        code=code, name=code, currency=currency, price_minor=price, free_over_minor=free, active=active
    )


@pytest.mark.django_db
def test_old_methods_become_rates_whatever_they_were():
    """Back to one row a method and currency, and forward again; undone with the test."""
    executor = MigrationExecutor(connection)
    newest = [key for key in executor.loader.graph.leaf_nodes() if key[0] == "checkout"]
    executor.migrate([("checkout", "0002_order_language")])
    state = executor.loader.project_state([("checkout", "0002_order_language")])
    old_method(state, "free", "EUR", 490, 0, True)  # free over nothing: both rates begin at 0
    old_method(state, "half", "EUR", 490, None, False)
    old_method(state, "half", "GBP", 450, 4500, True)
    old_method(state, "off", "EUR", 990, None, False)
    executor = MigrationExecutor(connection)
    executor.migrate(newest)
    found = {method.code: method for method in queries.shipping_methods()}
    assert {code: method.active for code, method in found.items()} == {
        "free": True,
        "half": True,
        "off": False,
    }
    assert {code: method.destinations[0].rates for code, method in found.items()} == {
        "free": (Rate(FREE),),
        "half": (Rate(Money(450, "GBP")), Rate(Money(0, "GBP"), total_from=4500)),
        "off": (Rate(Money(990, "EUR")),),
    }
