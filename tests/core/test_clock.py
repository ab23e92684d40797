"""The shop's clock: the world's, but in a demo one offset in the database that everybody reads."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest
from django.db import IntegrityError, connection, transaction

from tacit.core import clock
from tacit.core.clock import FARTHEST, ClockRefusal
from tacit.core.demo import DemoOnly
from tacit.core.models import DemoClock

pytestmark = pytest.mark.django_db
HOUR, SECOND = timedelta(hours=1), timedelta(seconds=1)


@pytest.fixture
def demo(settings) -> Iterator[None]:
    settings.DEMO = True
    clock.forget()
    yield
    clock._seen(timedelta(0))
    clock.forget()


def ahead() -> timedelta:
    return clock.now() - clock.real()


def test_outside_a_demo_the_table_is_neither_read_nor_written(django_assert_num_queries):
    DemoClock.objects.create(ahead_seconds=3600)
    with django_assert_num_queries(0):
        assert abs(ahead()) < SECOND
        with pytest.raises(DemoOnly):
            clock.move(by=HOUR)
        with pytest.raises(DemoOnly):
            clock.back_to_present()
    assert DemoClock.objects.get().ahead_seconds == 3600


def test_a_move_is_seen_here_at_once_and_adds_up(demo):
    assert clock.move(by=HOUR) == HOUR
    assert abs(ahead() - HOUR) < SECOND
    assert clock.move(by=timedelta(days=1)) == timedelta(days=1, hours=1)
    assert DemoClock.objects.get().ahead_seconds == 25 * 3600


def test_another_process_s_move_is_seen_soon(demo, monkeypatch):
    assert abs(ahead()) < SECOND
    DemoClock.objects.create(ahead_seconds=7200)  # as another process does
    assert abs(ahead()) < SECOND
    monkeypatch.setattr(clock, "READ_AGAIN_SECONDS", 0)
    assert abs(ahead() - 2 * HOUR) < SECOND


def test_many_questions_cost_one_statement(demo, django_assert_num_queries):
    clock.forget()
    with django_assert_num_queries(1):
        for _ in range(50):
            clock.now()


@pytest.mark.parametrize(
    ("by", "code"),
    [
        (timedelta(0), "not_forward"),
        (-HOUR, "not_forward"),
        (timedelta(milliseconds=1), "not_forward"),
        (FARTHEST + SECOND, "too_far"),
    ],
)
def test_it_goes_forward_only_and_not_too_far(demo, by, code):
    with pytest.raises(ClockRefusal) as refusal:
        clock.move(by=by)
    assert refusal.value.code == code
    assert not DemoClock.objects.exists()


def test_it_does_not_add_up_to_more_than_allowed(demo):
    clock.move(by=FARTHEST)
    with pytest.raises(ClockRefusal, match="too_far"):
        clock.move(by=SECOND)
    assert abs(ahead() - FARTHEST) < SECOND


def test_back_to_the_present(demo):
    clock.move(by=timedelta(days=7))
    clock.back_to_present()
    assert abs(ahead()) < SECOND
    assert not DemoClock.objects.exists()


@pytest.mark.parametrize(
    "row", [{"id": 2, "ahead_seconds": 1}, {"ahead_seconds": -1}, {"ahead_seconds": 367 * 86400}]
)
def test_the_table_holds_one_offset_within_bounds(row):
    with pytest.raises(IntegrityError), transaction.atomic():
        DemoClock.objects.create(**row)


@pytest.mark.django_db(transaction=True)
def test_without_a_database_the_last_known_offset_holds(demo, monkeypatch):
    clock.move(by=HOUR)
    clock.forget()
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE core_democlock RENAME TO core_elsewhere")
    try:
        assert abs(ahead() - HOUR) < SECOND
    finally:
        with connection.cursor() as cursor:
            cursor.execute("ALTER TABLE core_elsewhere RENAME TO core_democlock")
