"""More buyers than pieces, more than one form, more than one key: all at once."""

from __future__ import annotations

from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from django.db import connection

from tacit.catalog import actions as catalog
from tacit.catalog.models import Stock, Variant
from tacit.checkout import actions, queries
from tacit.checkout.models import Order
from tacit.checkout.types.order import CheckoutError, Outcome
from tacit.core.money import Money
from tests.checkout.shopping import CONTACT, buy, fill
from tests.settings.unguarded_app import claim_by_read_then_write

pytestmark = pytest.mark.django_db(transaction=True)
PIECES, BUYERS, AT_ONCE = 5, 40, 8


def all_at_once(work, jobs):
    """Run ``work`` for each job on AT_ONCE threads that start together; what each came to."""
    barrier = Barrier(AT_ONCE)

    def run(chunk):
        barrier.wait()
        try:
            return [work(job) for job in chunk]
        finally:
            connection.close()

    chunks = [jobs[n::AT_ONCE] for n in range(AT_ONCE)]
    with ThreadPoolExecutor(AT_ONCE) as pool:
        return [result for chunk in pool.map(run, chunks) for result in chunk]


def race(kettle, now) -> int:
    Stock.objects.filter(pk=kettle).update(on_hand=PIECES)
    visitors = [fill(kettle, now=now) for _ in range(BUYERS)]
    total = queries.cart_of(visitors[0], now=now).total

    def attempt(visitor) -> str:
        try:
            return buy(visitor, now=now, total_seen=total).outcome
        except CheckoutError as error:
            return error.code

    return Counter(all_at_once(attempt, visitors))[Outcome.PAID]


def test_exactly_as_many_as_there_are_get_one(kettle, provider, now):
    assert race(kettle, now) == PIECES
    assert Stock.objects.get(pk=kettle).claimed == PIECES


def test_the_control_without_the_guard_sells_too_many(kettle, provider, now, monkeypatch):
    monkeypatch.setattr(catalog, "claim_stock", claim_by_read_then_write)
    assert race(kettle, now) > PIECES


def test_carts_with_the_same_things_in_any_order_never_deadlock(kettle, provider, now):
    lid = Variant.objects.get(sku="LID").pk
    Stock.objects.update(on_hand=1000)

    def attempt(turn: int) -> str:
        first, second = (kettle, lid) if turn % 2 else (lid, kettle)
        visitor = fill(first, now=now)
        actions.add_to_cart(visitor, variant=second, quantity=1, currency="EUR", now=now)
        return buy(visitor, now=now).outcome

    assert set(all_at_once(attempt, list(range(BUYERS)))) == {Outcome.PAID}


@pytest.mark.parametrize("keys", ["one key", "a key each"])
def test_a_cart_sent_many_times_at_once_is_ordered_once(kettle, provider, now, keys):
    visitor = fill(kettle, now=now)
    total = queries.cart_of(visitor, now=now).total

    def attempt(turn: int) -> str:
        key = "the-only-key" if keys == "one key" else f"key-number-{turn}"
        try:
            return actions.buy(
                visitor,
                contact=CONTACT,
                shipping="standard",
                method="good",
                key=key,
                total_seen=total,
                return_url=str,
                now=now,
            ).outcome
        except (CheckoutError, LookupError) as error:
            return getattr(error, "code", "gone")

    results = Counter(all_at_once(attempt, list(range(AT_ONCE * 2))))
    assert Order.objects.count() == 1
    assert len(provider.payments) == 1
    assert results[Outcome.PAID] >= 1
    assert set(results) <= {Outcome.PAID, "in_flight", "already_ordered", "gone", "empty"}


def test_a_shared_limit_is_never_exceeded(kettle, provider, now):
    from datetime import timedelta

    Stock.objects.update(on_hand=1000)
    visitors = [fill(kettle, now=now) for _ in range(16)]
    for turn, visitor in enumerate(visitors):
        actions.grant_price(
            key=f"grant-{turn}",
            cart=visitor.cart,
            variant=kettle,
            unit=Money(3200, "EUR"),
            quantity=1,
            expires_at=now + timedelta(hours=1),
            reason="a deal",
            limit=("deal-1", 3),
            now=now,
        )
    totals = [queries.cart_of(visitor, now=now).total for visitor in visitors]

    def attempt(turn: int) -> str:
        try:
            return buy(visitors[turn], now=now, total_seen=totals[turn]).outcome
        except CheckoutError as error:
            return error.code

    results = Counter(all_at_once(attempt, list(range(16))))
    assert results == {Outcome.PAID: 3, "changed": 13}
