"""One purchase through every floor of checkout, and what must never happen on the way."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import connection

from tacit.accounts.types import Visitor
from tacit.catalog.models import Stock
from tacit.checkout import actions, queries
from tacit.checkout.models import Cart, Order, Payment
from tacit.checkout.types.order import (
    CheckoutError,
    NoSuchOrder,
    NotPossible,
    OrderStatus,
    OtherBody,
    Outcome,
    TotalChanged,
)
from tacit.checkout.types.payment import PaymentState
from tacit.core.money import Money
from tests.checkout.fake_provider import FakeProvider
from tests.checkout.shopping import CONTACT, buy, fill

pytestmark = pytest.mark.django_db(transaction=True)


def stock(variant: int) -> tuple[int, int]:
    row = Stock.objects.get(pk=variant)
    return row.on_hand, row.claimed


def test_a_purchase_is_paid_and_reaches_its_owner_only(kettle, provider, now):
    bought = buy(fill(kettle, now=now), now=now)
    assert bought.outcome is Outcome.PAID
    order = queries.order_of(Visitor(order=bought.number), bought.number)
    assert (order.status, order.total, order.tax) == (OrderStatus.PAID, Money(4390, "EUR"), Money(701, "EUR"))
    assert order.payment is not None and order.payment.authorised == order.total
    assert stock(kettle) == (10, 1)
    assert not Cart.objects.exists()
    for stranger in (Visitor(), Visitor(cart="x"), Visitor(order="OTHER")):
        with pytest.raises(NoSuchOrder):
            queries.order_of(stranger, bought.number)


def test_placing_takes_few_statements(kettle, provider, now, django_assert_max_num_queries):
    visitor = fill(kettle, now=now)
    total = queries.cart_of(visitor, now=now).total
    with django_assert_max_num_queries(24):  # savepoints and the locked empty pairs included
        buy(visitor, now=now, total_seen=total)


def test_the_same_key_orders_once_and_another_body_is_refused(kettle, provider, now):
    visitor = fill(kettle, now=now)
    total = queries.cart_of(visitor, now=now).total
    first = buy(visitor, now=now, key="key-number-1", total_seen=total)
    again = actions.buy(
        visitor,
        contact=CONTACT,
        shipping="standard",
        method="good",
        key="key-number-1",
        total_seen=total,
        return_url=str,
        now=now,
    )
    assert (again.number, again.outcome, again.replayed) == (first.number, Outcome.PAID, True)
    with pytest.raises(OtherBody):
        actions.buy(
            visitor,
            contact=CONTACT,
            shipping="express",
            method="good",
            key="key-number-1",
            total_seen=total,
            return_url=str,
            now=now,
        )
    assert Order.objects.count() == 1
    assert len(provider.payments) == 1


def test_a_declined_card_gives_everything_back_and_keeps_the_cart(kettle, provider, now):
    visitor = fill(kettle, now=now)
    bought = buy(visitor, now=now, method="bad")
    assert bought.outcome is Outcome.DECLINED
    assert stock(kettle) == (10, 0)
    assert buy(visitor, now=now).outcome is Outcome.PAID
    assert stock(kettle) == (10, 1)


@pytest.mark.parametrize("trouble", ["down", "drop_answers"])
def test_an_unreachable_provider_leaves_the_order_to_the_worker(kettle, provider, now, trouble):
    setattr(provider, trouble, True)
    bought = buy(fill(kettle, now=now), now=now)
    assert bought.outcome is Outcome.PENDING
    setattr(provider, trouble, False)
    actions.sweep(now=now + timedelta(minutes=1))
    assert Order.objects.get().status == OrderStatus.PAID
    assert len(provider.payments) == 1


def test_a_buyer_who_never_acts_loses_the_goods_but_no_money(kettle, provider, now):
    bought = buy(fill(kettle, now=now), now=now, method="ask")
    assert bought.outcome is Outcome.NEEDS_ACTION
    assert stock(kettle) == (10, 1)
    later = now + timedelta(minutes=31)
    actions.sweep(now=later)
    assert Order.objects.get().status == OrderStatus.FAILED
    assert stock(kettle) == (10, 0)
    actions.sweep(now=later + timedelta(minutes=1))
    assert provider.payments[bought.reference].state is PaymentState.VOIDED


@pytest.mark.parametrize(("left", "expected"), [(10, OrderStatus.PAID), (0, OrderStatus.FAILED)])
def test_money_that_comes_too_late_buys_the_goods_or_goes_back(kettle, provider, now, staff, left, expected):
    from tacit.catalog import actions as catalog

    bought = buy(fill(kettle, now=now), now=now, method="slow")
    later = now + timedelta(minutes=31)
    provider.down = True
    actions.sweep(now=later)  # cannot ask, so it must not give up either
    assert Order.objects.get().status == OrderStatus.AWAITING_PAYMENT
    provider.down = False
    provider.refuse_voids = True  # as banks do while they are still thinking
    actions.sweep(now=later + timedelta(hours=1))
    provider.refuse_voids = False
    assert Order.objects.get().status == OrderStatus.FAILED
    catalog.set_stock(staff, sku="KETTLE", on_hand=left, now=now)
    provider.turn(bought.reference, PaymentState.AUTHORISED)
    actions.complete_payment(reference=bought.reference, now=later)
    actions.complete_payment(reference=bought.reference, now=later)
    assert Order.objects.get().status == expected
    actions.sweep(now=later + timedelta(hours=2))
    held = provider.payments[bought.reference]
    assert held.state is (PaymentState.AUTHORISED if left else PaymentState.VOIDED)
    assert stock(kettle) == (left, 1 if left else 0)


def test_shipping_captures_and_refunds_stay_within_it(kettle, provider, now, staff):
    bought = buy(fill(kettle, now=now, quantity=2), now=now)
    for _ in range(2):
        actions.ship(staff, bought.number, carrier="DHL", tracking="1", key="parcel-1", now=now)
    actions.sweep(now=now)
    assert stock(kettle) == (8, 0)
    assert provider.payments[bought.reference].captured == 7800
    for key in ("refund-a", "refund-a", "refund-b"):
        actions.refund(staff, bought.number, amount=Money(3900, "EUR"), reason="late", key=key, now=now)
    with pytest.raises(NotPossible):
        actions.refund(staff, bought.number, amount=Money(1, "EUR"), reason="late", key="refund-c", now=now)
    provider.drop_answers = True
    actions.sweep(now=now)
    provider.drop_answers = False
    provider.keys.clear()  # providers forget
    actions.sweep(now=now + timedelta(minutes=5))
    assert provider.payments[bought.reference].refunded == 7800
    payment = Payment.objects.get()
    assert (payment.refunded_minor, payment.refunding_minor) == (7800, 0)


def test_without_looking_up_first_the_refund_would_double(kettle, provider, now, staff, monkeypatch):
    """The control: the same story with the look-up before a retry taken out."""
    bought = buy(fill(kettle, now=now, quantity=2), now=now)
    actions.ship(staff, bought.number, carrier="", tracking="", key="parcel-1", now=now)
    actions.sweep(now=now)
    actions.refund(staff, bought.number, amount=Money(3900, "EUR"), reason="late", key="refund-a", now=now)
    provider.drop_answers = True
    actions.sweep(now=now)
    provider.drop_answers = False
    provider.keys.clear()
    monkeypatch.setattr(FakeProvider, "look_up", lambda self, reference, **known: None)
    actions.sweep(now=now + timedelta(minutes=5))
    assert provider.payments[bought.reference].refunded == 7800


def test_cancelling_gives_goods_and_money_back_once(kettle, provider, now, staff):
    bought = buy(fill(kettle, now=now), now=now)
    for key in ("cancel-1", "cancel-1"):
        actions.cancel(staff, bought.number, key=key, now=now)
    with pytest.raises(NotPossible):
        actions.cancel(staff, bought.number, key="cancel-2", now=now)
    actions.sweep(now=now)
    assert stock(kettle) == (10, 0)
    assert provider.payments[bought.reference].state is PaymentState.VOIDED
    with pytest.raises(NotPossible):
        actions.ship(staff, bought.number, carrier="", tracking="", key="parcel-1", now=now)


def test_another_total_than_the_buyer_saw_is_not_ordered(kettle, provider, now):
    visitor = fill(kettle, now=now)
    with pytest.raises(TotalChanged):
        buy(visitor, now=now, total_seen=Money(4389, "EUR"))
    with pytest.raises(TotalChanged):
        buy(visitor, now=now, total_seen=Money(4390, "GBP"))
    assert not Order.objects.exists()
    assert stock(kettle) == (10, 0)


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"key": ""}, "key"),
        ({"key": "short"}, "key"),
        ({"method": "cash"}, "method"),
        ({"shipping": "pigeon", "total_seen": Money(4390, "EUR")}, "shipping"),
    ],
)
def test_bad_choices_are_named_and_change_nothing(kettle, provider, now, changes, field):
    visitor = fill(kettle, now=now)
    with pytest.raises(CheckoutError) as refusal:
        buy(visitor, now=now, **changes)
    assert refusal.value.field == field
    assert not Order.objects.exists()
    assert not provider.calls


def test_capture_happens_before_the_provider_s_deadline(kettle, provider, now):
    bought = buy(fill(kettle, now=now), now=now)
    Payment.objects.update(capture_by=now + timedelta(days=7))
    actions.sweep(now=now + timedelta(days=5))
    assert provider.payments[bought.reference].captured == 0
    actions.sweep(now=now + timedelta(days=6, hours=1))
    actions.sweep(now=now + timedelta(days=6, hours=2))
    assert provider.payments[bought.reference].captured == 4390


def test_the_database_itself_refuses_too_much_money(kettle, provider, now):
    from django.db import IntegrityError

    buy(fill(kettle, now=now), now=now)
    for change in ("captured_minor = 4391", "refunded_minor = 1", "capturing_minor = 4391"):
        with pytest.raises(IntegrityError), connection.cursor() as cursor:
            cursor.execute(f"UPDATE checkout_payment SET {change}")


def test_who_left_the_bank_s_page_may_pay_another_way(kettle, provider, now):
    visitor = fill(kettle, now=now, quantity=6)
    first = buy(visitor, now=now, method="ask")
    (line,) = queries.cart_of(visitor, now=now).lines
    assert (line.available, line.problem) == (10, "")  # what the own waiting order holds is not gone
    second = buy(visitor, now=now)
    assert (first.outcome, second.outcome) == (Outcome.NEEDS_ACTION, Outcome.PAID)
    assert stock(kettle) == (10, 6)
    # The bank approves the first all the same, before it hears of the void: that money goes back.
    provider.turn(first.reference, PaymentState.AUTHORISED)
    actions.complete_payment(reference=first.reference, now=now)
    actions.sweep(now=now + timedelta(minutes=1))
    assert provider.payments[first.reference].state is PaymentState.VOIDED
    assert Order.objects.get(number=first.number).status == OrderStatus.FAILED
    assert stock(kettle) == (10, 6)


def test_who_may_have_paid_already_is_not_sold_the_same_twice(kettle, provider, now):
    visitor = fill(kettle, now=now)
    first = buy(visitor, now=now, method="slow")
    with pytest.raises(NotPossible) as refusal:
        buy(visitor, now=now)
    assert refusal.value.parameters == {"order": first.number}


def test_an_order_whose_money_was_refused_needs_a_person(kettle, provider, now, staff):
    bought = buy(fill(kettle, now=now), now=now)
    provider.turn(bought.reference, PaymentState.VOIDED)  # lapsed
    actions.ship(staff, bought.number, carrier="", tracking="", key="parcel-1", now=now)
    actions.sweep(now=now)
    rows, _ = queries.staff_orders(staff, status=queries.TROUBLED)
    assert [row.number for row in rows] == [bought.number]


def test_a_webhook_that_is_no_news_asks_nobody(kettle, provider, now, django_assert_num_queries):
    bought = buy(fill(kettle, now=now), now=now)
    told = provider.look_up(bought.reference)
    provider.calls.clear()
    with django_assert_num_queries(1):
        assert (
            actions.complete_payment(reference=bought.reference, told=told, now=now).outcome is Outcome.PAID
        )
    assert not provider.calls
    provider.turn(bought.reference, PaymentState.VOIDED)
    actions.complete_payment(reference=bought.reference, told=provider.look_up(bought.reference), now=now)
    assert Payment.objects.get().state == PaymentState.VOIDED


def test_a_webhook_for_a_request_still_at_work_is_left_to_it_and_then_to_the_worker(kettle, provider, now):
    provider.drop_answers = True
    bought = buy(fill(kettle, now=now), now=now)
    provider.drop_answers = False
    told = provider.look_up(bought.reference)
    assert actions.complete_payment(reference=bought.reference, told=told, now=now).outcome is Outcome.PENDING
    late = now + timedelta(seconds=30)
    assert actions.complete_payment(reference=bought.reference, told=told, now=late).outcome is Outcome.PAID
