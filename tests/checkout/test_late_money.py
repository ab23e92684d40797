"""Money that comes for a payment which was given up: the order comes to life again, or the money goes back."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from tacit.accounts.types import Visitor
from tacit.catalog.models import Stock
from tacit.checkout import actions
from tacit.checkout.actions import record
from tacit.checkout.models import MoneyDrift, MoneyIntent, Order, Payment
from tacit.checkout.rules.moves import newer
from tacit.checkout.types.payment import PaymentRequest, PaymentState
from tacit.core import ids
from tacit.core.money import Money
from tests.checkout.fake_provider import FakeProvider
from tests.checkout.shopping import buy, fill

pytestmark = pytest.mark.django_db
SECURED = [PaymentState.AUTHORISED, PaymentState.CAPTURED]


def comes(provider: FakeProvider, reference: str, state: PaymentState, now: datetime) -> None:
    """The bank thinks better of it, and says so twice."""
    provider.turn(reference, state)
    for _ in range(2):
        actions.complete_payment(reference=reference, now=now)
    actions.sweep(now=now)
    actions.reconcile(now=now + timedelta(hours=1))


def kept(provider: FakeProvider, reference: str) -> int:
    """What the buyer does not have any more."""
    held = provider.payments[reference]
    if held.state is PaymentState.VOIDED:
        return 0
    return max(held.captured, held.authorised) - held.refunded


@pytest.mark.parametrize("state", SECURED)
def test_money_after_a_refusal_pays_the_order(
    kettle: int, provider: FakeProvider, now: datetime, state: PaymentState
) -> None:
    bought = buy(fill(kettle, now=now), now=now, method="bad")
    assert Order.objects.get().status == "failed"
    comes(provider, bought.reference, state, now)
    payment = Payment.objects.get()
    assert (Order.objects.get().status, payment.state) == ("paid", state)
    assert Stock.objects.get(pk=kettle).claimed == 1
    assert not MoneyIntent.objects.exists()


@pytest.mark.parametrize("state", SECURED)
def test_it_goes_back_where_the_goods_are_gone(
    kettle: int, provider: FakeProvider, now: datetime, state: PaymentState
) -> None:
    bought = buy(fill(kettle, now=now), now=now, method="bad")
    Stock.objects.filter(pk=kettle).update(on_hand=0)
    comes(provider, bought.reference, state, now)
    assert Order.objects.get().status == "failed"
    assert kept(provider, bought.reference) == 0


def ordered_anew(provider: FakeProvider, kettle: int, now: datetime) -> list[str]:
    """Declined, ordered again and paid; then the first bank pays after all. The statuses, oldest first."""
    visitor = fill(kettle, now=now)
    first = buy(visitor, now=now, method="bad")
    buy(visitor, now=now)
    comes(provider, first.reference, PaymentState.CAPTURED, now)
    return list(Order.objects.order_by("pk").values_list("status", flat=True))


def test_it_goes_back_where_the_same_was_ordered_and_paid_since(
    kettle: int, provider: FakeProvider, now: datetime
) -> None:
    assert ordered_anew(provider, kettle, now) == ["failed", "paid"]
    assert kept(provider, Payment.objects.earliest("pk").reference) == 0


def test_the_control_without_that_look_both_are_paid(
    kettle: int, provider: FakeProvider, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(record, "_ordered_anew", lambda _order: False)
    assert ordered_anew(provider, kettle, now) == ["paid", "paid"]


def test_money_nobody_told_of_is_found_by_comparing(
    kettle: int, provider: FakeProvider, now: datetime
) -> None:
    bought = buy(fill(kettle, now=now), now=now, method="bad")
    provider.turn(bought.reference, PaymentState.CAPTURED)
    actions.reconcile(now=now + timedelta(minutes=5))
    assert Order.objects.get().status == "paid"


def test_a_voucher_that_is_paid_after_the_shop_gave_up(
    kettle: int, provider: FakeProvider, now: datetime
) -> None:
    bought = buy(fill(kettle, now=now), now=now, method="voucher")
    late = now + timedelta(hours=1)
    actions.sweep(now=late)
    actions.sweep(now=late)
    assert (Order.objects.get().status, Payment.objects.get().state) == ("failed", "voided")
    comes(provider, bought.reference, PaymentState.CAPTURED, late)
    assert (Order.objects.get().status, Payment.objects.get().captured_minor) == ("paid", 4390)


def test_an_answer_older_than_the_release_brings_nothing_back(
    kettle: int, provider: FakeProvider, staff: Visitor, now: datetime
) -> None:
    bought = buy(fill(kettle, now=now), now=now)
    old = provider.look_up(bought.reference)
    actions.cancel(staff, bought.number, key="cancel-it", now=now)
    actions.sweep(now=now)
    assert old is not None
    actions.record_answer(old, now=now)
    assert (Order.objects.get().status, Payment.objects.get().state) == ("cancelled", "voided")
    assert not MoneyIntent.objects.filter(state="pending").exists()


@pytest.mark.parametrize("state", SECURED)
@pytest.mark.parametrize("refusals", [0, 1])
def test_it_goes_back_where_another_payment_has_taken_its_place(
    kettle: int, provider: FakeProvider, now: datetime, state: PaymentState, refusals: int
) -> None:
    bought = buy(fill(kettle, now=now), now=now, method="bad")
    request = PaymentRequest(ids.token(), Money(4390, "EUR"), "good", "http://shop/x", bought.number)
    Order.objects.update(status="awaiting_payment")
    Stock.objects.filter(pk=kettle).update(claimed=1)
    Payment.objects.create(
        order=Order.objects.get(),
        reference=request.reference,
        provider="fake",
        method="good",
        return_url=request.return_url,
        currency="EUR",
        amount_minor=4390,
        created_at=now,
        look_at=now,
    )
    actions.record_answer(provider.authorise(request), now=now)
    provider.refuse_voids = bool(refusals)
    comes(provider, bought.reference, state, now)
    provider.refuse_voids = False
    actions.sweep(now=now + timedelta(hours=1))
    assert kept(provider, bought.reference) == 0
    assert Order.objects.get().status == "paid"
    assert [one.state for one in Payment.objects.order_by("pk")] == ["declined", "authorised"]
    actions.reconcile(now=now + timedelta(hours=2))
    actions.reconcile(now=now + timedelta(hours=3))
    assert not MoneyDrift.objects.filter(gone_at=None).exists()


def test_what_is_news_of_a_payment_given_up() -> None:
    declined, voided = PaymentState.DECLINED, PaymentState.VOIDED
    for before in (declined, voided):
        assert newer(before, PaymentState.CAPTURED)
        assert not newer(before, PaymentState.PROCESSING)
    assert newer(declined, PaymentState.AUTHORISED)
    assert not newer(voided, PaymentState.AUTHORISED)
    assert newer(voided, PaymentState.AUTHORISED, unheard=True)


def test_what_was_let_go_stays_let_go_when_an_older_answer_comes_late(
    kettle: int, provider: FakeProvider, now: datetime
) -> None:
    first = buy(fill(kettle, now=now), now=now, method="bad")
    Payment.objects.create(  # another has taken its place
        order=Order.objects.get(),
        reference="another",
        provider="fake",
        method="good",
        currency="EUR",
        amount_minor=4390,
        state=PaymentState.PROCESSING,
        created_at=now,
        look_at=now,
    )
    provider.turn(first.reference, PaymentState.AUTHORISED)
    older = provider.look_up(first.reference)
    assert older is not None
    provider.capture(first.reference, amount=Money(2000, "EUR"), key="somebody-there")
    newest = provider.look_up(first.reference)
    assert newest is not None
    for answer in (newest, older):
        record.record_answer(answer, now=now)
        payment = Payment.objects.get(reference=first.reference)
        assert (payment.captured_minor, payment.released_minor) == (2000, older.authorised.minor - 2000)
