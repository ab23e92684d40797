"""The shop's side of a webhook."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator

import pytest
from django.http import HttpResponse
from django.test import RequestFactory

from tacit.checkout import actions
from tacit.checkout.types.order import CheckoutError
from tacit.checkout.types.payment import PaymentProvider, ProviderRefused, ProviderUnreachable
from tacit.connectors.practice_provider import signature, webhook
from tacit.connectors.practice_provider.adapter import PracticeProvider
from tacit.core import clock, ports

SECRET = "shared"
BODY = json.dumps({"id": "evt_1", "payment": {"reference": "abc"}}).encode()


class Completion:
    """Stands in for the completion of payments: remembers, and fails when told to."""

    def __init__(self) -> None:
        self.completed: list[str] = []
        self.failure: Exception | None = None

    def __call__(self, *, reference: str, now: object, told: object) -> None:
        assert now
        if self.failure:
            raise self.failure
        self.completed.append(reference)


@pytest.fixture
def completion(monkeypatch: pytest.MonkeyPatch) -> Iterator[Completion]:
    completion = Completion()
    monkeypatch.setattr(actions, "complete_payment", completion)
    adapter = PracticeProvider(base_url="http://127.0.0.1:9", secret=SECRET)
    with ports.replaced(PaymentProvider, adapter, name="practice"):
        yield completion


def send(
    body: bytes = BODY, *, header: str | None = None, secret: str = SECRET, age: int = 0
) -> HttpResponse:
    signed = signature.sign(secret, body, at=int(clock.now().timestamp()) - age) if header is None else header
    request = RequestFactory().post(
        "/hooks/practice", body, content_type="application/json", headers={signature.HEADER: signed}
    )
    return webhook.receive(request)


def test_a_webhook_completes_the_payment_it_names(completion: Completion) -> None:
    assert send().status_code == 200
    assert completion.completed == ["abc"]


@pytest.mark.parametrize("failure", [ProviderUnreachable(), ProviderRefused("unauthorised")])
def test_what_could_not_be_looked_up_is_to_be_sent_again(completion: Completion, failure: Exception) -> None:
    completion.failure = failure
    assert send().status_code == 503


def test_a_payment_that_is_not_ours_is_not_to_be_sent_again(completion: Completion) -> None:
    completion.failure = CheckoutError("reference", "unknown")
    answer = send()
    assert (answer.status_code, json.loads(answer.content)) == (200, {"recorded": False})


@pytest.mark.parametrize(
    "sent",
    [
        {"secret": "other"},
        {"age": 301},
        {"header": ""},
        {"header": signature.sign(SECRET, BODY + b" ", at=int(time.time()))},
        {"body": b""},
        {"body": b"{"},
        {"body": b"[]"},
        {"body": b'{"payment": {}}'},
        {"body": b'{"payment": {"reference": 7}}'},
        {"body": b'{"payment": {"reference": ""}}'},
        {"body": b"[" * 60_000},
    ],
    ids=str,
)
def test_anything_else_is_refused_and_changes_nothing(completion: Completion, sent: dict[str, str]) -> None:
    answer = send(**sent)  # type: ignore[arg-type]
    assert answer.status_code == 400
    assert json.loads(answer.content)["error"]["code"] == "bad_webhook"
    assert completion.completed == []


def test_a_body_that_is_too_large_is_not_read_whole(completion: Completion) -> None:
    assert send(BODY + b" " * webhook.LARGEST_BODY_BYTES).status_code == 413
    assert completion.completed == []


def test_only_post(completion: Completion) -> None:
    assert webhook.receive(RequestFactory().get("/hooks/practice")).status_code == 405


def test_a_shop_with_another_provider_has_no_such_address() -> None:
    other: PaymentProvider = object()  # type: ignore[assignment]
    with ports.replaced(PaymentProvider, other, name="practice"):
        assert send().status_code == 404
