"""The provider's clock follows the shop's, whoever of them was started anew."""

from __future__ import annotations

from datetime import timedelta

import pytest

from tacit.checkout.types.payment import PaymentRequest, PaymentState, ProviderRefused
from tacit.connectors.practice_provider.adapter import PracticeProvider
from tacit.connectors.practice_provider.signature import AHEAD_HEADER
from tacit.core.money import Money
from tests.connectors.practice import PracticeProcess


@pytest.fixture
def ahead() -> list[timedelta]:
    return [timedelta(0)]


@pytest.fixture
def provider(practice: PracticeProcess, ahead: list[timedelta]) -> PracticeProvider:
    return PracticeProvider(base_url=practice.url, secret=practice.secret, ahead=lambda: ahead[0])


def test_every_call_tells_the_time(provider: PracticeProvider, ahead: list[timedelta]) -> None:
    for moved in (timedelta(0), timedelta(days=3), timedelta(days=3, hours=1), timedelta(0)):
        ahead[0] = moved
        provider.look_up("nobody")
        assert provider.switches()["skipped_seconds"] == moved.total_seconds()


def test_held_money_lapses_when_the_shop_lets_time_pass(
    provider: PracticeProvider, ahead: list[timedelta]
) -> None:
    method = provider.methods()[0].code
    provider.authorise(PaymentRequest("order-1", Money(100, "EUR"), method, "http://shop.example/back", ""))
    ahead[0] = timedelta(days=8)
    answer = provider.look_up("order-1")
    assert answer is not None
    assert answer.state is PaymentState.VOIDED


def test_after_a_restart_it_follows_again(
    practice: PracticeProcess, provider: PracticeProvider, ahead: list[timedelta]
) -> None:
    ahead[0] = timedelta(days=2)
    provider.look_up("nobody")
    practice.kill()
    practice.start()
    assert practice.trouble()["skipped_seconds"] == 0
    provider.switch()
    assert provider.switches()["skipped_seconds"] == 2 * 86400


def test_without_a_moved_clock_nothing_is_told(practice: PracticeProcess) -> None:
    practice.trouble(skip_seconds=60)
    practice.provider.look_up("nobody")
    assert practice.trouble()["skipped_seconds"] == 60


@pytest.mark.parametrize("bad", ["-1", "1.5", "x", "١", "9" * 9])
def test_a_time_that_is_none_is_refused(practice: PracticeProcess, bad: str) -> None:
    answer = practice.call(
        "GET", "/v1/payments?reference=x", **{AHEAD_HEADER: bad.encode().decode("latin-1")}
    )
    assert answer.status == 400
    assert practice.trouble()["skipped_seconds"] == 0


def test_only_who_has_the_key_tells_the_time(practice: PracticeProcess) -> None:
    answer = practice.call(
        "GET", "/v1/payments?reference=x", **{AHEAD_HEADER: "60", "Authorization": "Bearer x"}
    )
    assert answer.status == 401
    assert practice.trouble()["skipped_seconds"] == 0


def test_switches_are_set_and_read(provider: PracticeProvider) -> None:
    assert provider.switch(next_payment="declines", down=3)["down"] == 3
    assert provider.switches()["next_payment"] == "declines"
    with pytest.raises(ProviderRefused):
        provider.switch(next_payment="perhaps")
