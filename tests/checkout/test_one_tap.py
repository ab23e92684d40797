"""One tap: what was shown is bought, once, by its owner alone, and can be undone for some minutes."""

from __future__ import annotations

import sys
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from threading import Barrier
from typing import Any

import pytest
from django.db import OperationalError, connection

from tacit.accounts import actions as accounts
from tacit.accounts.types import NotAllowed, Visitor
from tacit.catalog.models import Price, Stock, Variant
from tacit.checkout import actions, queries
from tacit.checkout.models import Cart, MoneyIntent, Order, OrderLine, SavedMethod
from tacit.checkout.types.methods import UNDO_WITHIN, OneTap, Wanted
from tacit.checkout.types.order import (
    CheckoutError,
    Contact,
    NoSuchOrder,
    NotPossible,
    OrderStatus,
    OtherBody,
    Outcome,
    TotalChanged,
)
from tacit.checkout.types.payment import PaymentState
from tacit.core import ids
from tacit.core.address import Address
from tacit.core.money import Money
from tests.checkout.fake_provider import FakeProvider
from tests.checkout.shopping import buy, fill
from tests.checkout.test_race import all_at_once

pytestmark = pytest.mark.django_db


def member(now: datetime, email: str = "ana@example.com") -> Visitor:
    return Visitor(person=accounts.known_person(email=email, name="Ana", now=now).id)


def returning(kettle: int, now: datetime, email: str = "ana@example.com") -> Visitor:
    """Somebody signed in who bought before and had the card kept; their cart is not touched by anything here."""
    who = member(now, email)
    assert who.person is not None
    bought = buy(fill(kettle, now=now, person=who.person), now=now, keep=True)
    assert bought.outcome is Outcome.PAID
    return who


def offer(who: Visitor, wanted: Wanted, now: datetime) -> OneTap:
    return queries.one_tap_of(who, wanted, currency="EUR", now=now)


def tap(who: Visitor, shown: OneTap, now: datetime, **changes: Any) -> Any:
    arguments: dict[str, Any] = {
        "wanted": shown.wanted,
        "method": shown.methods[0].reference,
        "shipping": shown.cart.chosen,
        "terms": shown.terms,
        "total_seen": shown.total,
        "key": ids.token(),
        "return_url": lambda number: f"http://shop/{number}",
        "now": now,
        **changes,
    }
    return actions.one_tap(who, **arguments)


def test_one_tap_buys_what_was_shown_and_leaves_the_cart_alone(
    kettle: int, provider: FakeProvider, now: datetime
) -> None:
    who = returning(kettle, now)
    lid = Variant.objects.get(sku="LID").pk
    cart = fill(lid, now=now, person=who.person)
    shown = offer(cart, Wanted(kettle), now)
    assert (shown.total, shown.contact.address.city) == (Money(4390, "EUR"), "Hamburg")
    bought = tap(cart, shown, now)
    assert bought.outcome is Outcome.PAID
    order = Order.objects.get(number=bought.number)
    assert (order.total_minor, order.person_id, order.undo_until) == (4390, who.person, now + UNDO_WITHIN)
    request = provider.payments[bought.reference].request
    assert (request.method, request.saved) == ("", SavedMethod.objects.get().token)
    assert [line.variant for line in queries.cart_of(cart, now=now).lines] == [lid]
    assert set(Cart.objects.values_list("token", flat=True)) == {cart.cart}, "its own cart is gone"


def test_a_guest_or_somebody_without_a_kept_method_has_no_one_tap(
    kettle: int, provider: FakeProvider, now: datetime
) -> None:
    shown = offer(returning(kettle, now), Wanted(kettle), now)
    other = member(now, "other@example.com")
    for who in (Visitor(), other):
        assert queries.one_taps(who, (Wanted(kettle),), currency="EUR", now=now) == ()
    with pytest.raises(NotAllowed):
        tap(Visitor(), shown, now)
    with pytest.raises(CheckoutError) as refused:
        tap(other, shown, now)
    assert (refused.value.field, refused.value.code) == ("method", "gone")
    with pytest.raises(CheckoutError):
        method = f"saved:{shown.methods[0].reference}"
        buy(fill(kettle, now=now, person=other.person), now=now, method=method)
    assert Order.objects.count() == 1


def test_a_total_or_an_address_that_changed_is_shown_anew(
    kettle: int, provider: FakeProvider, now: datetime
) -> None:
    who = returning(kettle, now)
    shown = offer(who, Wanted(kettle), now)
    Price.objects.filter(variant=kettle, currency="EUR", until=None).update(minor=4100)
    with pytest.raises(TotalChanged) as changed:
        tap(who, shown, now)
    assert changed.value.parameters["total"] == Money(4590, "EUR")
    shown = offer(who, Wanted(kettle), now)
    accounts.keep_address(
        who, address=Address("Ana", "Am Ring 9", "", "10115", "Berlin", "DE"), now=now, default=True
    )
    with pytest.raises(NotPossible) as moved:
        tap(who, shown, now)
    assert moved.value.code == "changed"
    assert (Order.objects.count(), Cart.objects.count(), len(provider.payments)) == (1, 0, 1)


def test_the_same_key_orders_once_whatever_changed_since(
    kettle: int, provider: FakeProvider, now: datetime
) -> None:
    who = returning(kettle, now)
    shown = offer(who, Wanted(kettle), now)
    first = tap(who, shown, now, key="the-only-key")
    actions.remove_method(who, method=shown.methods[0].reference, now=now)
    again = tap(who, shown, now, key="the-only-key")
    assert (again.number, again.replayed, again.outcome) == (first.number, True, Outcome.PAID)
    with pytest.raises(OtherBody):
        tap(who, shown, now, key="the-only-key", wanted=Wanted(kettle, 2))
    assert Order.objects.count() == 2


def test_two_people_with_one_key_each_buy_their_own(
    kettle: int, provider: FakeProvider, now: datetime
) -> None:
    people = [returning(kettle, now, email) for email in ("ana@example.com", "ben@example.com")]
    numbers = [tap(who, offer(who, Wanted(kettle), now), now, key="the-only-key").number for who in people]
    buyers = [Order.objects.get(number=number).person_id for number in numbers]
    assert buyers == [who.person for who in people]


def test_it_goes_to_the_buyer_not_to_whoever_had_the_cart_before(
    kettle: int, provider: FakeProvider, now: datetime
) -> None:
    who = returning(kettle, now)
    before = fill(kettle, now=now)
    elsewhere = Contact("eve@example.com", Address("Eve", "Am Ring 9", "", "10115", "Berlin", "DE"))
    buy(before, now=now, method="slow", contact=elsewhere)
    found = queries.one_tap_contact(Visitor(person=who.person, cart=before.cart))
    assert found is not None
    assert (found.email, found.address.city) == ("ana@example.com", "Hamburg")


def test_a_way_of_sending_that_is_gone_is_shown_anew(
    kettle: int, provider: FakeProvider, now: datetime
) -> None:
    who = returning(kettle, now)
    with pytest.raises(NotPossible) as changed:
        tap(who, offer(who, Wanted(kettle), now), now, shipping="pigeon")
    assert (changed.value.field, changed.value.code) == ("terms", "changed")


@pytest.mark.django_db(transaction=True)
def test_taps_at_once_with_one_key_charge_once(kettle: int, provider: FakeProvider, now: datetime) -> None:
    Stock.objects.update(on_hand=100)
    who = returning(kettle, now)
    shown = offer(who, Wanted(kettle), now)

    def attempt(key: str) -> str:
        try:
            return str(tap(who, shown, now, key=key).outcome)
        except CheckoutError as error:
            return error.code

    results = Counter(all_at_once(attempt, ["the-only-key"] * 16))
    assert (Order.objects.count(), len(provider.payments)) == (2, 2)
    assert set(results) <= {Outcome.PAID, "in_flight"} and results[Outcome.PAID] >= 1
    # The control: keys of their own are orders of their own.
    all_at_once(attempt, [f"key-number-{turn}" for turn in range(8)])
    assert Order.objects.count() == 10


def test_a_past_order_is_bought_again_and_what_is_gone_is_named(
    kettle: int, provider: FakeProvider, now: datetime
) -> None:
    who = returning(kettle, now)
    lid = Variant.objects.get(sku="LID").pk
    visitor = fill(kettle, now=now, quantity=2, person=who.person)
    actions.add_to_cart(visitor, variant=lid, quantity=1, currency="EUR", now=now)
    past = buy(visitor, now=now)
    Variant.objects.filter(pk=lid).update(active=False)
    shown = offer(who, Wanted(order=past.number), now)
    assert {line.variant: line.quantity for line in shown.cart.lines} == {kettle: 2}
    assert [(each.name, each.problem) for each in shown.gone] == [("Kettle lid", "not_sold")]
    bought = tap(who, shown, now)
    assert OrderLine.objects.get(order__number=bought.number).quantity == 2
    with pytest.raises(NoSuchOrder):
        offer(returning(kettle, now, "other@example.com"), Wanted(order=past.number), now)


@pytest.mark.parametrize(
    ("state", "outcome"),
    [(PaymentState.NEEDS_ACTION, Outcome.NEEDS_ACTION), (PaymentState.DECLINED, Outcome.DECLINED)],
)
def test_a_bank_that_asks_or_declines_off_session(
    kettle: int, provider: FakeProvider, now: datetime, state: PaymentState, outcome: Outcome
) -> None:
    who = returning(kettle, now)
    provider.saved_states[SavedMethod.objects.get().token] = state
    assert tap(who, offer(who, Wanted(kettle), now), now).outcome is outcome
    claimed = Stock.objects.get(pk=kettle).claimed
    assert claimed == (1 if outcome is Outcome.DECLINED else 2)


def test_a_payment_that_got_lost_is_asked_for_again_with_the_same_kept_method(
    kettle: int, provider: FakeProvider, now: datetime
) -> None:
    who = returning(kettle, now)
    shown = offer(who, Wanted(kettle), now)
    provider.down = True
    first, second = tap(who, shown, now), tap(who, shown, now)
    assert first.outcome is Outcome.PENDING
    provider.down = False
    actions.sweep(now=now + timedelta(seconds=30))
    assert provider.payments[first.reference].request.saved == SavedMethod.objects.get().token
    assert Order.objects.get(number=second.number).status == OrderStatus.PAID


def test_a_removed_method_is_not_charged_by_a_later_try(
    kettle: int, provider: FakeProvider, now: datetime
) -> None:
    who = returning(kettle, now)
    provider.down = True
    bought = tap(who, offer(who, Wanted(kettle), now), now)
    provider.down = False
    actions.remove_method(who, method=SavedMethod.objects.get().reference, now=now)
    actions.sweep(now=now + timedelta(seconds=30))
    assert bought.reference not in provider.payments
    actions.sweep(now=now + timedelta(hours=1))
    assert Order.objects.get(number=bought.number).status == OrderStatus.FAILED


def test_undo_gives_back_goods_and_money_to_its_owner_only(
    kettle: int, provider: FakeProvider, now: datetime, staff: Visitor
) -> None:
    who = returning(kettle, now)
    number = tap(who, offer(who, Wanted(kettle), now), now).number
    for stranger in (Visitor(), Visitor(order=number), member(now, "other@example.com"), staff):
        with pytest.raises(NoSuchOrder):
            actions.undo(stranger, number, key="undo-key-1", now=now)
    assert queries.order_of(who, number).undoable(now)
    soon = now + UNDO_WITHIN - timedelta(seconds=1)
    for key in ("undo-key-1", "undo-key-1", "undo-key-2"):
        actions.undo(who, number, key=key, now=soon)
    assert Order.objects.get(number=number).status == OrderStatus.CANCELLED
    assert Stock.objects.get(pk=kettle).claimed == 1
    assert MoneyIntent.objects.filter(payment__order__number=number, kind="void").count() == 1


def test_undo_refunds_what_was_taken_at_once(
    kettle: int, provider: FakeProvider, now: datetime, settings: Any
) -> None:
    settings.PAYMENT_CAPTURE = "at_once"
    who = returning(kettle, now)
    bought = tap(who, offer(who, Wanted(kettle), now), now)
    actions.sweep(now=now)
    assert provider.payments[bought.reference].captured == 4390
    actions.undo(who, bought.number, key="undo-key-1", now=now)
    actions.sweep(now=now)
    assert provider.payments[bought.reference].refunded == 4390


def test_after_its_minutes_it_is_sent_and_no_longer_undone(
    kettle: int, provider: FakeProvider, now: datetime, staff: Visitor
) -> None:
    who = returning(kettle, now)
    number = tap(who, offer(who, Wanted(kettle), now), now).number
    with pytest.raises(NotPossible) as early:
        actions.ship(staff, number, carrier="DHL", tracking="1", key="ship-key-1", now=now)
    assert early.value.code == "can_be_undone"
    later = now + UNDO_WITHIN
    with pytest.raises(NotPossible) as over:
        actions.undo(who, number, key="undo-key-1", now=later)
    assert over.value.code == "undo_over"
    actions.ship(staff, number, carrier="DHL", tracking="1", key="ship-key-1", now=later)
    assert Order.objects.get(number=number).status == OrderStatus.SHIPPED


def test_an_ordinary_order_is_not_undone(kettle: int, provider: FakeProvider, now: datetime) -> None:
    who = returning(kettle, now)
    with pytest.raises(NotPossible):
        actions.undo(who, Order.objects.get().number, key="undo-key-1", now=now)


def race(
    kettle: int, now: datetime, who: Visitor, rounds: int, *, lets: tuple[type[Exception], ...] = ()
) -> int:
    """How many of ``rounds`` orders were both undone and sent, by requests that come together at the minutes' end."""
    over = now + UNDO_WITHIN
    numbers = [tap(who, offer(who, Wanted(kettle), now), now).number for _ in range(rounds)]

    def attempt(number: str, what: str) -> bool:
        try:
            if what == "undo":
                actions.undo(who, number, key="undo-key-1", now=over - timedelta(milliseconds=1))
            else:
                staff = Visitor(staff=True)
                actions.ship(staff, number, carrier="DHL", tracking="1", key="ship-key-1", now=over)
        except (CheckoutError, *lets):
            return False
        finally:
            connection.close()
        return True

    both = 0
    with ThreadPoolExecutor(2) as pool:
        for number in numbers:
            came = list(pool.map(attempt, (number, number), ("undo", "ship")))
            assert any(came), "one of them always comes through"
            both += all(came)
    return both


@pytest.mark.django_db(transaction=True)
def test_undo_and_sending_at_once_never_both(kettle: int, provider: FakeProvider, now: datetime) -> None:
    Stock.objects.update(on_hand=1000)
    assert race(kettle, now, returning(kettle, now), 16) == 0
    sent = Order.objects.filter(lines__shipped__gt=0).values("pk")
    assert not Order.objects.filter(pk__in=sent, status=OrderStatus.CANCELLED).exists()


@pytest.fixture
def unlocked(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever cancels and whoever sends reads the order without its lock, before either writes."""
    both = Barrier(2)

    def read(number: str) -> Order:
        return Order.objects.get(number=number)

    def read_together(number: str) -> Order:
        order = read(number)
        both.wait(5)
        return order

    for name, how in (("undo", read), ("amend", read_together), ("ship", read_together)):
        monkeypatch.setattr(sys.modules[f"tacit.checkout.actions.{name}"], "locked_order", how)


@pytest.mark.django_db(transaction=True)
def test_the_control_without_the_lock_does_both(
    kettle: int, provider: FakeProvider, now: datetime, unlocked: None
) -> None:
    Stock.objects.update(on_hand=1000)
    who = returning(kettle, now)
    buy(fill(kettle, now=now, quantity=16), now=now)
    # Without the order's lock the two may also wait for each other's rows.
    assert race(kettle, now, who, 8, lets=(OperationalError,)) > 0
