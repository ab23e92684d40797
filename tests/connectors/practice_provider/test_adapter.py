"""The adapter against the real process: the contract of every provider, and what is its own."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import ClassVar

import pytest

from tacit.checkout.types.payment import PaymentState, ProviderRefused, ProviderUnreachable
from tacit.connectors.practice_provider import cards
from tacit.connectors.practice_provider.adapter import PracticeProvider
from tests.connectors.payment_contract import PaymentContract
from tests.connectors.payment_sandbox import Instrument, Moved, eur, request
from tests.connectors.practice import PracticeProcess


class PracticeSandbox:
    approving = Instrument(cards.APPROVING.code)
    other_approving = Instrument(cards.LATE.code)
    declining = Instrument(cards.DECLINING.code)
    needs_action = Instrument(cards.ACTION.code)
    hosted = cards.PAGE

    def __init__(self, practice: PracticeProcess) -> None:
        self.practice = practice

    @property
    def provider(self) -> PracticeProvider:
        return self.practice.provider

    @property
    def watched(self) -> Instrument:
        first = self.provider.authorise(request(cards.WATCHED.code, keep=True))
        assert first.kept is not None
        return Instrument(saved=first.kept.token, customer=first.kept.customer)

    def finish(self, action_url: str, *, approve: bool) -> None:
        if b'name="card"' in self.practice.look(action_url).data:
            card = self.approving.method if approve else self.declining.method
            self.practice.choose(action_url, "pay", card)
        else:
            self.practice.choose(action_url, "approve" if approve else "decline")

    def moved(self, reference: str) -> Moved:
        lines = self.practice.ledger(reference)
        return [(line["kind"], line["amount_minor"], line["key"]) for line in lines]

    def go_down(self) -> None:
        self.practice.trouble(down=True)

    def come_back(self) -> None:
        self.practice.trouble(down=False)

    def drop_next_answer(self) -> None:
        self.practice.trouble(drop_answers=1)

    def forget_keys(self) -> None:
        self.practice.trouble(forget_keys=True)


class TestPracticeProvider(PaymentContract):
    @pytest.fixture
    def sandbox(self, practice: PracticeProcess) -> PracticeSandbox:
        return PracticeSandbox(practice)


def test_the_rest_of_a_partial_capture_is_released(practice: PracticeProcess) -> None:
    asked = request(cards.APPROVING.code, minor=1000)
    practice.provider.authorise(asked)
    practice.provider.capture(asked.reference, amount=eur(400), key="one")
    with pytest.raises(ProviderRefused) as refused:
        practice.provider.capture(asked.reference, amount=eur(600), key="two")
    assert refused.value.code == "state_not_allowed"


def test_an_authorisation_lapses_at_its_deadline(practice: PracticeProcess) -> None:
    asked = request(cards.APPROVING.code, minor=1000)
    practice.provider.authorise(asked)
    practice.trouble(skip_seconds=7 * 24 * 3600 - 60)
    held = practice.provider.look_up(asked.reference)
    assert held
    assert held.state is PaymentState.AUTHORISED
    practice.trouble(skip_seconds=61)
    lapsed = practice.provider.look_up(asked.reference)
    assert lapsed
    assert (lapsed.state, lapsed.captured) == (PaymentState.VOIDED, eur(0))
    assert [done.key for done in lapsed.operations] == [""]
    with pytest.raises(ProviderRefused):
        practice.provider.capture(asked.reference, amount=eur(1), key="late")


def test_keys_are_forgotten_after_a_day(practice: PracticeProcess) -> None:
    asked = request(cards.APPROVING.code)
    practice.provider.authorise(asked)
    practice.trouble(skip_seconds=24 * 3600 - 60)
    practice.provider.authorise(asked)
    assert len(practice.ledger(asked.reference)) == 1
    practice.trouble(skip_seconds=61)
    practice.provider.authorise(asked)
    assert len(practice.ledger(asked.reference)) == 2


@pytest.mark.parametrize(
    ("outcome", "state"),
    [("declines", "declined"), ("needs_action", "needs_action"), ("late", "processing")],
)
def test_the_next_payment_comes_out_as_told_and_only_the_next(
    practice: PracticeProcess, outcome: str, state: str
) -> None:
    practice.trouble(next_payment=outcome)
    assert practice.provider.authorise(request(cards.APPROVING.code)).state == state
    assert practice.provider.authorise(request(cards.APPROVING.code)).state == "authorised"


def test_a_declined_instrument_says_why(practice: PracticeProcess) -> None:
    poor = practice.provider.authorise(request(cards.POOR.code))
    assert (poor.decline_code, poor.instrument) == ("insufficient_funds", "Practice card ending 9995")


@pytest.mark.parametrize("how", ["503", "close"])
def test_down_for_so_many_requests(practice: PracticeProcess, how: str) -> None:
    practice.trouble(down=2, down_by=how)
    for _ in range(2):
        with pytest.raises(ProviderUnreachable):
            practice.provider.look_up("anything")
    assert practice.provider.look_up("anything") is None


def test_an_answer_that_takes_too_long_is_unreachable_and_the_work_may_still_be_done(
    practice: PracticeProcess,
) -> None:
    hasty = PracticeProvider(base_url=practice.url, secret=practice.secret, read_seconds=0.2)
    asked = request(cards.APPROVING.code)
    practice.trouble(delay_ms=1000)
    with pytest.raises(ProviderUnreachable):
        hasty.authorise(asked)
    # The first request is still under way: neither refused nor done, so nothing may be concluded.
    with pytest.raises(ProviderUnreachable, match="in_flight"):
        practice.provider.authorise(asked)
    found = practice.provider.look_up(asked.reference)
    assert found
    assert found.state is PaymentState.AUTHORISED
    assert len(practice.ledger(asked.reference)) == 1


def test_a_wrong_secret_is_refused(practice: PracticeProcess) -> None:
    stranger = PracticeProvider(base_url=practice.url, secret="another secret")
    with pytest.raises(ProviderRefused) as refused:
        stranger.authorise(request(cards.APPROVING.code))
    assert refused.value.code == "unauthorised"
    assert practice.ledger() == []


def test_many_threads_use_one_adapter(practice: PracticeProcess) -> None:
    asked = [request(cards.APPROVING.code, minor=100 + number) for number in range(40)]
    wrong: list[str] = []

    def pay(number: int) -> None:
        answer = practice.provider.authorise(asked[number])
        if (answer.reference, answer.authorised) != (asked[number].reference, asked[number].amount):
            wrong.append(answer.reference)

    threads = [threading.Thread(target=pay, args=(number,)) for number in range(40)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert wrong == []
    assert len(practice.ledger()) == 40


def test_it_works_again_after_the_provider_was_killed(practice: PracticeProcess) -> None:
    asked = request(cards.APPROVING.code, minor=1000)
    practice.provider.authorise(asked)
    practice.provider.capture(asked.reference, amount=eur(1000), key="take")
    practice.provider.refund(asked.reference, amount=eur(10), key="back")
    before = (practice.provider.look_up(asked.reference), practice.ledger())
    practice.kill()
    with pytest.raises(ProviderUnreachable):
        practice.provider.look_up(asked.reference)
    practice.start()
    assert (practice.provider.look_up(asked.reference), practice.ledger()) == before
    # Keys survive as well.
    practice.provider.refund(asked.reference, amount=eur(10), key="back")
    assert practice.ledger() == before[1]


@pytest.mark.parametrize("base_url", ["", "127.0.0.1:80", "ftp://127.0.0.1", "http://"])
def test_an_address_that_is_none(base_url: str) -> None:
    with pytest.raises(ValueError, match="address"):
        PracticeProvider(base_url=base_url, secret="s")


class Impostor(BaseHTTPRequestHandler):
    """Answers what it is told to, as a broken provider or a proxy before it might."""

    answer: ClassVar[tuple[int, bytes]]

    def do_GET(self) -> None:
        status, body = self.answer
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        self.send_header("Location", "/elsewhere")
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:
        pass


@pytest.fixture
def impostor() -> Iterator[PracticeProvider]:
    with HTTPServer(("127.0.0.1", 0), Impostor) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        yield PracticeProvider(base_url=f"http://127.0.0.1:{server.server_port}", secret="s")
        server.shutdown()
        thread.join()


@pytest.mark.parametrize(
    "answer",
    [
        (200, b"<html>Welcome to the hotel network</html>"),
        (200, b'{"payments": [{"state": "paid"}]}'),
        (200, b'{"payments": [{"refere'),
        (200, b"[]"),
        (302, b'{"payments": []}'),
        (404, b"<html>No such host</html>"),
        (404, b'{"detail": "no such host"}'),
        (429, b'{"error": {"code": "slow_down"}}'),
        (500, b'{"error": {"code": "oops"}}'),
    ],
    ids=lambda answer: f"{answer[0]} {answer[1][:12].decode()}",
)
def test_an_answer_that_cannot_be_trusted_is_none(
    impostor: PracticeProvider, answer: tuple[int, bytes]
) -> None:
    Impostor.answer = answer
    with pytest.raises(ProviderUnreachable):
        impostor.look_up("anything")
