"""Buying, paying, sending, refunding, cancelling in any order, with a provider that fails in every way.

After every step money and stock add up; when the dust settles nobody's money or goods are stuck.
"""

from __future__ import annotations

import contextlib
from datetime import timedelta

import pytest
from django.apps import apps
from django.db import connection
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, initialize, invariant, rule

from tacit.accounts.types import Visitor
from tacit.catalog.actions import set_currency
from tacit.catalog.models import Stock
from tacit.checkout import actions, queries
from tacit.checkout.actions.money import LOWER
from tacit.checkout.models import MoneyDrift, MoneyIntent, MoneyMovement, Order, OrderLine, Payment
from tacit.checkout.rules.moves import LOST
from tacit.checkout.types.ledger import MovementKind
from tacit.checkout.types.order import CheckoutError, OrderStatus
from tacit.checkout.types.payment import PaymentProvider, PaymentState
from tacit.core import ports, tax
from tacit.core.money import Money
from tests.checkout.fake_provider import FakeProvider
from tests.checkout.shopping import buy, fill
from tests.conftest import NOW, stock_shop

STAFF = Visitor(staff=True)
PIECES = 6


def empty_the_tables() -> None:
    tables = ", ".join(
        model._meta.db_table
        for room in ("core", "catalog", "checkout")
        for model in apps.get_app_config(room).get_models()
    )
    with connection.cursor() as cursor:
        cursor.execute(f"TRUNCATE {tables}, procrastinate_jobs CASCADE")


class Shop(RuleBasedStateMachine):
    orders: Bundle[str] = Bundle("orders")

    @initialize()
    def open_the_shop(self) -> None:
        empty_the_tables()
        self.kettle = stock_shop(PIECES)
        self.now = NOW
        self.turn = 0
        self.provider = FakeProvider()
        ports.register(PaymentProvider, self.provider)
        ports.register(PaymentProvider, self.provider, name="fake")

    def key(self) -> str:
        self.turn += 1
        return f"key-number-{self.turn}"

    @rule(
        target=orders,
        quantity=st.integers(1, 3),
        method=st.sampled_from(["good", "bad", "slow", "ask", "page", "voucher"]),
    )
    def buys(self, quantity: int, method: str) -> str:
        try:
            return buy(fill(self.kettle, now=self.now, quantity=quantity), now=self.now, method=method).number
        except CheckoutError as error:
            assert error.code in {"sold_out", "too_few"}
            return ""

    @rule(included=st.booleans())
    def the_shop_decides_on_tax(self, included: bool) -> None:
        set_currency(code="EUR", prices_include_tax=included)

    @rule(state=st.sampled_from([PaymentState.AUTHORISED, PaymentState.DECLINED]), tell=st.booleans())
    def the_bank_decides(self, state: PaymentState, tell: bool) -> None:
        for reference, held in self.provider.payments.items():
            if held.state in {PaymentState.PROCESSING, PaymentState.NEEDS_ACTION}:
                self.provider.turn(reference, state)
                if tell and not self.provider.down:
                    for _ in range(2):
                        actions.complete_payment(reference=reference, now=self.now)
                return

    @rule(
        state=st.sampled_from([PaymentState.AUTHORISED, PaymentState.CAPTURED]),
        given_up=st.sampled_from([PaymentState.DECLINED, PaymentState.NEEDS_ACTION]),
        tell=st.booleans(),
    )
    def money_comes_after_all(self, state: PaymentState, given_up: PaymentState, tell: bool) -> None:
        """For what was declined, or with a voucher, whatever became of its order."""
        for reference, held in self.provider.payments.items():
            if held.state is given_up:
                self.provider.turn(reference, state)
                if tell and not self.provider.down:
                    actions.complete_payment(reference=reference, now=self.now)
                return

    @rule(number=orders, pieces=st.none() | st.integers(1, 2))
    def staff_ship(self, number: str, pieces: int | None) -> None:
        line = OrderLine.objects.filter(order__number=number).first()
        if line is None:
            return
        chosen = None if pieces is None else {line.pk: pieces}
        self.attempt(
            lambda: actions.ship(
                STAFF, number, carrier="", tracking="", key=self.key(), now=self.now, pieces=chosen
            )
        )

    @rule(number=orders)
    def staff_cancel(self, number: str) -> None:
        self.attempt(lambda: actions.cancel(STAFF, number, key=self.key(), now=self.now))

    @rule(number=orders, minor=st.integers(-1, 8000))
    def staff_refund(self, number: str, minor: int) -> None:
        amount = Money(minor, "EUR")
        self.attempt(
            lambda: actions.refund(STAFF, number, amount=amount, reason="r", key=self.key(), now=self.now)
        )

    @rule(number=orders, minor=st.integers(0, 4000))
    def a_room_lowers_the_price(self, number: str, minor: int) -> None:
        line = OrderLine.objects.filter(order__number=number).first()
        if line is not None:
            unit = Money(minor, "EUR")
            self.attempt(lambda: actions.lower_price(line=line.pk, unit=unit, key=self.key(), now=self.now))

    def attempt(self, act) -> None:
        with contextlib.suppress(CheckoutError, LookupError):
            act()

    @rule(minutes=st.sampled_from([0, 1, 40, 60 * 24]))
    def time_passes(self, minutes: int) -> None:
        self.now += timedelta(minutes=minutes)
        actions.sweep(now=self.now)

    @rule(down=st.booleans(), drop=st.booleans(), voids=st.booleans(), captures=st.booleans())
    def the_provider_has_a_day(self, down: bool, drop: bool, voids: bool, captures: bool) -> None:
        """Not reachable, answers lost, ``voids`` or ``captures`` refused; keys are forgotten in any case."""
        self.provider.down, self.provider.drop_answers = down, drop
        self.provider.refuse_voids, self.provider.refuse_captures = voids, captures
        self.provider.keys.clear()

    @invariant()
    def stock_adds_up(self) -> None:
        if not hasattr(self, "kettle"):
            return
        stock = Stock.objects.get(pk=self.kettle)
        live = OrderLine.objects.filter(order__status__in=["awaiting_payment", "paid", "shipped"])
        claimed = sum(line.quantity - line.shipped - line.cancelled for line in live)
        shipped = sum(OrderLine.objects.values_list("shipped", flat=True))
        assert stock.claimed == claimed
        assert stock.on_hand == PIECES - shipped

    @invariant()
    def orders_add_up(self) -> None:
        for order in Order.objects.prefetch_related("lines"):
            lines = list(order.lines.all())
            goods = sum(line.unit_minor * line.quantity for line in lines)
            taxes = sum(line.tax_minor + line.delivery_tax_minor for line in lines)
            assert (order.goods_minor, order.tax_minor) == (goods, taxes)
            assert order.total_minor == goods + order.shipping_minor + (0 if order.tax_included else taxes)
            for line in lines:
                worth = Money(line.unit_minor * line.quantity, "EUR")
                rightly = tax.of(worth, line.tax_percent, is_included=order.tax_included).minor
                assert rightly - 1 <= line.tax_minor <= rightly

    @invariant()
    def money_adds_up(self) -> None:
        for payment in Payment.objects.select_related("order"):
            held = self.provider.payments.get(payment.reference)
            if held is None:
                assert payment.captured_minor == 0
                continue
            assert payment.captured_minor <= held.captured <= held.authorised
            assert payment.refunded_minor <= held.refunded <= held.captured

    @invariant()
    def the_ledger_adds_up(self) -> None:
        for payment in Payment.objects.all():
            sums = dict.fromkeys(MovementKind, 0)
            for movement in MoneyMovement.objects.filter(payment=payment).order_by("id"):
                assert movement.before_minor == sums[MovementKind(movement.kind)]
                sums[MovementKind(movement.kind)] += movement.amount_minor
            assert sums == {
                MovementKind.AUTHORISED: payment.authorised_minor,
                MovementKind.CAPTURED: payment.captured_minor,
                MovementKind.REFUNDED: payment.refunded_minor,
                MovementKind.RELEASED: payment.released_minor,
            }

    @rule()
    def the_books_are_compared(self) -> None:
        actions.reconcile(now=self.now)
        assert not MoneyDrift.objects.exists(), list(MoneyDrift.objects.values())

    def settle(self) -> None:
        for _ in range(12):
            self.now += timedelta(hours=2)
            actions.sweep(now=self.now)

    def troubled(self) -> set[str]:
        rows, _ = queries.staff_orders(STAFF, status=queries.TROUBLED)
        return {row.number for row in rows}

    def teardown(self) -> None:
        if not hasattr(self, "provider"):
            return
        self.the_provider_has_a_day(down=False, drop=False, voids=False, captures=False)
        self.now += timedelta(hours=1)
        self.the_books_are_compared()  # what nobody told of is found so
        self.settle()
        for number in Order.objects.filter(status__in=["paid", "shipped"]).values_list("number", flat=True):
            if number in self.troubled():  # what was refused is shown to staff, who ask once more
                actions.collect(STAFF, number, key=self.key(), now=self.now)
        self.settle()
        for payment in Payment.objects.select_related("order"):
            held = self.provider.payments.get(payment.reference)
            kept = held.captured - held.refunded if held else 0
            if payment.order.status in {OrderStatus.FAILED, OrderStatus.CANCELLED}:
                assert kept == 0, "money kept without an order"
                assert held is None or held.state is not PaymentState.AUTHORISED, "money held"
            if payment.order.status == OrderStatus.SHIPPED and payment.state not in LOST:
                owed = payment.order.total_minor
                refunds = MoneyIntent.objects.filter(payment=payment, kind="refund", state="done")
                lowered = sum(refunds.filter(reason=LOWER).values_list("amount_minor", flat=True))
                by_staff = sum(refunds.exclude(reason=LOWER).values_list("amount_minor", flat=True))
                taken = held.captured if held else 0
                assert taken >= owed, "goods left the house unpaid"
                # What a lowered price gave back, unless staff had given back so much that less was left.
                assert lowered == min(taken - owed, taken - by_staff), "other than owed is kept"
                assert kept == taken - lowered - by_staff
        assert not Order.objects.filter(status=OrderStatus.AWAITING_PAYMENT).exists()
        self.now += timedelta(hours=1)
        self.the_books_are_compared()


@pytest.mark.django_db(transaction=True)
def test_the_shop_keeps_its_promises():
    machine = settings(
        max_examples=25,
        stateful_step_count=25,
        deadline=None,
        suppress_health_check=list(HealthCheck),
        phases=(Phase.generate,),  # a story of 25 steps tells enough; shrinking one takes minutes
    )
    before = dict(ports._adapters)
    try:
        from hypothesis.stateful import run_state_machine_as_test

        run_state_machine_as_test(Shop, settings=machine)
    finally:
        ports._adapters.clear()
        ports._adapters.update(before)


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("asked_again", [True, False])
def test_the_control_goods_that_left_unpaid_are_seen(asked_again, monkeypatch):
    """One story that chance rarely tells; without asking once more for what was refused it must fail."""
    monkeypatch.setattr(ports, "_adapters", dict(ports._adapters))
    if not asked_again:
        monkeypatch.setattr(actions, "collect", lambda *_arguments, **_named: None)
    story = Shop()
    story.open_the_shop()
    number = story.buys(quantity=1, method="good")
    story.the_provider_has_a_day(down=False, drop=False, voids=False, captures=True)
    story.staff_ship(number=number, pieces=None)
    story.time_passes(minutes=0)
    with contextlib.nullcontext() if asked_again else pytest.raises(AssertionError, match="unpaid"):
        story.teardown()
