"""What /readyz and the figures say when the shop is whole, and when a part of it is not."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Iterator
from datetime import datetime
from typing import Any

import pytest
from django.db import OperationalError, connection
from django.test import Client
from pytest_django.fixtures import Settings

from tacit.config import health
from tacit.config.health import Readiness, Watch
from tacit.core import journal, tally
from tacit.core.events import OrderFailed
from tests.config.conftest import wait_for_readable
from tests.core.test_journal import INSERT, LATE, other_connection

READY = Readiness("ok", "ok", "ok")


@pytest.fixture
def worker(transactional_db: None, monkeypatch: pytest.MonkeyPatch, settings: Settings) -> Iterator[None]:
    """A worker that was heard of just now; and no answer is kept from the test before."""
    settings.MIDDLEWARE = [each for each in settings.MIDDLEWARE if not each.startswith("whitenoise.")]
    monkeypatch.setattr(health, "_watch", Watch(health.look))
    heartbeat("now()")
    yield
    heartbeat(None)


def heartbeat(when: str | None) -> None:
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM procrastinate_workers")
        if when:
            cursor.execute(f"INSERT INTO procrastinate_workers (last_heartbeat) VALUES ({when})")


def readyz() -> tuple[int, dict[str, Any]]:
    answer = Client().get("/readyz")
    assert answer["Cache-Control"] == "no-store"
    assert not answer.cookies
    return answer.status_code, json.loads(answer.content)


def test_a_whole_shop_is_ready(worker: None) -> None:
    assert readyz() == (200, {"ready": True, "database": "ok", "migrations": "ok", "worker": "ok"})


@pytest.mark.parametrize(
    ("when", "words"),
    [(None, "none runs: start `tacit work`"), ("now() - interval '95 seconds'", "not heard of for 95 s")],
)
def test_a_silent_worker_is_told(worker: None, when: str | None, words: str) -> None:
    heartbeat(when)
    status, said = readyz()
    assert (status, said["ready"], said["worker"], said["database"]) == (503, False, words, "ok")


def test_tables_of_an_older_version_are_told(worker: None, monkeypatch: pytest.MonkeyPatch) -> None:
    newer = health.wanted() | {"core.0999_later"}
    monkeypatch.setattr(health, "wanted", lambda: newer)
    status, said = readyz()
    assert (status, said["migrations"]) == (503, "1 not applied, first core.0999_later: run `tacit prepare`")


def test_a_missing_database_is_told_without_its_address(
    worker: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(
        health, "_address", lambda: {"host": "127.0.0.1", "port": 9, "user": "ana", "password": "geheim"}
    )
    status, said = readyz()
    assert (status, said["database"]) == (503, "cannot be reached")
    assert not {"geheim", "ana", "127.0.0.1"} & set(json.dumps(said).split('"'))


def test_it_answers_in_time_when_the_database_hangs_and_recovers() -> None:
    hang, looks = threading.Event(), []

    def look() -> Readiness:
        looks.append(1)
        hang.wait(10)
        return READY

    watch = Watch(look)
    begin = time.monotonic()
    found = watch.ask()
    assert 0.9 < time.monotonic() - begin < 1.5
    assert (found.ready, found.database) == (False, "does not answer within 1 s")
    watch.ask()
    assert len(looks) == 1, "one look at a time, however many ask"
    hang.set()
    assert watch.ask().ready
    for _ in range(50):
        assert watch.ask().ready
    assert len(looks) == 1, "an answer is believed for a second"


def test_a_look_that_never_ends_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    never = threading.Event()
    looks: list[int] = []

    def look() -> Readiness:
        looks.append(1)
        if len(looks) == 1:
            never.wait(20)
        return READY

    monkeypatch.setattr(health, "PATIENCE_SECONDS", 0.1)
    monkeypatch.setattr(health, "ABANDONED_SECONDS", 0.2)
    watch = Watch(look)
    assert not watch.ask().ready
    time.sleep(0.2)
    assert watch.ask().ready
    never.set()


def test_the_tally_counts_each_row_once_also_a_late_one(transactional_db: None, now: datetime) -> None:
    def fail(reason: str, *, historic: bool = False) -> None:
        journal.record(OrderFailed(order="1", person=None, reason=reason), at=now, historic=historic)

    fail("before")
    wait_for_readable()
    place = tally.newest()
    with other_connection() as late:
        late.execute(INSERT, [LATE])
        fail("declined")
        place, counted = tally.since(place)
        assert not counted
    fail("imported", historic=True)
    wait_for_readable()
    place, counted = tally.since(place)
    assert counted == {("order.failed", "declined"): 1, ("order.failed", "x"): 1}
    assert not tally.since(place)[1]


def test_the_figures_hold_the_house_and_survive_a_missing_database(
    worker: None, tmp_path: Any, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    from prometheus_client import generate_latest

    from tacit.config import metrics

    figures = metrics.registry(str(tmp_path))
    assert b"tacit_database_up 1.0" in generate_latest(figures)
    journal.record(OrderFailed(order="1", person=None, reason="declined"), at=now)
    wait_for_readable()
    journal.read("desk", lambda rows: None, now=now)
    journal.record(OrderFailed(order="2", person=None, reason="declined"), at=now)
    wait_for_readable()
    text = generate_latest(figures).decode()
    for line in (
        'tacit_events_total{kind="order.failed",reason="declined"} 2.0',
        'tacit_journal_unread{reader="desk"} 1.0',
        'tacit_outbox_mails{status="failed"} 0.0',
        'tacit_jobs{status="failed"} 0.0',
        'tacit_ready{part="worker"} 1.0',
    ):
        assert line in text.splitlines()

    def gone(*, now: datetime) -> None:
        raise OperationalError("gone")

    monkeypatch.setattr(journal, "lags", gone)
    assert generate_latest(figures).decode().splitlines()[-1] == "tacit_database_up 0.0"
