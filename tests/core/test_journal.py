"""Readers get every row, also those that commit late, exactly once and in commit order."""

from __future__ import annotations

import threading
import time

import psycopg
import pytest
from django.db import DatabaseError, connection, transaction

from tacit.core import journal
from tacit.core.events import OrderFailed
from tacit.core.models import JournalEntry

pytestmark = pytest.mark.django_db(transaction=True)


def fail(number: str) -> OrderFailed:
    return OrderFailed(order=number, person=None, reason="declined")


def other_connection() -> psycopg.Connection:
    settings = connection.settings_dict
    return psycopg.connect(host=settings["HOST"], dbname=settings["NAME"], user=settings["USER"])


INSERT = "INSERT INTO core_journalentry (kind, at, historic, data) VALUES ('order.failed', now(), false, %s)"
LATE = '{"order": "late", "person": null, "reason": "x"}'


def read_all(now) -> list[str]:
    seen: list[str] = []
    while journal.read("test", lambda rows: seen.extend(row.data["order"] for row in rows), now=now, limit=2):
        pass
    return seen


def read_until(now, rows: int) -> list[str]:
    """Readers wait for every transaction of the server, also those of another test run beside this one."""
    seen: list[str] = []
    deadline = time.monotonic() + 20
    while len(seen) < rows and time.monotonic() < deadline:
        seen += read_all(now)
        time.sleep(0.02)
    return seen + read_all(now)


def test_a_row_that_commits_late_is_not_skipped(now):
    with other_connection() as slow:
        slow.execute(INSERT, [LATE])  # takes the smaller id, stays open
        journal.record(fail("early"), at=now)
        assert read_all(now) == []  # stops below the open transaction
        slow.commit()
    assert sorted(read_until(now, 2)) == ["early", "late"]
    assert read_all(now) == []


def test_the_control_a_reader_by_id_alone_loses_it(now):
    with other_connection() as slow:
        slow.execute(INSERT, [LATE])
        journal.record(fail("early"), at=now)
        last = max(JournalEntry.objects.values_list("id", flat=True))
        slow.commit()
    assert not JournalEntry.objects.filter(id__gt=last).exists()


def test_many_writers_and_two_readers_lose_and_double_nothing(now):
    seen: list[str] = []
    lock = threading.Lock()
    done = threading.Event()

    def write(writer: int) -> None:
        with other_connection() as own:
            for number in range(30):
                body = f'{{"order": "{writer}-{number}", "person": null, "reason": "x"}}'
                own.execute(INSERT, [body])
                if number % 3:
                    own.commit()

    def keep(rows) -> None:
        with lock:
            seen.extend(row.data["order"] for row in rows)

    def read() -> None:
        while not done.is_set():
            journal.read("test", keep, now=now, limit=7)
        connection.close()

    writers = [threading.Thread(target=write, args=(n,)) for n in range(4)]
    readers = [threading.Thread(target=read) for _ in range(2)]
    for thread in writers + readers:
        thread.start()
    for thread in writers:
        thread.join()
    done.set()
    for thread in readers:
        thread.join()
    deadline = time.monotonic() + 20
    while len(seen) < 120 and time.monotonic() < deadline:
        journal.read("test", keep, now=now)
    assert sorted(seen) == sorted(f"{w}-{n}" for w in range(4) for n in range(30))


def test_a_failed_handler_moves_nothing(now):
    journal.record(fail("a"), at=now)
    with pytest.raises(ZeroDivisionError):
        deadline = time.monotonic() + 20
        while time.monotonic() < deadline:
            journal.read("test", lambda rows: 1 / 0, now=now)
    assert read_until(now, 1) == ["a"]


def test_the_database_refuses_to_change_the_past(now):
    journal.record(fail("a"), at=now)
    for statement in ("UPDATE core_journalentry SET kind = 'x'", "DELETE FROM core_journalentry"):
        with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
            connection.cursor().execute(statement)
    assert JournalEntry.objects.count() == 1


def test_the_lag_is_counted(now):
    read_all(now)
    for number in "ab":
        journal.record(fail(number), at=now)
    (lag,) = [lag for lag in journal.lags(now=now) if lag.reader == "test"]
    assert lag.entries == 2
