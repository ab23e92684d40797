"""Trouble made in rooms on purpose: in demos only."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tacit.core import demo
from tacit.core.demo import DemoOnly, Trouble, make_trouble, trouble_of
from tacit.core.models import RoomTrouble

pytestmark = pytest.mark.django_db


@pytest.fixture
def in_a_demo(settings) -> Iterator[None]:
    settings.DEMO = True
    demo.forget()
    yield
    demo.forget()


def test_a_room_is_slowed_killed_and_healed(in_a_demo):
    for trouble in (Trouble(slow_ms=1500), Trouble(dead=True), Trouble()):
        make_trouble(room="catalog", slow_ms=trouble.slow_ms, dead=trouble.dead)
        assert trouble_of("catalog") == trouble
    assert not RoomTrouble.objects.exists()
    make_trouble(room="catalog", slow_ms=10**9)
    assert trouble_of("catalog").slow_ms == demo.LONGEST_DELAY_MS
    assert trouble_of("checkout") == Trouble()


def test_outside_a_demo_no_room_is_ever_in_trouble(django_assert_num_queries):
    RoomTrouble.objects.create(room="catalog", dead=True)
    with django_assert_num_queries(0):
        assert trouble_of("catalog") == Trouble()
        with pytest.raises(DemoOnly):
            make_trouble(room="catalog")
    assert RoomTrouble.objects.get().dead


def test_asking_often_costs_one_statement(in_a_demo, django_assert_num_queries):
    with django_assert_num_queries(1):
        for _ in range(50):
            trouble_of("catalog")
