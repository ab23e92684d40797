"""Providers that refuse, buyers who change their mind, keys that are used again: nothing gets stuck or lost."""

from __future__ import annotations

from datetime import timedelta

import pytest

from tacit.catalog.models import Variant
from tacit.checkout import actions, queries
from tacit.checkout.actions.money import MOST_REFUSALS
from tacit.checkout.models import Cart, CartLine, MoneyIntent, Order, Payment, PriceLimit
from tacit.checkout.types.order import NotPossible, OrderStatus, OtherBody, Outcome
from tacit.checkout.types.payment import Operation, OperationKind, PaymentState, ProviderRefused
from tacit.core.money import Money
from tests.checkout.shopping import buy, fill

pytestmark = pytest.mark.django_db(transaction=True)


def refuse(*_args, **_kwargs):
    raise ProviderRefused("not_today")


def troubled(staff) -> list[str]:
    return [row.number for row in queries.staff_orders(staff, status=queries.TROUBLED)[0]]


def test_refused_money_is_seen_and_can_be_taken_later(kettle, provider, now, staff, monkeypatch):
    bought = buy(fill(kettle, now=now, quantity=2), now=now)
    line = Order.objects.get().lines.get().pk
    with monkeypatch.context() as patch:
        patch.setattr(provider, "capture", refuse)
        actions.ship(staff, bought.number, carrier="", tracking="", key="parcel-1", now=now, pieces={line: 1})
        actions.sweep(now=now)
        assert troubled(staff) == [bought.number]
        assert queries.order_of(staff, bought.number).payment.refused == (("capture", "not_today"),)
        with pytest.raises(NotPossible):  # nothing more leaves the house unpaid
            actions.ship(staff, bought.number, carrier="", tracking="", key="parcel-2", now=now)
    for _ in range(2):
        actions.collect(staff, bought.number, key="collect-1", now=now)
    actions.sweep(now=now)
    assert provider.payments[bought.reference].captured == 7800
    assert troubled(staff) == []
    actions.ship(staff, bought.number, carrier="", tracking="", key="parcel-2", now=now)
    assert Order.objects.get().status == OrderStatus.SHIPPED


def test_a_refused_void_is_tried_less_and_less_and_then_shown(kettle, provider, now, staff, monkeypatch):
    bought = buy(fill(kettle, now=now), now=now)
    monkeypatch.setattr(provider, "void", refuse)
    actions.cancel(staff, bought.number, key="cancel-1", now=now)
    actions.sweep(now=now)
    actions.sweep(now=now)
    assert MoneyIntent.objects.filter(kind="void", attempts__gt=0).count() == 1  # the next waits
    for hour in range(40):
        actions.sweep(now=now + timedelta(hours=hour))
    assert MoneyIntent.objects.filter(kind="void").count() == MOST_REFUSALS
    assert troubled(staff) == [bought.number]


def test_one_bad_payment_does_not_stop_the_others(kettle, provider, now):
    provider.down = True
    numbers = [buy(fill(kettle, now=now), now=now).number for _ in range(3)]
    provider.down = False
    Order.objects.get(number=numbers[0]).payments.update(provider="gone")
    actions.sweep(now=now + timedelta(minutes=1))
    statuses = dict(Order.objects.values_list("number", "status"))
    assert [statuses[number] for number in numbers] == ["awaiting_payment", "paid", "paid"]


def test_what_was_added_while_paying_stays_in_the_cart(kettle, provider, now):
    lid = Variant.objects.get(sku="LID").pk
    visitor = fill(kettle, now=now)
    bought = buy(visitor, now=now, method="ask")
    actions.add_to_cart(visitor, variant=lid, quantity=1, currency="EUR", now=now)
    actions.add_to_cart(visitor, variant=kettle, quantity=3, currency="EUR", now=now)
    provider.turn(bought.reference, PaymentState.AUTHORISED)
    actions.complete_payment(reference=bought.reference, now=now)
    left = CartLine.objects.filter(cart_id=visitor.cart).order_by("id").values_list("variant_id", "quantity")
    assert list(left) == [(kettle, 2), (lid, 1)]
    assert buy(visitor, now=now).outcome is Outcome.PAID
    assert not Cart.objects.exists()


def test_a_key_means_one_thing(kettle, provider, now, staff):
    bought = buy(fill(kettle, now=now), now=now)
    actions.ship(staff, bought.number, carrier="A", tracking="1", key="parcel-1", now=now)
    actions.sweep(now=now)
    actions.refund(staff, bought.number, amount=Money(100, "EUR"), reason="", key="money-1", now=now)
    with pytest.raises(OtherBody):
        actions.refund(staff, bought.number, amount=Money(700, "EUR"), reason="", key="money-1", now=now)
    with pytest.raises(OtherBody):
        actions.cancel(staff, bought.number, key="money-1", now=now)
    with pytest.raises(OtherBody):
        actions.ship(staff, bought.number, carrier="B", tracking="1", key="parcel-1", now=now)
    actions.sweep(now=now)
    assert provider.payments[bought.reference].refunded == 100


def test_a_repeated_request_is_not_told_declined_once_the_order_was_cancelled(kettle, provider, now, staff):
    visitor = fill(kettle, now=now)
    total = queries.cart_of(visitor, now=now).total
    bought = buy(visitor, now=now, key="key-number-1", total_seen=total)
    actions.cancel(staff, bought.number, key="cancel-1", now=now)
    from tests.checkout.shopping import CONTACT

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
    assert (again.outcome, again.replayed) == (Outcome.CANCELLED, True)


def grant(visitor, variant, key, now, limit):
    actions.grant_price(
        key=key,
        cart=visitor.cart,
        variant=variant,
        unit=Money(100, "EUR"),
        quantity=5,
        expires_at=now + timedelta(hours=1),
        reason="a deal",
        limit=limit,
        now=now,
    )


def test_two_lines_share_what_is_left_of_a_limit(kettle, provider, now):
    lid = Variant.objects.get(sku="LID").pk
    visitor = fill(kettle, now=now, quantity=2)
    actions.add_to_cart(visitor, variant=lid, quantity=2, currency="EUR", now=now)
    grant(visitor, kettle, "g-1", now, ("deal", 3))
    grant(visitor, lid, "g-2", now, ("deal", 3))
    cart = queries.cart_of(visitor, now=now)
    assert [line.granted for line in cart.lines] == [2, 1]
    assert buy(visitor, now=now, total_seen=cart.total).outcome is Outcome.PAID
    assert PriceLimit.objects.get().used == 3


def test_a_waiting_order_s_share_of_a_limit_is_its_cart_s_own(kettle, provider, now):
    visitor = fill(kettle, now=now)
    grant(visitor, kettle, "g-1", now, ("deal", 1))
    cart = queries.cart_of(visitor, now=now)
    assert buy(visitor, now=now, method="ask").outcome is Outcome.NEEDS_ACTION
    assert queries.cart_of(visitor, now=now).total == cart.total
    assert buy(visitor, now=now).outcome is Outcome.PAID
    assert PriceLimit.objects.get().used == 1


def test_an_order_that_came_to_life_after_a_refused_void_is_captured_in_time(kettle, provider, now, staff):
    bought = buy(fill(kettle, now=now), now=now, method="slow")
    provider.refuse_voids = True
    late = now + timedelta(minutes=31)
    actions.sweep(now=late)
    assert Order.objects.get().status == OrderStatus.FAILED
    assert MoneyIntent.objects.get().state == MoneyIntent.State.REFUSED
    provider.turn(bought.reference, PaymentState.AUTHORISED)
    assert actions.complete_payment(reference=bought.reference, now=late).outcome is Outcome.PAID
    assert troubled(staff) == []
    Payment.objects.update(capture_by=late + timedelta(hours=20))
    actions.sweep(now=late)
    actions.sweep(now=late)
    assert provider.payments[bought.reference].captured == Order.objects.get().total_minor


@pytest.mark.parametrize("kind", [OperationKind.CAPTURE, OperationKind.REFUND])
def test_what_somebody_did_at_the_provider_overtakes_ours(kettle, provider, now, staff, kind):
    """Ours is on its way, and there is no room left for it: the rest of the payment is recorded all the same."""
    bought = buy(fill(kettle, now=now), now=now)
    total = Order.objects.get().total_minor
    actions.ship(staff, bought.number, carrier="", tracking="", key="parcel-1", now=now)
    held = provider.payments[bought.reference]
    if kind is OperationKind.REFUND:
        actions.sweep(now=now)
        part = Money(100, "EUR")
        actions.refund(staff, bought.number, amount=part, reason="", key="refund-1", now=now)
        held.refunded = total
    else:
        held.captured, held.state = total, PaymentState.CAPTURED
    held.operations.append(Operation("", kind, Money(total, "EUR")))
    actions.sweep(now=now)
    payment = Payment.objects.get()
    assert (payment.captured_minor, payment.capturing_minor, payment.refunding_minor) == (total, 0, 0)
    assert payment.refunded_minor == held.refunded
    state = MoneyIntent.objects.get(kind=kind).state
    assert state == (MoneyIntent.State.DONE if kind is OperationKind.CAPTURE else MoneyIntent.State.REFUSED)
    assert troubled(staff) == []  # nothing is left to do
