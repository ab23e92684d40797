"""Parcels: packed first, handed over afterwards, once; and what their carrier says of them since."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta

import pytest
from django.db import IntegrityError, transaction

from tacit.accounts.types import NotAllowed, Visitor
from tacit.checkout import actions, queries, tasks, wording
from tacit.checkout.actions import parcels
from tacit.checkout.models import MoneyIntent, Shipment
from tacit.checkout.rules.parcels import PARCEL_MOVES
from tacit.checkout.types.carrier import (
    OURS_ALONE,
    AnswerUnusable,
    Carrier,
    ParcelAnswer,
    ParcelEvent,
    ParcelState,
)
from tacit.checkout.types.order import OrderStatus, OrderView
from tacit.core import jobs, ports
from tacit.core.models import JournalEntry
from tacit.core.money import Money
from tests.checkout.fake_carrier import FakeCarrier
from tests.checkout.shopping import buy, fill
from tests.checkout.test_letters import letters
from tests.checkout.test_race import all_at_once
from tests.conftest import NOW

pytestmark = pytest.mark.django_db(transaction=True)
HOUR = timedelta(hours=1)
TUESDAY, FRIDAY = date(2026, 6, 2), date(2026, 6, 5)


@pytest.fixture
def carrier() -> Iterator[FakeCarrier]:
    fake = FakeCarrier()
    with ports.replaced(Carrier, fake), ports.replaced(Carrier, fake, name=fake.name):
        yield fake


@pytest.fixture
def number(kettle, provider, now) -> str:
    return buy(fill(kettle, now=now, quantity=2), now=now).number


@pytest.fixture
def parcel(number, carrier, staff, now) -> Shipment:
    """A parcel its carrier has."""
    send(staff, number, now)
    actions.sweep_parcels(now=now)
    return Shipment.objects.get()


def send(staff: Visitor, number: str, now, key: str = "parcel-1") -> None:
    actions.ship(staff, number, carrier="", tracking="", key=key, now=now)


def told(kind: str) -> list[dict[str, object]]:
    return [entry.data for entry in JournalEntry.objects.filter(kind=kind).order_by("id")]


def astray(staff: Visitor) -> list[tuple[str, str]]:
    """What the desk shows as needing a person: the order's worst parcel and why nobody takes it."""
    return [(row.parcel, row.parcel_error) for row in queries.staff_page(staff, status=queries.ASTRAY).rows]


def seen(number: str) -> OrderView:
    return queries.order_of(Visitor(order=number), number)


def test_a_parcel_waits_until_its_carrier_has_it(number, carrier, staff, now):
    send(staff, number, now)
    assert not carrier.calls, "nobody was called while the order was locked"
    assert MoneyIntent.objects.filter(kind="capture").count() == 1
    waiting = seen(number)
    assert waiting.status is OrderStatus.SHIPPED
    assert wording.status_sentence(waiting).startswith("Your order is packed.")
    assert len(letters(now)) == 1, "the confirmation alone: it is not on its way yet"
    actions.hand_over(Shipment.objects.get().pk, now=now)
    (taken,) = carrier.taken
    assert (taken.pieces, taken.to.city, taken.sent_at) == (2, "Hamburg", now)
    after = seen(number).shipments[0]
    assert (after.carrier, after.tracking, after.state) == ("Fake Post", "T1", ParcelState.HANDED_OVER)
    (shipped,) = told("order.shipped")
    assert shipped["complete"] is True
    assert "Fake Post, tracking number T1." in letters(now)[1].text


def test_sending_enqueues_the_call_with_the_row(number, carrier, staff, now):
    def counted() -> int:
        return sum(job.name == "checkout.hand_over" for job in jobs.latest(staff)[0])

    before = counted()
    with pytest.raises(RuntimeError), transaction.atomic():
        send(staff, number, now)
        raise RuntimeError
    assert counted() == before
    send(staff, number, now)
    assert counted() == before + 1
    tasks.hand_over(shipment=Shipment.objects.get().pk)
    assert Shipment.objects.get().tracking == "T1"


@pytest.mark.parametrize(("typed", "code"), [("DHL", ""), ("", "00340"), ("DHL", "00340")])
def test_another_carrier_is_typed_and_nobody_is_called(number, carrier, staff, now, typed, code):
    actions.ship(staff, number, carrier=typed, tracking=code, key="parcel-1", now=now)
    actions.sweep_parcels(now=now + timedelta(days=9))
    row = Shipment.objects.get()
    assert (row.carrier, row.tracking, row.state, row.look_at) == (typed, code, ParcelState.BY_HAND, None)
    assert not carrier.calls
    assert wording.status_sentence(seen(number)) == "Your order is on its way."


def test_an_unreachable_carrier_leaves_it_waiting_and_is_tried_again(number, carrier, staff, now):
    carrier.down = True
    send(staff, number, now)
    actions.sweep_parcels(now=now)
    row = Shipment.objects.get()
    assert (row.state, row.error) == (ParcelState.WAITING, "no answer")
    assert astray(staff) == [("waiting", "no answer")]
    actions.sweep_parcels(now=now + timedelta(seconds=1))
    assert carrier.calls == ["hand over"], "not before its pause is over"
    carrier.down = False
    actions.sweep_parcels(now=now + HOUR)
    assert Shipment.objects.get().state == ParcelState.HANDED_OVER
    assert not astray(staff)


def test_a_lost_answer_is_looked_for_before_the_second_try(number, carrier, staff, now):
    carrier.drop_answers = carrier.forgets = True
    send(staff, number, now)
    actions.sweep_parcels(now=now)
    carrier.drop_answers = False
    actions.sweep_parcels(now=now + HOUR)
    assert carrier.calls == ["hand over", "find"]
    assert len(carrier.parcels) == 1
    assert Shipment.objects.get().tracking == "T1"


def test_a_refused_parcel_waits_for_a_person_and_is_offered_no_more(number, carrier, staff, now):
    carrier.refuses = True
    send(staff, number, now)
    actions.sweep_parcels(now=now)
    assert astray(staff) == [("refused", "too heavy for us")]
    actions.sweep_parcels(now=now + timedelta(days=9))
    assert carrier.calls == ["hand over"]
    carrier.refuses = False
    assert actions.ask_carrier(staff, shipment=Shipment.objects.get().pk, now=now)
    assert carrier.calls == ["hand over", "find", "hand over"]
    assert not astray(staff)


def test_the_same_form_sent_twice_makes_one_parcel(number, carrier, staff, now):
    for _ in range(2):
        send(staff, number, now)
        actions.sweep_parcels(now=now)
    assert (Shipment.objects.count(), len(carrier.parcels)) == (1, 1)


def handed_over_at_once(number: str, carrier: FakeCarrier, staff: Visitor, now) -> int:
    """How many parcels a forgetful carrier has after many workers came with the same one."""
    carrier.forgets = carrier.blind = True
    carrier.slow = 0.05
    send(staff, number, now)
    row = Shipment.objects.get().pk
    all_at_once(lambda _turn: actions.hand_over(row, now=now), list(range(16)))
    return len(carrier.parcels)


def test_many_workers_hand_a_parcel_over_once(number, carrier, staff, now):
    assert handed_over_at_once(number, carrier, staff, now) == 1


def test_the_control_without_the_claim_makes_many_parcels(number, carrier, staff, now, monkeypatch):
    monkeypatch.setattr(parcels, "_CLAIM", parcels._CLAIM.replace("AND s.look_at <= %(now)s", ""))
    assert handed_over_at_once(number, carrier, staff, now) > 1


def news_at_once(parcel: Shipment, carrier: FakeCarrier, now) -> int:
    answer = carrier.turn(ParcelState.LOST, now)
    all_at_once(lambda _turn: actions.record_parcel(answer, now=now), list(range(32)))
    return len(told("parcel.lost"))


def test_the_same_news_at_once_is_told_once(parcel, carrier, now):
    assert news_at_once(parcel, carrier, now) == 1


def test_the_control_without_compare_and_set_tells_it_often(parcel, carrier, now, monkeypatch):
    monkeypatch.setattr(parcels, "_still_as_read", lambda row: Shipment.objects.filter(pk=row.pk))
    assert news_at_once(parcel, carrier, now) > 1


def test_its_carrier_is_asked_when_due_and_its_news_are_told(parcel, carrier, number, now):
    actions.sweep_parcels(now=now + HOUR / 2)
    assert carrier.calls == ["hand over"]
    carrier.turn(ParcelState.ON_ITS_WAY, now + HOUR, expected=TUESDAY)
    actions.sweep_parcels(now=now + HOUR)
    assert wording.parcel_sentence(seen(number).shipments[0]) == "On its way; expected on Tuesday 2 June."

    carrier.turn(ParcelState.DELAYED, now + 2 * HOUR, expected=FRIDAY)
    actions.sweep_parcels(now=now + 3 * HOUR)
    order = seen(number)
    assert wording.parcel_sentence(order.shipments[0]) == "Delayed; expected on Friday 5 June."
    assert wording.status_sentence(order) == "Your parcel is delayed. It is now expected on Friday 5 June."
    assert [event["expected"] for event in told("parcel.delayed")] == ["2026-06-05"]

    carrier.turn(ParcelState.DELIVERED, now + timedelta(days=3), expected=date(2026, 6, 4))
    actions.sweep_parcels(now=now + timedelta(days=3))
    order = seen(number)
    assert wording.status_sentence(order) == "Delivered on Thursday 4 June."
    assert [event.state for event in order.shipments[0].events] == [
        ParcelState.HANDED_OVER,
        ParcelState.ON_ITS_WAY,
        ParcelState.DELAYED,
        ParcelState.DELIVERED,
    ]
    calls = len(carrier.calls)
    actions.sweep_parcels(now=now + timedelta(days=90))
    assert len(carrier.calls) == calls, "what has arrived is asked about no more"
    subjects = [letter.subject.split(":")[0] for letter in letters(now)[1:]]
    assert subjects == ["On its way", "Delayed"], "nobody needs a mail about what is in their hands"


def test_a_second_delay_is_told_a_repeated_one_is_not(parcel, carrier, now):
    for passed, expected in enumerate((TUESDAY, TUESDAY, FRIDAY), start=2):
        answer = carrier.turn(ParcelState.DELAYED, now + HOUR, expected=expected)
        actions.record_parcel(answer, now=now + passed * HOUR)
    assert [event["expected"] for event in told("parcel.delayed")] == ["2026-06-02", "2026-06-05"]
    times = JournalEntry.objects.filter(kind="parcel.delayed").order_by("id").values_list("at", flat=True)
    assert list(times) == [now + HOUR, now + 4 * HOUR], "another day alone is as old as the hearing of it"


def test_what_was_held_up_moves_again_and_late_answers_do_not_turn_it_back(parcel, carrier, now):
    delayed = carrier.turn(ParcelState.DELAYED, now + HOUR, expected=FRIDAY)
    actions.record_parcel(delayed, now=now)
    moving = carrier.turn(ParcelState.ON_ITS_WAY, now + 2 * HOUR, expected=FRIDAY)
    assert actions.record_parcel(moving, now=now)
    assert not actions.record_parcel(delayed, now=now)
    assert Shipment.objects.get().state == ParcelState.ON_ITS_WAY
    assert len(told("parcel.delayed")) == 1
    assert actions.record_parcel(carrier.turn(ParcelState.DELAYED, now + 3 * HOUR, expected=FRIDAY), now=now)
    assert not actions.record_parcel(moving, now=now)
    assert Shipment.objects.get().state == ParcelState.DELAYED


EVENT = ParcelEvent(ParcelState.LOST, NOW)


@pytest.mark.parametrize(
    ("tracking", "state", "events", "why"),
    [
        ("", ParcelState.LOST, (EVENT,), "tracking code"),
        ("T" * 81, ParcelState.LOST, (EVENT,), "longer"),
        ("T1", ParcelState.LOST, (), "no event"),
        ("T1", ParcelState.DELIVERED, (EVENT,), "last event"),
        ("T1", ParcelState.REFUSED, (EVENT,), "ours to give"),
    ],
)
def test_an_answer_no_parcel_can_have_is_an_error_of_the_carrier(tracking, state, events, why):
    with pytest.raises(AnswerUnusable, match=why):
        ParcelAnswer("reference", tracking, state, None, events)


@pytest.mark.parametrize("wrong", [AnswerUnusable("no tracking code"), KeyError("no tracking code")])
def test_whatever_a_carrier_does_is_shown_and_tried_again_later(
    number, carrier, staff, now, monkeypatch, wrong
):
    def breaks(_parcel):
        raise wrong

    with monkeypatch.context() as patched:
        patched.setattr(carrier, "hand_over", breaks)
        send(staff, number, now)
        actions.sweep_parcels(now=now)
    ((state, error),) = astray(staff)
    assert (state, "no tracking code" in error) == ("waiting", True)
    assert Shipment.objects.get().look_at > now
    actions.sweep_parcels(now=now + HOUR)
    assert Shipment.objects.get().state == ParcelState.HANDED_OVER


def test_a_lost_parcel_is_said_and_stays_with_a_person_until_all_money_went_back(
    parcel, carrier, number, now, staff
):
    carrier.turn(ParcelState.LOST, now + HOUR)
    actions.sweep_parcels(now=now + HOUR)
    order = seen(number)
    assert wording.status_sentence(order).startswith("The carrier has lost a parcel. Talk to a person")
    assert astray(staff) == [("lost", "")]
    lost = letters(now)[-1]
    assert lost.subject == f"Lost parcel: order {number}"
    assert "The carrier has lost your parcel." in lost.text
    actions.sweep(now=now)
    cent = Money(1, "EUR")
    actions.refund(staff, number, amount=cent, reason="sorry", key="one-cent", now=now)
    assert astray(staff) == [("lost", "")]
    actions.refund(staff, number, amount=order.total - cent, reason="lost", key="back-again", now=now)
    assert not astray(staff)
    assert wording.status_sentence(seen(number)).endswith("Your money is on its way back.")


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (b, a)
        for b in PARCEL_MOVES
        for a in ParcelState
        if a not in PARCEL_MOVES[b] | OURS_ALONE and a is not b
    ],
)
def test_no_other_move_is_made(parcel, now, before, after):
    by_hand = before is ParcelState.BY_HAND
    closed = before in {ParcelState.BY_HAND, ParcelState.DELIVERED, ParcelState.REFUSED}
    Shipment.objects.update(
        state=before,
        look_at=None if closed else now,
        error="too heavy" if before is ParcelState.REFUSED else "",
        **({"through": "", "reference": None} if by_hand else {}),
    )
    row = Shipment.objects.values().get()
    answer = ParcelAnswer(parcel.reference or "", "T9", after, FRIDAY, (ParcelEvent(after, now),))
    assert not actions.record_parcel(answer, now=now)
    assert Shipment.objects.values().get() == row


@pytest.mark.parametrize(
    "wrong",
    [
        {"state": "elsewhere"},
        {"state": "by_hand"},
        {"through": ""},
        {"reference": None},
        {"tracking": ""},
        {"state": "waiting", "look_at": None},
        {"state": "delivered"},
        {"state": "refused", "error": "too heavy"},
        {"state": "refused", "look_at": None},
        {"settled_at": NOW},
        {"settled": "refunded"},
        {"settled_at": NOW, "settled": "somehow"},
    ],
)
def test_the_database_refuses_a_parcel_that_cannot_be(parcel, wrong):
    with pytest.raises(IntegrityError), transaction.atomic():
        Shipment.objects.update(**wrong)


def test_parcels_are_for_staff(parcel, now):
    for ask in (
        queries.staff_parcels,
        lambda who: actions.ask_carrier(who, shipment=parcel.pk, now=now),
    ):
        with pytest.raises(NotAllowed):
            ask(Visitor(order=parcel.order.number))
