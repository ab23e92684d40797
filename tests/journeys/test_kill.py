"""kill -9 of everything while people buy: whatever the shop acknowledged is still there, paid and mailed once."""

from __future__ import annotations

import contextlib
import sqlite3
import threading
import time

import psutil
import pytest
from benchmarks.harness.browser import Browser, BrowserError, fill_cart, path_of

from tests.journeys.house import House, house

BUYERS = 4
BEFORE_THE_KILL = 25
SETTLE_SECONDS = 90


class Crowd:
    """Buyers who go on until the shop is gone. ``acknowledged``: paths of orders the shop confirmed."""

    def __init__(self, port: int) -> None:
        self.port = port
        self.acknowledged: list[str] = []
        self.threads = [threading.Thread(target=self.buy) for _ in range(BUYERS)]
        for thread in self.threads:
            thread.start()

    def buy(self) -> None:
        browser = Browser("127.0.0.1", self.port)
        try:
            while len(self.acknowledged) < 10 * BEFORE_THE_KILL:
                browser.forget()
                checkout, values = fill_cart(browser, "enamel-mug")
                self.acknowledged.append(path_of(browser.post(checkout, values), checkout))
        except (OSError, BrowserError):
            browser.close()

    def wait_for(self, orders: int) -> None:
        deadline = time.monotonic() + 60
        while len(self.acknowledged) < orders and time.monotonic() < deadline:
            time.sleep(0.01)

    def join(self) -> None:
        for thread in self.threads:
            thread.join()


def settle(shop: House) -> None:
    """Until no order waits for its payment, no mail or money is left to send, and no job is a dead worker's."""
    deadline = time.monotonic() + SETTLE_SECONDS
    while time.monotonic() < deadline:
        ((waiting, mails, stuck, money),) = shop.ask(
            "SELECT (SELECT count(*) FROM checkout_order WHERE status = 'awaiting_payment'),"
            " (SELECT count(*) FROM checkout_order o WHERE status = 'paid' AND NOT EXISTS"
            "   (SELECT 1 FROM core_outboxmail m WHERE m.status = 'sent' AND m.subject LIKE '%' || o.number)),"
            " (SELECT count(*) FROM procrastinate_jobs j LEFT JOIN procrastinate_workers w ON w.id = j.worker_id"
            "   WHERE j.status = 'doing' AND (w.id IS NULL OR w.last_heartbeat < now() - interval '20 seconds')),"
            " (SELECT count(*) FROM checkout_moneyintent WHERE state = 'pending')"
        )
        if not (waiting or mails or stuck or money):
            return
        time.sleep(1)
    raise AssertionError(
        f"{waiting} orders wait, {mails} have no mail, {stuck} jobs are stuck, {money} intents are open"
    )


def cut_off_in_the_middle(shop: House) -> None:
    """Hold the provider still until an order waits for its answer."""
    for process in shop.processes():
        with contextlib.suppress(psutil.NoSuchProcess):  # PostgreSQL's own come and go
            if "tacit.connectors.practice_provider" in process.cmdline():
                process.suspend()
    deadline = time.monotonic() + 20
    while time.monotonic() < deadline:
        ((waiting,),) = shop.ask("SELECT count(*) FROM checkout_order WHERE status = 'awaiting_payment'")
        if waiting:
            return
        time.sleep(0.05)
    raise AssertionError("no order was waiting for the provider")


MONEY = ("authorised", "captured")


def check_the_provider_s_books(shop: House) -> int:
    """Nobody is charged twice, and for nothing but orders; how many payments hold or took money.

    A retry may have opened a payment a second time at the provider, but only one of them may hold money or have
    taken it, and what it has of it must be what the shop says it has.
    """
    path = shop.home / "practice.sqlite"
    with contextlib.closing(sqlite3.connect(f"{path.as_uri()}?mode=ro", uri=True)) as books:
        rows = books.execute(
            "SELECT reference, state, authorised, captured, refunded FROM payments"
        ).fetchall()
    asked = {str(reference) for reference, *_ in rows}
    moved = {
        str(reference): (held, taken, back) for reference, state, held, taken, back in rows if state in MONEY
    }
    assert sum(state in MONEY for _, state, *_ in rows) == len(moved), "charged twice"
    known = {
        str(reference): (status, amounts)
        for reference, status, *amounts in shop.ask(
            "SELECT p.reference, o.status, p.authorised_minor, p.captured_minor, p.refunded_minor"
            " FROM checkout_payment p JOIN checkout_order o ON o.id = p.order_id"
        )
    }
    assert asked <= set(known), "payments the shop knows nothing of"
    assert {reference: list(amounts) for reference, amounts in moved.items()} == {
        reference: known[reference][1] for reference in moved
    }, "the shop's books say otherwise"
    secured = {reference for reference, (status, _) in known.items() if status in {"paid", "shipped"}}
    assert secured <= set(moved), "an order without money"
    for reference in set(moved) - secured:
        _, taken, back = moved[reference]
        assert taken == back > 0, "money without an order"
    return len(moved)


def charge_again(shop: House) -> None:
    """The control: one payment stands in the provider's books twice."""
    with contextlib.closing(sqlite3.connect(shop.home / "practice.sqlite", timeout=10)) as books, books:
        found = books.execute("SELECT * FROM payments WHERE state = 'authorised'")
        names = [column[0] for column in found.description]
        again = {**dict(zip(names, found.fetchone(), strict=True)), "id": "again", "page_token": "again"}
        marks = ", ".join("?" * len(again))
        books.execute(f"INSERT INTO payments ({', '.join(again)}) VALUES ({marks})", tuple(again.values()))


def test_no_acknowledged_order_is_lost_when_everything_is_killed():
    with house() as shop:
        shop.ask("UPDATE catalog_stock SET on_hand = 100000 RETURNING 1")
        crowd = Crowd(shop.port)
        crowd.wait_for(BEFORE_THE_KILL)
        cut_off_in_the_middle(shop)
        shop.kill()
        crowd.join()
        acknowledged = set(crowd.acknowledged)
        assert len(acknowledged) >= BEFORE_THE_KILL
        shop.start()
        browser = Browser("127.0.0.1", shop.port)
        for path in acknowledged:
            assert browser.get(path).status == 200, path
        # A message whose sender died is taken up after five minutes: as if they had passed.
        shop.ask("UPDATE core_outboxmail SET due_at = now() WHERE status = 'sending' RETURNING 1")
        settle(shop)
        for path in acknowledged:
            assert b"Your order is paid" in browser.get(path).body, path
        browser.close()
        paid = shop.ask("SELECT number FROM checkout_order WHERE status = 'paid'")
        assert {path.split("/")[2] for path in acknowledged} <= {number for (number,) in paid}
        # Orders cut off in the middle are finished or failed, and every mail went out once.
        ((mails, different),) = shop.ask("SELECT count(*), count(DISTINCT subject) FROM core_outboxmail")
        assert mails == different
        ((claimed, owed),) = shop.ask(
            "SELECT (SELECT sum(claimed) FROM catalog_stock), (SELECT coalesce(sum(l.quantity - l.shipped), 0)"
            " FROM checkout_orderline l JOIN checkout_order o ON o.id = l.order_id WHERE o.status = 'paid')"
        )
        assert claimed == owed
        assert check_the_provider_s_books(shop) >= len(acknowledged)
        charge_again(shop)
        with pytest.raises(AssertionError, match="charged twice"):
            check_the_provider_s_books(shop)
