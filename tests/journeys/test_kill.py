"""kill -9 of everything while people buy: whatever the shop acknowledged is still there, paid and mailed once."""

from __future__ import annotations

import threading
import time

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
    """Until no order waits for its payment and no job or mail is left."""
    deadline = time.monotonic() + SETTLE_SECONDS
    while time.monotonic() < deadline:
        ((waiting, mails, stuck),) = shop.ask(
            "SELECT (SELECT count(*) FROM checkout_order WHERE status = 'awaiting_payment'),"
            " (SELECT count(*) FROM checkout_order o WHERE status = 'paid' AND NOT EXISTS"
            "   (SELECT 1 FROM core_outboxmail m WHERE m.status = 'sent' AND m.subject LIKE '%' || o.number)),"
            " (SELECT count(*) FROM procrastinate_jobs WHERE status = 'doing'"
            "   AND scheduled_at < now() - interval '1 minute')"
        )
        if not (waiting or mails or stuck):
            return
        time.sleep(1)
    raise AssertionError(f"{waiting} orders wait, {mails} have no mail, {stuck} jobs are stuck")


def cut_off_in_the_middle(shop: House) -> None:
    """Hold the provider still until an order waits for its answer."""
    (provider,) = [p for p in shop.processes() if "tacit.connectors.practice_provider" in p.cmdline()]
    provider.suspend()
    deadline = time.monotonic() + 20
    while time.monotonic() < deadline:
        ((waiting,),) = shop.ask("SELECT count(*) FROM checkout_order WHERE status = 'awaiting_payment'")
        if waiting:
            return
        time.sleep(0.05)
    raise AssertionError("no order was waiting for the provider")


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
            page = browser.get(path)
            assert page.status == 200, path
            assert b"Your order is paid" in page.body, path
        browser.close()
        settle(shop)
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
