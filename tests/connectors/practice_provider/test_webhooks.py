"""What the provider tells the shop, and how often."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from tacit.checkout.types.payment import PaymentState
from tacit.connectors.practice_provider import cards, signature
from tests.connectors.payment_sandbox import eur, request
from tests.connectors.practice import PracticeProcess


class Shop:
    """Listens for webhooks: `heard` holds event id, type and reference of those it accepted."""

    def __init__(self, secret: str) -> None:
        self.secret = secret
        self.refusing = 0
        self.refused = 0
        self.thinks_long_about = ""
        self.heard: list[tuple[str, str, str]] = []
        shop = self

        class Hook(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                self.send_response(shop.hear(self.headers[signature.HEADER], body))
                self.end_headers()

            def log_message(self, format: str, *args: object) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Hook)
        self.url = f"http://127.0.0.1:{self.server.server_port}/hooks/practice"

    def hear(self, header: str, body: bytes) -> int:
        signature.verify(self.secret, header, body, now=datetime.now(UTC))
        if self.refusing:
            self.refusing -= 1
            self.refused += 1
            return 503
        event = json.loads(body)
        if event["type"] == self.thinks_long_about:
            time.sleep(0.3)
        self.heard.append((event["id"], event["type"], event["payment"]["reference"]))
        return 200

    def kinds(self) -> list[str]:
        return [kind for _, kind, _ in self.heard]


@pytest.fixture
def shop(practice: PracticeProcess) -> Iterator[Shop]:
    shop = Shop(practice.secret)
    thread = threading.Thread(target=shop.server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    practice.trouble(webhook_url=shop.url, late_seconds=0)
    yield shop
    practice.reset()
    shop.server.shutdown()
    shop.server.server_close()
    thread.join()


def wait_until(condition: Callable[[], object], seconds: float = 10) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "waited in vain"
        time.sleep(0.02)


def buy(practice: PracticeProcess, code: str = cards.APPROVING.code) -> str:
    asked = request(code, minor=1000)
    practice.provider.authorise(asked)
    return asked.reference


def test_each_is_sent_twice_and_sometimes_overtaken(practice: PracticeProcess, shop: Shop) -> None:
    for _ in range(2):
        reference = buy(practice)
        practice.provider.capture(reference, amount=eur(1000), key=f"take {reference}")
        practice.provider.refund(reference, amount=eur(10), key=f"back {reference}")
    wait_until(lambda: len(shop.heard) == 12)
    events = list(dict.fromkeys(shop.heard))
    assert len(events) == 6
    assert all(shop.heard.count(event) == 2 for event in events)
    written = [line["kind"].removesuffix("e") for line in practice.ledger()]
    heard = [kind.removeprefix("payment.").removesuffix("ed").removesuffix("e") for _, kind, _ in events]
    assert sorted(heard) == sorted(written)
    assert heard != written


def test_calm_is_once_and_in_order(practice: PracticeProcess, shop: Shop) -> None:
    practice.trouble(webhook_copies=1, webhook_shuffle=False)
    shop.thinks_long_about = "payment.authorised"
    reference = buy(practice)
    practice.provider.capture(reference, amount=eur(1000), key="take")
    practice.provider.refund(reference, amount=eur(10), key="back")
    wait_until(lambda: len(shop.heard) >= 3)
    time.sleep(0.7)
    assert shop.kinds() == ["payment.authorised", "payment.captured", "payment.refunded"]


def test_a_late_payment_is_told_only_by_webhook(practice: PracticeProcess, shop: Shop) -> None:
    practice.trouble(late_seconds=1)
    reference = buy(practice, cards.LATE.code)
    found = practice.provider.look_up(reference)
    assert found
    assert (found.state, found.authorised) == (PaymentState.PROCESSING, eur(0))
    assert shop.heard == []
    wait_until(lambda: shop.heard)
    assert shop.heard[0][1:] == ("payment.authorised", reference)
    after = practice.provider.look_up(reference)
    assert after
    assert after.state is PaymentState.AUTHORISED


def test_a_lapsed_authorisation_is_told(practice: PracticeProcess, shop: Shop) -> None:
    reference = buy(practice)
    practice.trouble(skip_seconds=8 * 24 * 3600)
    wait_until(lambda: "payment.voided" in shop.kinds())
    assert [line["kind"] for line in practice.ledger(reference)] == ["authorise", "void"]


def test_what_is_not_accepted_is_sent_again(practice: PracticeProcess, shop: Shop) -> None:
    practice.trouble(webhook_copies=1, webhook_shuffle=False)
    shop.refusing = 2
    buy(practice)
    wait_until(lambda: shop.heard)
    assert shop.refused == 2


def test_a_killed_provider_still_sends_what_it_owed(practice: PracticeProcess, shop: Shop) -> None:
    practice.trouble(webhook_delay_ms=600)
    reference = buy(practice)
    practice.kill()
    assert shop.heard == []
    practice.start()
    practice.trouble(webhook_url=shop.url)
    wait_until(lambda: len(shop.heard) == 2)
    assert {heard[1:] for heard in shop.heard} == {("payment.authorised", reference)}


def test_a_shop_that_hangs_does_not_hold_up_the_provider(practice: PracticeProcess, shop: Shop) -> None:
    release = threading.Event()
    hear = shop.hear

    def hang(header: str, body: bytes) -> int:
        release.wait(10)
        return hear(header, body)

    shop.hear = hang  # type: ignore[method-assign]
    for _ in range(8):
        buy(practice)
    time.sleep(0.5)
    started = time.monotonic()
    buy(practice)
    assert time.monotonic() - started < 1
    release.set()
    wait_until(lambda: len(shop.heard) == 18)
