"""Two at one payment, one order, one cart, one intent: each lock beside a control without it that goes wrong."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier

import pytest
from django.db import OperationalError, connection
from django.db.models import QuerySet

from tacit.accounts.types import Visitor
from tacit.catalog import actions as catalog
from tacit.catalog.models import Stock
from tacit.checkout import actions, queries
from tacit.checkout.actions import intents
from tacit.checkout.models import CartLine, MoneyIntent, Order, OrderLine
from tacit.checkout.queries import carts
from tacit.checkout.types.order import CheckoutError, OrderStatus
from tacit.checkout.types.payment import PaymentProvider, PaymentState
from tacit.core import ids, journal, ports
from tacit.core.models import JournalEntry
from tacit.core.money import Money
from tests.checkout.fake_provider import FakeProvider
from tests.checkout.shopping import CONTACT, buy, fill

pytestmark = pytest.mark.django_db(transaction=True)
ROUNDS = 6
PAUSE = 0.1
STAFF = Visitor(staff=True)
Round = Callable[[], bool]


def together(*acts: Callable[[], object]) -> list[object]:
    """What acts that begin at the same moment came to; a refusal is its code, a conflict its class."""
    barrier = Barrier(len(acts))

    def run(act: Callable[[], object]) -> object:
        barrier.wait()
        try:
            return act()
        except CheckoutError as refusal:
            return refusal.code
        except (LookupError, OperationalError) as trouble:
            return type(trouble).__name__
        finally:
            connection.close()

    with ThreadPoolExecutor(len(acts)) as pool:
        return [each.result() for each in [pool.submit(run, act) for act in acts]]


def slowed(act: Callable[..., object]) -> Callable[..., object]:
    def slow(*arguments: object, **named: object) -> object:
        time.sleep(PAUSE)
        return act(*arguments, **named)

    return slow


def all_right(play: Round) -> bool:
    """Whether every one of ROUNDS ended well; the first that did not ends it."""
    return all(play() for _ in range(ROUNDS))


@pytest.fixture
def slow_journal(monkeypatch: pytest.MonkeyPatch) -> None:
    """Between what a change has read and its commit there is time for another."""
    monkeypatch.setattr(journal, "record", slowed(journal.record))


def without_row_locks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(QuerySet, "select_for_update", lambda rows, **_named: rows.all())


# --- a webhook and the worker, one payment


def told_twice(kettle: int, provider: FakeProvider, now) -> Round:
    def play() -> bool:
        bought = buy(fill(kettle, now=now), now=now, method="slow")
        provider.turn(bought.reference, PaymentState.AUTHORISED)
        answer = provider.look_up(bought.reference)
        assert answer is not None
        later = now + timedelta(minutes=1)
        together(
            lambda: actions.complete_payment(reference=bought.reference, told=answer, now=later),
            lambda: actions.sweep(now=later),
        )
        assert Order.objects.get(number=bought.number).status == OrderStatus.PAID
        return JournalEntry.objects.filter(kind="order.paid", data__order=bought.number).count() == 1

    return play


def test_an_answer_that_comes_from_two_sides_pays_once(kettle, provider, now, slow_journal):
    assert all_right(told_twice(kettle, provider, now))


@pytest.fixture
def ledger_takes_all(transactional_db: None) -> Iterator[None]:
    """Without its own guard, which would notice the second of two answers as well."""
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE checkout_moneymovement DROP CONSTRAINT movement_once")
    yield
    with connection.cursor() as cursor:
        cursor.execute("TRUNCATE checkout_moneymovement")
        cursor.execute(
            "ALTER TABLE checkout_moneymovement ADD CONSTRAINT movement_once"
            " UNIQUE (payment_id, kind, before_minor)"
        )


def test_the_control_without_the_row_lock_pays_twice(
    kettle, provider, now, slow_journal, ledger_takes_all, monkeypatch
):
    without_row_locks(monkeypatch)
    assert not all_right(told_twice(kettle, provider, now))


# --- cancelling and sending, one order


def cancelled_while_sent(kettle: int, now) -> Round:
    Stock.objects.update(on_hand=100)
    buy(fill(kettle, now=now, quantity=20), now=now)  # so that stock alone would not notice

    def play() -> bool:
        number = buy(fill(kettle, now=now, quantity=2), now=now).number
        line = OrderLine.objects.get(order__number=number)
        results = together(
            lambda: actions.cancel(STAFF, number, key=ids.token(), now=now),
            lambda: actions.ship(
                STAFF, number, carrier="", tracking="", key=ids.token(), now=now, pieces={line.pk: 1}
            ),
        )
        line.refresh_from_db()
        cancelled = Order.objects.get(number=number).status == OrderStatus.CANCELLED
        return results.count(None) == 1 and cancelled != bool(line.shipped)

    return play


def test_an_order_is_cancelled_or_sent_and_never_both(kettle, provider, now, slow_journal):
    assert all_right(cancelled_while_sent(kettle, now))


def test_the_control_without_the_row_lock_sends_what_is_cancelled(
    kettle, provider, now, slow_journal, monkeypatch
):
    without_row_locks(monkeypatch)
    assert not all_right(cancelled_while_sent(kettle, now))


# --- changing a cart and ordering it


def changed_while_placed(kettle: int, now, monkeypatch: pytest.MonkeyPatch) -> Round:
    """A quantity changed before there is an order is in the order, or the order is refused."""
    monkeypatch.setattr(catalog, "claim_stock", slowed(catalog.claim_stock))
    Stock.objects.update(on_hand=100)

    def play() -> bool:
        visitor = fill(kettle, now=now)
        total = queries.cart_of(visitor, now=now).total
        line = CartLine.objects.get(cart=visitor.cart)

        def place() -> object:
            return actions.place(
                visitor,
                contact=CONTACT,
                shipping="standard",
                method="good",
                key=ids.token(),
                total_seen=total,
                return_url=str,
                now=now,
            ).number

        def change() -> bool:
            time.sleep(PAUSE / 3)
            actions.set_quantity(visitor, line=line.pk, quantity=2, now=now)
            return Order.objects.filter(cart=visitor.cart).exists()

        _, ordered_before = together(place, change)
        ordered = OrderLine.objects.filter(order__cart=visitor.cart).values_list("quantity", flat=True)
        return bool(ordered_before) or list(ordered) in ([], [2])

    return play


def test_what_is_changed_before_the_order_is_in_it(kettle, provider, now, monkeypatch):
    assert all_right(changed_while_placed(kettle, now, monkeypatch))


def test_the_control_without_the_cart_s_lock_orders_what_was_changed(kettle, provider, now, monkeypatch):
    read = carts._row
    monkeypatch.setattr(carts, "_row", lambda visitor, country, lock="": read(visitor, country))
    assert not all_right(changed_while_placed(kettle, now, monkeypatch))


# --- two workers, one intent


class SlowForgetfulProvider(FakeProvider):
    """Takes a while to give money back, and keeps no key: who asks twice is served twice."""

    def refund(self, reference, *, amount, key, hint=""):
        time.sleep(PAUSE)
        self.keys.clear()
        return super().refund(reference, amount=amount, key=key)


@pytest.fixture
def slow_provider():
    slow = SlowForgetfulProvider()
    with ports.replaced(PaymentProvider, slow), ports.replaced(PaymentProvider, slow, name=slow.name):
        yield slow


def refunded_by_two(kettle: int, provider: FakeProvider, now) -> Round:
    def play() -> bool:
        bought = buy(fill(kettle, now=now), now=now)
        actions.ship(STAFF, bought.number, carrier="", tracking="", key=ids.token(), now=now)
        actions.sweep(now=now)
        amount = Money(1000, "EUR")
        actions.refund(STAFF, bought.number, amount=amount, reason="late", key=ids.token(), now=now)
        intent = MoneyIntent.objects.get(payment__reference=bought.reference, kind="refund")
        together(*[lambda: actions.run_intent(intent.pk, now=now)] * 2)
        return provider.payments[bought.reference].refunded == 1000

    return play


def test_two_workers_at_one_refund_give_the_money_back_once(kettle, slow_provider, now):
    assert all_right(refunded_by_two(kettle, slow_provider, now))


def test_the_control_without_the_lease_gives_it_back_twice(kettle, slow_provider, now, monkeypatch):
    monkeypatch.setattr(intents, "LEASE", timedelta(0))
    assert not all_right(refunded_by_two(kettle, slow_provider, now))


# --- a refusal and an answer, one payment


def test_a_refusal_and_an_answer_do_not_wait_for_each_other(kettle, provider, now, monkeypatch):
    """Both take the order's and the payment's row first; the other way round each would hold what the other wants."""
    bought = buy(fill(kettle, now=now), now=now)
    actions.ship(STAFF, bought.number, carrier="", tracking="", key="sent-once", now=now)
    intent = MoneyIntent.objects.get()
    provider.capture(bought.reference, amount=Money(4390, "EUR"), key=intent.key)
    answer = provider.look_up(bought.reference)
    assert answer is not None
    provider.keys.clear()
    provider.refuse_captures = True
    monkeypatch.setattr(provider, "look_up", lambda _reference, **_named: None)
    monkeypatch.setattr(intents, "_free", slowed(intents._free))

    def record() -> object:
        time.sleep(PAUSE / 2)
        return actions.record_answer(answer, now=now)

    results = together(lambda: actions.run_intent(intent.pk, now=now), record)
    assert "OperationalError" not in results
