"""An import killed in the middle leaves nothing; two at once import once."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from django.db import IntegrityError, connection

from tacit.catalog.actions import importing as catalog
from tacit.checkout.actions import importing as checkout
from tacit.connectors.order_files.importing import Summary, import_orders
from tests.connectors.order_files.files import NOW, PROFILE, bring_in, counts, row, save, select
from tests.connectors.order_files.processes import finish, start, start_and_stop_halfway

pytestmark = pytest.mark.django_db(transaction=True)

ROWS = tuple(row(invoice=str(500_000 + n), code=str(10_000 + n % 50)) for n in range(3_000))
EMPTY = {"checkout_order": 0, "checkout_orderline": 0, "catalog_product": 0, "core_journalentry": 0}
WHOLE = {
    "checkout_order": 3_000,
    "checkout_orderline": 3_000,
    "catalog_product": 50,
    "catalog_price": 50,
    "core_journalentry": 1,
}


def wait_until(true: Callable[[], bool]) -> None:
    end = time.monotonic() + 30
    while not true():
        assert time.monotonic() < end, "it did not happen within 30 s"
        time.sleep(0.02)


def others() -> list[tuple[object, ...]]:
    return select(
        "SELECT pid FROM pg_stat_activity WHERE datname = current_database() AND backend_type = 'client backend'"
        " AND state LIKE 'idle in transaction%' AND pid <> pg_backend_pid()"
    )


def waiting() -> list[tuple[object, ...]]:
    return select(
        "SELECT pid FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
    )


@pytest.mark.parametrize("how", ["kill -9", "connection lost"])
def test_killed_in_the_middle_nothing_is_imported_and_a_new_run_works(tmp_path: Path, how: str) -> None:
    path = save(tmp_path, *ROWS)
    process = start_and_stop_halfway(path)
    assert len(others()) == 1
    if how == "kill -9":
        process.kill()
        finish(process)
    else:
        select(  # of this database only: other test runs share the server
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE datname = current_database() AND state LIKE 'idle in transaction%'"
        )
    wait_until(lambda: not others())
    assert EMPTY.items() <= counts().items()
    ended = finish(start(path))
    assert ended.code == 0
    assert WHOLE.items() <= counts().items()
    if how != "kill -9":
        process.kill()
        finish(process)


class Second(threading.Thread):
    """Another import of the same file, on a connection of its own."""

    def __init__(self, path: Path) -> None:
        super().__init__()
        self.path = path
        self.summary: Summary | None = None
        self.error: Exception | None = None

    def run(self) -> None:
        try:
            self.summary = bring_in(self.path)
        except Exception as error:
            self.error = error
        finally:
            connection.close()


def two_at_once(path: Path) -> tuple[Summary, Second]:
    """The second starts while the first is writing, and the first goes on once the second waits for it."""
    bring_in(save(path.parent, row(code="POST"), name="before.csv"))  # tax rate and shipping are there
    second = Second(path)

    def writing(number: int, _of: int) -> None:
        if number == 2_500:
            second.start()
            wait_until(lambda: bool(waiting()))

    first = import_orders(path, profile=PROFILE, now=NOW, writing=writing)
    second.join(60)
    return first, second


def test_two_at_once_import_once(tmp_path: Path) -> None:
    first, second = two_at_once(save(tmp_path, *ROWS))
    assert second.error is None
    assert second.summary is not None
    assert (first.orders_created, second.summary.orders_created) == (3_000, 0)
    assert (first.products_created, second.summary.products_created) == (50, 0)
    assert second.summary.totals == first.totals
    assert counts()["checkout_order"] == 3_001


def test_without_the_locks_the_second_would_fail(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(catalog, "one_at_a_time", lambda: None)
    monkeypatch.setattr(checkout, "_one_at_a_time", lambda _origin: None)
    first, second = two_at_once(save(tmp_path, *ROWS))
    assert first.orders_created == 3_000
    assert isinstance(second.error, IntegrityError)
