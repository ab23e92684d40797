"""Kept ways to pay: only who asked, only what was paid, one default, gone when removed."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from django.db import IntegrityError, connection, transaction
from procrastinate.contrib.django.models import ProcrastinateJob

from tacit.accounts.types import NotAllowed, Visitor
from tacit.checkout import actions, queries
from tacit.checkout.actions import methods
from tacit.checkout.models import Payment, SavedMethod
from tacit.checkout.types.order import CheckoutError, Outcome
from tacit.checkout.types.payment import PaymentAnswer, PaymentState
from tests.checkout.fake_provider import FakeProvider, Held
from tests.checkout.shopping import buy, fill
from tests.checkout.test_one_tap import member
from tests.checkout.test_race import all_at_once

pytestmark = pytest.mark.django_db


@pytest.fixture
def cards(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Each payment is made with a card of its own."""
    view = FakeProvider._view

    def of_its_own(self: FakeProvider, reference: str) -> PaymentAnswer:
        return replace(view(self, reference), fingerprint=f"fp_{reference}")

    monkeypatch.setattr(FakeProvider, "_view", of_its_own)
    yield


def kept(who: Visitor) -> list[tuple[str, bool]]:
    return [(each.reference, each.is_default) for each in queries.saved_methods(who)]


def test_only_what_a_member_ticked_and_paid_is_kept(
    kettle: int, provider: FakeProvider, now: datetime
) -> None:
    who = member(now)
    buy(fill(kettle, now=now, person=who.person), now=now)
    buy(fill(kettle, now=now), now=now, keep=True)
    buy(fill(kettle, now=now, person=who.person), now=now, keep=True, method="bad")
    assert SavedMethod.objects.count() == 0
    assert not Payment.objects.filter(keep=True, order__person=None).exists()
    buy(fill(kettle, now=now, person=who.person), now=now, keep=True)
    [method] = queries.saved_methods(who)
    assert (method.label, method.is_default) == ("Visa 4242", True)


def test_a_late_answer_does_not_bring_back_what_was_removed(
    kettle: int, provider: FakeProvider, now: datetime
) -> None:
    who = member(now)
    bought = buy(fill(kettle, now=now, person=who.person), now=now, keep=True)
    token = SavedMethod.objects.get().token
    actions.remove_method(who, method=kept(who)[0][0], now=now)
    answer = provider.look_up(bought.reference)
    assert answer is not None and answer.kept is not None
    actions.record_answer(answer, now=now)
    assert kept(who) == []
    assert ProcrastinateJob.objects.filter(task_name="checkout.forget_method").count() == 1
    [row] = SavedMethod.objects.values_list("pk", flat=True)
    provider.down = True
    assert not actions.forget_method(row, now=now)
    provider.down = False
    assert actions.sweep_methods(now=now + timedelta(minutes=9)) == 0
    assert actions.sweep_methods(now=now + timedelta(minutes=10)) == 1
    assert (provider.forgotten, SavedMethod.objects.count()) == ({token}, 0)
    assert actions.forget_method(row, now=now), "again is no error"


def test_one_of_several_is_the_default_and_the_last_used_inherits(
    kettle: int, provider: FakeProvider, now: datetime, cards: None
) -> None:
    who = member(now)
    for day in range(3):
        buy(fill(kettle, now=now, person=who.person), now=now + timedelta(days=day), keep=True)
    first, third, second = (reference for reference, _ in kept(who))
    assert kept(who)[0] == (first, True)
    customers = set(SavedMethod.objects.values_list("customer", flat=True))
    assert len(customers) == 1, "one customer at the provider"
    actions.choose_method(who, method=second)
    assert kept(who) == [(second, True), (third, False), (first, False)]
    actions.remove_method(who, method=second, now=now)
    actions.remove_method(who, method=second, now=now)
    assert kept(who) == [(third, True), (first, False)]
    with pytest.raises(IntegrityError), transaction.atomic():
        SavedMethod.objects.filter(removed_at=None).update(is_default=True)


def test_the_same_card_kept_again_is_one_row(kettle: int, provider: FakeProvider, now: datetime) -> None:
    who = member(now)
    for _ in range(2):
        buy(fill(kettle, now=now, person=who.person), now=now, keep=True)
    assert [default for _reference, default in kept(who)] == [True]
    assert SavedMethod.objects.filter(removed_at__isnull=False).count() == 1


def test_nobody_reaches_anothers_method(
    kettle: int, provider: FakeProvider, now: datetime, staff: Visitor
) -> None:
    who = member(now)
    buy(fill(kettle, now=now, person=who.person), now=now, keep=True)
    [(reference, _)] = kept(who)
    for stranger in (Visitor(), staff):
        with pytest.raises(NotAllowed):
            actions.remove_method(stranger, method=reference, now=now)
    with pytest.raises(CheckoutError):
        actions.choose_method(member(now, "other@example.com"), method=reference)
    with pytest.raises(CheckoutError):
        actions.remove_method(member(now, "other@example.com"), method=reference, now=now)
    assert kept(who) == [(reference, True)]


def test_checkout_pays_with_a_kept_one_and_with_none_that_expired(
    kettle: int, provider: FakeProvider, now: datetime
) -> None:
    who = member(now)
    buy(fill(kettle, now=now, person=who.person), now=now, keep=True)
    code = f"saved:{kept(who)[0][0]}"
    bought = buy(fill(kettle, now=now, person=who.person), now=now, method=code)
    assert bought.outcome is Outcome.PAID
    held: Held = provider.payments[bought.reference]
    assert (held.request.method, held.request.saved) == ("", SavedMethod.objects.get().token)
    SavedMethod.objects.update(expires=(now - timedelta(days=2)).date())
    with pytest.raises(CheckoutError):
        buy(fill(kettle, now=now, person=who.person), now=now, method=code)
    with pytest.raises(CheckoutError):
        buy(fill(kettle, now=now), now=now, method=code)


def test_who_is_erased_leaves_only_what_the_provider_must_forget(
    kettle: int, provider: FakeProvider, now: datetime
) -> None:
    who = member(now)
    buy(fill(kettle, now=now, person=who.person), now=now, keep=True)
    assert who.person is not None
    actions.remove_methods_of(who.person, now=now)
    row = SavedMethod.objects.get()
    assert (row.person_id, row.label, row.fingerprint) == (None, "", "")
    actions.sweep_methods(now=now)
    assert (provider.forgotten, provider.let_go) == ({row.token}, {row.customer})
    assert row.customer and not SavedMethod.objects.exists()


def test_a_token_of_somebody_else_is_in_no_log(
    kettle: int, provider: FakeProvider, now: datetime, caplog: pytest.LogCaptureFixture
) -> None:
    who = member(now)
    buy(fill(kettle, now=now, person=who.person), now=now, keep=True)
    token = "pm_0001"
    SavedMethod.objects.update(token=token)
    bought = buy(
        fill(kettle, now=now, person=member(now, "b@example.com").person), now=now, keep=True, method="slow"
    )
    provider.turn(bought.reference, PaymentState.AUTHORISED)
    answer = provider.look_up(bought.reference)
    assert answer is not None and answer.kept is not None
    actions.record_answer(replace(answer, kept=replace(answer.kept, token=token)), now=now)
    assert Payment.objects.get(reference=bought.reference).state == PaymentState.AUTHORISED
    assert "cannot be kept" in caplog.text and token not in caplog.text


def keep_at_once(kettle: int, now: datetime, provider: FakeProvider) -> int:
    """Eight payments of one person are secured at once, none before; how many are kept."""
    who = member(now)
    bought = [
        buy(fill(kettle, now=now, person=who.person), now=now, keep=True, method="slow") for _ in range(8)
    ]
    for each in bought:
        provider.turn(each.reference, PaymentState.AUTHORISED)
    all_at_once(lambda one: actions.complete_payment(reference=one.reference, now=now), bought)
    assert SavedMethod.objects.filter(is_default=True).count() == 1
    return SavedMethod.objects.filter(removed_at__isnull=True).count()


@pytest.mark.django_db(transaction=True)
def test_cards_kept_at_once_are_all_kept_and_one_is_the_default(
    kettle: int, provider: FakeProvider, now: datetime, cards: None
) -> None:
    assert keep_at_once(kettle, now, provider) == 8


@pytest.mark.django_db(transaction=True)
def test_the_control_without_taking_turns_loses_some(
    kettle: int, provider: FakeProvider, now: datetime, cards: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(methods, "_hold", lambda person: None)
    create = SavedMethod.objects.create

    def slowly(**values: object) -> SavedMethod:
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_sleep(0.05)")
        return create(**values)

    monkeypatch.setattr(SavedMethod.objects, "create", slowly)
    assert keep_at_once(kettle, now, provider) < 8
