"""Pytest plugin and sandbox: the adapter against a local Stripe."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tacit.connectors.stripe.adapter import PAGE, StripeProvider
from tests.connectors.payment_sandbox import Instrument, Moved
from tests.connectors.stripe.fake import KEY, SECRET, FakeStripe


class StripeSandbox:
    hosted = PAGE

    def __init__(self, fake: FakeStripe) -> None:
        self.fake = fake
        self.provider = StripeProvider(key=KEY, webhook_secrets=[SECRET], api=fake.url, read_seconds=5)

    def _kept(self, card: str) -> Instrument:
        token, customer = self.fake.books.instrument(card)
        return Instrument(saved=token, customer=customer)

    @property
    def approving(self) -> Instrument:
        return self._kept("visa")

    @property
    def other_approving(self) -> Instrument:
        return self._kept("mastercard")

    @property
    def declining(self) -> Instrument:
        return self._kept("declining")

    @property
    def watched(self) -> Instrument:
        return self._kept("watched")

    needs_action = watched

    def finish(self, action_url: str, *, approve: bool) -> None:
        books, identity = self.fake.books, action_url.rpartition("/")[2]
        if "/pay/" in action_url:
            books.pay_on_page(books.sessions[identity], "visa" if approve else "declining")
        elif books.intents[identity]["status"] == "requires_action":
            intent = books.intents[identity]
            books.hold(intent) if approve else books.fail_authentication(intent)

    def moved(self, reference: str) -> Moved:
        return [tuple(rest) for named, *rest in self.fake.books.moved if named == reference]  # type: ignore[misc]

    def go_down(self) -> None:
        self.fake.down = "503"

    def come_back(self) -> None:
        self.fake.down = ""

    def drop_next_answer(self) -> None:
        self.fake.drop, self.fake.drop_after = 1, 0

    def forget_keys(self) -> None:
        self.fake.forget_keys()


@pytest.fixture
def fake_stripe() -> Iterator[FakeStripe]:
    fake = FakeStripe()
    yield fake
    fake.stop()


@pytest.fixture
def sandbox(fake_stripe: FakeStripe) -> StripeSandbox:
    return StripeSandbox(fake_stripe)
