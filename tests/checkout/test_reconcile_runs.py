"""What comparing must not overlook: money never taken for what was sent, promises, outages, runs beside each other."""

from __future__ import annotations

import sys
from datetime import datetime, timedelta

import psycopg
import pytest
from django.db import connection

from tacit.accounts.types import Visitor
from tacit.checkout import actions, queries
from tacit.checkout.models import MoneyDrift, MoneyIntent, Order, Payment
from tacit.checkout.types.ledger import What
from tacit.checkout.types.payment import Operation, OperationKind, PaymentRequest, PaymentState
from tacit.core.money import Money
from tests.checkout.fake_provider import FakeProvider
from tests.checkout.shopping import buy, fill
from tests.checkout.test_reconcile import LATER, bought_and_sent, found

pytestmark = pytest.mark.django_db


def sent_and_forgotten(kettle: int, staff: Visitor, now: datetime) -> str:
    """Sent, and what was to take its money is gone."""
    number = buy(fill(kettle, now=now), now=now).number
    actions.ship(staff, number, carrier="", tracking="", key="sent-once", now=now)
    MoneyIntent.objects.all().delete()
    Payment.objects.update(capturing_minor=0)
    return number


def test_money_never_taken_for_what_was_sent(
    kettle: int, provider: FakeProvider, staff: Visitor, now: datetime
) -> None:
    sent_and_forgotten(kettle, staff, now)
    assert found(staff, now + LATER) == {What.ORDER_UNPAID: (0, 4390)}


def test_a_capture_on_its_way_is_no_drift(
    kettle: int, provider: FakeProvider, staff: Visitor, now: datetime
) -> None:
    number = buy(fill(kettle, now=now), now=now).number
    assert found(staff, now + LATER) == {}
    actions.ship(staff, number, carrier="", tracking="", key="sent-once", now=now)
    assert found(staff, now + LATER * 2) == {}


def test_what_was_sent_is_taken_before_the_deadline(
    kettle: int, provider: FakeProvider, staff: Visitor, now: datetime
) -> None:
    sent_and_forgotten(kettle, staff, now)
    Payment.objects.update(capture_by=now + timedelta(hours=20))
    actions.sweep(now=now)
    actions.sweep(now=now)
    assert Payment.objects.get().captured_minor == 4390
    assert found(staff, now + LATER) == {}


def overtaken(kettle: int, provider: FakeProvider, staff: Visitor, now: datetime) -> str:
    """A refund is wanted here, and somebody gives all of it back in the provider's own console."""
    number = bought_and_sent(kettle, staff, now)
    actions.refund(staff, number, amount=Money(500, "EUR"), reason="", key="some-back", now=now)
    held = next(iter(provider.payments.values()))
    held.refunded = 4390
    held.operations.append(Operation("", OperationKind.REFUND, Money(4390, "EUR")))
    actions.complete_payment(reference=held.request.reference, now=now)
    assert MoneyIntent.objects.get(kind="refund").error == MoneyIntent.OVERTAKEN
    return number


def test_what_was_overtaken_in_the_console_is_nobodys_trouble(
    kettle: int, provider: FakeProvider, staff: Visitor, now: datetime
) -> None:
    number = overtaken(kettle, provider, staff, now)
    assert queries.staff_page(staff, status="troubled").rows == ()
    assert queries.staff_row(staff, number).refused == ()
    payment = queries.order_of(staff, number).payment
    assert payment is not None
    assert payment.refused == ()


def test_a_cent_is_found_after_something_was_overtaken(
    kettle: int, provider: FakeProvider, staff: Visitor, now: datetime
) -> None:
    overtaken(kettle, provider, staff, now)
    assert found(staff, now + LATER) == {}
    Order.objects.update(total_minor=4391, shipping_minor=491)
    assert found(staff, now + LATER * 2) == {What.ORDER_TOTAL: (4390, 4391)}


@pytest.mark.parametrize(
    ("field", "what"),
    [("capturing_minor", What.PROMISED_CAPTURE), ("refunding_minor", What.PROMISED_REFUND)],
)
def test_a_promise_nobody_keeps(
    kettle: int, provider: FakeProvider, staff: Visitor, now: datetime, field: str, what: What
) -> None:
    if field == "capturing_minor":
        buy(fill(kettle, now=now), now=now)
    else:
        bought_and_sent(kettle, staff, now)
    Payment.objects.update(**{field: 1})
    assert found(staff, now + LATER) == {what: (1, 0)}
    Payment.objects.update(**{field: 0})
    assert found(staff, now + LATER * 2) == {}


def test_what_got_no_answer_was_not_compared(
    kettle: int, provider: FakeProvider, staff: Visitor, now: datetime
) -> None:
    bought_and_sent(kettle, staff, now)
    actions.reconcile(now=now + LATER)
    compared = Payment.objects.get().compared_at
    assert compared == now + LATER
    provider.down = True
    actions.reconcile(now=now + LATER * 2)
    assert Payment.objects.get().compared_at == compared


def test_what_was_opened_during_an_outage_is_found_after_it(
    kettle: int, provider: FakeProvider, staff: Visitor, now: datetime
) -> None:
    bought_and_sent(kettle, staff, now)
    actions.reconcile(now=now + LATER)
    provider.authorise(PaymentRequest("stranger", Money(700, "EUR"), "good", "http://shop/x", "x"))
    provider.payments["stranger"].opened_at = now + timedelta(hours=1)
    provider.down = True
    for hour in range(1, 7):
        actions.reconcile(now=now + timedelta(hours=hour))
    provider.down = False
    assert found(staff, now + timedelta(hours=7)) == {What.OPENED_UNKNOWN: (0, 700)}


def test_a_run_looks_up_no_more_than_it_may(
    kettle: int, provider: FakeProvider, staff: Visitor, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    for _ in range(4):
        buy(fill(kettle, now=now), now=now)
    monkeypatch.setattr(sys.modules[actions.reconcile.__module__], "MOST", 2)
    provider.calls.clear()
    for run in (1, 2):
        actions.reconcile(now=now + LATER * run)
        assert provider.calls.count("look_up") == 2 * run
    assert not Payment.objects.filter(compared_at=None).exists()


def test_two_runs_never_overlap(kettle: int, provider: FakeProvider, staff: Visitor, now: datetime) -> None:
    bought_and_sent(kettle, staff, now)
    provider.calls.clear()
    with psycopg.connect(_dsn()) as other:
        other.execute("SELECT pg_advisory_lock(hashtextextended('checkout reconcile', 0))")
        actions.reconcile(now=now + LATER)
        assert provider.calls == []
        other.execute("SELECT pg_advisory_unlock_all()")
    actions.reconcile(now=now + LATER)
    assert "look_up" in provider.calls


def _dsn() -> str:
    mine = connection.connection.info
    return psycopg.conninfo.make_conninfo(
        host=mine.host, port=mine.port, user=mine.user, password=mine.password, dbname=mine.dbname
    )


def test_what_was_opened_long_ago_is_looked_at_until_it_is_settled(
    kettle: int, provider: FakeProvider, staff: Visitor, now: datetime
) -> None:
    bought_and_sent(kettle, staff, now)
    provider.authorise(PaymentRequest("stranger", Money(700, "EUR"), "good", "http://shop/x", "x"))
    provider.payments["stranger"].opened_at = now
    assert found(staff, now + LATER)
    later = now + timedelta(days=20)
    assert found(staff, later) == {What.OPENED_UNKNOWN: (0, 700)}
    provider.turn("stranger", PaymentState.VOIDED)
    assert found(staff, later + timedelta(days=1)) == {}


def test_an_old_order_without_a_payment_is_looked_at_until_it_is_settled(
    kettle: int, provider: FakeProvider, staff: Visitor, now: datetime
) -> None:
    number = buy(fill(kettle, now=now), now=now, method="bad").number
    Payment.objects.filter(order__number=number).delete()
    Order.objects.filter(number=number).update(status="paid")
    assert found(staff, now + LATER) == {What.ORDER_UNPAID: (0, 4390)}
    Order.objects.filter(number=number).update(status="failed")
    assert found(staff, now + timedelta(days=100)) == {}
    assert MoneyDrift.objects.count() == 1
