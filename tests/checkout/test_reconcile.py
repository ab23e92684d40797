"""One cent that does not agree, wherever it was planted, is found and named; what agrees is left in peace."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from django.db import DatabaseError, connection, transaction

from tacit.checkout import actions, queries
from tacit.checkout.models import MoneyDrift, MoneyIntent, MoneyMovement, Order, OrderChange, Payment
from tacit.checkout.types.ledger import What
from tacit.checkout.types.payment import Operation, OperationKind, PaymentRequest, PaymentState
from tacit.checkout.wording import drift_sentence
from tacit.core.money import Money
from tests.checkout.shopping import buy, fill

pytestmark = pytest.mark.django_db
LATER = timedelta(minutes=5)


def bought_and_sent(kettle, staff, now) -> str:
    number = buy(fill(kettle, now=now), now=now).number
    actions.ship(staff, number, carrier="", tracking="", key="sent-once", now=now)
    actions.sweep(now=now)
    assert Payment.objects.get().state == PaymentState.CAPTURED
    return number


def found(staff, now) -> dict[str, tuple[int, int]]:
    actions.reconcile(now=now)
    rows = queries.open_drift(staff, limit=10)
    assert all(drift_sentence(row) for row in rows)
    return {row.what: (row.ours.minor, row.theirs.minor) for row in rows}


def run(statement: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement)


def test_nothing_is_found_where_all_agrees(kettle, provider, staff, now):
    number = bought_and_sent(kettle, staff, now)
    buy(fill(kettle, now=now), now=now, method="slow")
    buy(fill(kettle, now=now), now=now, method="bad")
    cancelled = buy(fill(kettle, now=now), now=now).number
    actions.cancel(staff, cancelled, key="cancelled", now=now)
    actions.refund(staff, number, amount=Money(100, "EUR"), reason="late", key="a-little-back", now=now)
    assert found(staff, now + LATER) == {}
    actions.sweep(now=now)
    assert found(staff, now + LATER) == {}


def test_the_ledger_tells_every_movement_with_its_key(kettle, provider, staff, now):
    number = bought_and_sent(kettle, staff, now)
    actions.refund(staff, number, amount=Money(100, "EUR"), reason="", key="key-number-1", now=now)
    actions.refund(staff, number, amount=Money(250, "EUR"), reason="", key="key-number-2", now=now)
    actions.sweep(now=now)
    rows = MoneyMovement.objects.order_by("id").values_list("kind", "amount_minor", "before_minor", "key")
    reference = Payment.objects.get().reference
    assert list(rows) == [
        ("authorised", 4390, 0, ""),
        ("captured", 4390, 0, f"{reference}:capture:1"),
        ("refunded", 100, 0, f"{number}:refund:key-number-1"),
        ("refunded", 250, 100, f"{number}:refund:key-number-2"),
    ]


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE checkout_moneymovement SET amount_minor = amount_minor",
        "DELETE FROM checkout_moneymovement",
        "TRUNCATE checkout_moneymovement",
        "INSERT INTO checkout_moneymovement (payment_id, kind, amount_minor, before_minor, currency, key, at)"
        " SELECT payment_id, kind, 1, before_minor, currency, '', at FROM checkout_moneymovement LIMIT 1",
    ],
    ids=["update", "delete", "truncate", "the same once more"],
)
def test_the_ledger_only_grows(kettle, provider, staff, now, statement):
    bought_and_sent(kettle, staff, now)
    before = list(MoneyMovement.objects.values_list())
    run(
        "SET CONSTRAINTS ALL IMMEDIATE; ALTER TABLE checkout_moneymovement ENABLE TRIGGER movement_never_emptied"
    )
    with pytest.raises(DatabaseError), transaction.atomic():
        run(statement)
    assert list(MoneyMovement.objects.values_list()) == before


def test_a_cent_in_the_ledger(kettle, provider, staff, now):
    bought_and_sent(kettle, staff, now)
    run(
        "INSERT INTO checkout_moneymovement (payment_id, kind, amount_minor, before_minor, currency, key, at)"
        " SELECT payment_id, kind, 1, 4390, currency, '', at FROM checkout_moneymovement WHERE kind = 'captured'"
    )
    assert found(staff, now + LATER) == {What.LEDGER_CAPTURED: (4390, 4391)}


def test_a_cent_in_the_payment_which_is_gone_when_it_is_mended(kettle, provider, staff, now):
    bought_and_sent(kettle, staff, now)
    run("UPDATE checkout_payment SET captured_minor = captured_minor - 1")
    seen = found(staff, now + LATER)
    assert seen == {What.LEDGER_CAPTURED: (4389, 4390), What.PROVIDER_CAPTURED: (4389, 4390), **seen}
    assert found(staff, now + LATER * 2) == seen
    assert MoneyDrift.objects.filter(what=What.LEDGER_CAPTURED).count() == 1
    run("UPDATE checkout_payment SET captured_minor = captured_minor + 1")
    assert found(staff, now + LATER * 3) == {}
    assert MoneyDrift.objects.get(what=What.LEDGER_CAPTURED).gone_at == now + LATER * 3


@pytest.mark.parametrize("cent", [1, -1])
def test_a_cent_in_the_total_of_an_order(kettle, provider, staff, now, cent):
    bought_and_sent(kettle, staff, now)
    Order.objects.update(total_minor=4390 + cent, shipping_minor=490 + cent)
    assert found(staff, now + LATER) == {What.ORDER_TOTAL: (4390, 4390 + cent)}


def test_a_cent_in_the_goods_of_an_order(kettle, provider, staff, now):
    bought_and_sent(kettle, staff, now)
    Order.objects.update(goods_minor=3901, shipping_minor=489)
    assert found(staff, now + LATER) == {What.ORDER_LINES: (3901, 3900)}


@pytest.mark.parametrize(
    ("total", "theirs", "what"),
    [
        ("captured", 4391, What.PROVIDER_CAPTURED),
        ("captured", 4389, What.PROVIDER_CAPTURED),
        ("refunded", 1, What.PROVIDER_REFUNDED),
    ],
)
def test_a_cent_at_the_provider(kettle, provider, staff, now, total, theirs, what):
    bought_and_sent(kettle, staff, now)
    setattr(next(iter(provider.payments.values())), total, theirs)
    ours = {"captured": 4390, "refunded": 0}[total]
    assert found(staff, now + LATER) == {what: (ours, theirs)}
    assert getattr(Payment.objects.get(), f"{total}_minor") == ours


def test_what_the_provider_did_by_itself_is_taken_over(kettle, provider, staff, now):
    """A refund in its own console, the webhook of which was lost."""
    bought_and_sent(kettle, staff, now)
    held = next(iter(provider.payments.values()))
    held.refunded += 500
    held.operations.append(Operation("", OperationKind.REFUND, Money(500, "EUR")))
    assert found(staff, now + LATER) == {}
    assert Payment.objects.get().refunded_minor == 500
    assert MoneyMovement.objects.get(kind="refunded").amount_minor == 500


def test_money_kept_for_an_order_that_came_to_nothing(kettle, provider, staff, now):
    bought_and_sent(kettle, staff, now)
    Order.objects.update(status="cancelled")
    assert found(staff, now + LATER) == {What.ORDER_KEPT: (4390, 0)}


def test_a_paid_order_without_its_payment(kettle, provider, staff, now):
    bought_and_sent(kettle, staff, now)
    number = buy(fill(kettle, now=now), now=now, method="bad").number
    Payment.objects.filter(order__number=number).delete()
    Order.objects.filter(number=number).update(status="paid")
    assert found(staff, now + LATER) == {What.ORDER_UNPAID: (0, 4390)}


def test_payments_nobody_knows_of_or_that_are_there_twice(kettle, provider, staff, now):
    bought_and_sent(kettle, staff, now)
    request = PaymentRequest("stranger", Money(700, "EUR"), "good", "http://shop/x", "x")
    provider.authorise(request)
    assert found(staff, now + LATER) == {What.OPENED_UNKNOWN: (0, 700)}
    assert found(staff, now + timedelta(hours=9)) == {What.OPENED_UNKNOWN: (0, 700)}
    provider.turn("stranger", PaymentState.VOIDED)
    assert found(staff, now + timedelta(hours=10)) == {}


def test_the_same_payment_twice(kettle, provider, staff, now, monkeypatch):
    bought_and_sent(kettle, staff, now)
    opened = type(provider).opened_since

    def twice(self, moment):
        for answer in opened(self, moment):
            yield answer
            yield replace(answer, provider_reference="another")

    monkeypatch.setattr(type(provider), "opened_since", twice)
    assert found(staff, now + LATER) == {What.OPENED_TWICE: (4390, 8780)}


def test_a_provider_that_does_not_answer_changes_nothing(kettle, provider, staff, now):
    bought_and_sent(kettle, staff, now)
    next(iter(provider.payments.values())).captured = 4389
    assert found(staff, now + LATER)
    provider.down = True
    assert found(staff, now + LATER * 2) == {What.PROVIDER_CAPTURED: (4390, 4389)}


def test_a_lowered_price_is_no_drift_but_money_kept_above_it_is(kettle, provider, staff, now):
    number = bought_and_sent(kettle, staff, now)
    line = Order.objects.get(number=number).lines.get()
    actions.lower_price(line=line.pk, unit=Money(3000, "EUR"), key="lowered-it", now=now)
    actions.sweep(now=now)
    assert found(staff, now + LATER) == {}
    # As if the difference had been forgotten.
    MoneyIntent.objects.filter(kind="refund").delete()
    run(
        "SET CONSTRAINTS ALL IMMEDIATE; ALTER TABLE checkout_moneymovement DISABLE TRIGGER movement_append_only"
    )
    MoneyMovement.objects.filter(kind="refunded").delete()
    Payment.objects.update(refunded_minor=0)
    held = next(iter(provider.payments.values()))
    held.refunded, held.operations = 0, held.operations[:1]
    assert OrderChange.objects.filter(what="lower_price").exists()
    assert found(staff, now + LATER * 2) == {What.ORDER_ABOVE: (4390, 3490)}


def test_money_that_comes_after_the_provider_had_never_heard_of_it(kettle, provider, staff, now):
    """Our request arrived when the order had been given up; the shop sends the goods or gives the money back."""
    provider.down = True
    bought = buy(fill(kettle, now=now), now=now)
    provider.down = False
    late = now + timedelta(hours=1)
    actions.sweep(now=late)
    assert Payment.objects.get().state == PaymentState.VOIDED
    payment = Payment.objects.get()
    provider.authorise(
        PaymentRequest(
            payment.reference, Money(payment.amount_minor, "EUR"), "good", "http://shop/x", bought.number
        )
    )
    assert found(staff, late + LATER) == {}
    assert Payment.objects.get().state == PaymentState.AUTHORISED
    assert Order.objects.get().status == "paid"
