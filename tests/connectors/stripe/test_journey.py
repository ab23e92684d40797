"""Buying with Stripe through the shop's pages: its page, the way back, and webhooks however they come."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.core.cache import cache
from django.test import Client
from pytest_django.fixtures import Settings

from tacit.checkout import actions
from tacit.checkout.models import MoneyDrift, MoneyIntent, Order, Payment
from tacit.checkout.types.payment import PaymentProvider
from tacit.connectors.stripe import webhook
from tacit.core import ports
from tests.connectors.stripe.fake import SECRET, FakeStripe
from tests.connectors.stripe.sandbox import StripeSandbox, fake_stripe, sandbox
from tests.web.conftest import order_form, with_kettle

__all__ = ["fake_stripe", "sandbox"]
pytestmark = [pytest.mark.django_db, pytest.mark.urls("tests.connectors.stripe.urls")]


@pytest.fixture(autouse=True)
def shop(sandbox: StripeSandbox, settings: Settings) -> Iterator[None]:
    plain = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
    settings.STORAGES = {**settings.STORAGES, "staticfiles": plain}
    settings.MIDDLEWARE = [each for each in settings.MIDDLEWARE if not each.startswith("whitenoise.")]
    cache.clear()
    stripe = sandbox.provider
    with ports.replaced(PaymentProvider, stripe), ports.replaced(PaymentProvider, stripe, name="stripe"):
        yield
    cache.clear()


def gone_to_pay(kettle: int) -> tuple[Client, str]:
    """A buyer who is on Stripe's page, at the address returned."""
    client = with_kettle(kettle)
    answer = client.post("/checkout", order_form(client, method="page"))
    assert answer.status_code == 303, answer.content.decode()
    return client, answer["Location"]


def tell(fake: FakeStripe, event: dict[str, Any], **how: Any) -> int:
    body, header = fake.sign(event, **how)
    return post(body, header)


def post(body: bytes, header: str) -> int:
    answer = Client().post(
        "/hooks/stripe", body, content_type="application/json", headers={webhook.HEADER: header}
    )
    return answer.status_code


def come_back(client: Client, fake: FakeStripe) -> str:
    """The browser follows Stripe's redirect; the order's status."""
    (session,) = fake.books.sessions.values()
    client.get(session["success_url"].replace("http://127.0.0.1:8000", ""), follow=True)
    return Order.objects.get().status


def paid_once(fake: FakeStripe) -> bool:
    kinds = [kind for _, kind, _, _ in fake.books.moved]
    return Order.objects.get().status == "paid" and kinds == ["authorise"]


def asked(fake: FakeStripe) -> int:
    return len([one for one in fake.requests if one.startswith("GET")])


@pytest.mark.parametrize("first", ["webhook", "return"])
def test_paid_once_however_the_news_comes(kettle: int, sandbox: StripeSandbox, first: str) -> None:
    fake = sandbox.fake
    client, page = gone_to_pay(kettle)
    assert page.startswith(f"{fake.url}/pay/cs_test_")
    assert Order.objects.get().status == "awaiting_payment"
    sandbox.finish(page, approve=True)
    if first == "return":
        assert come_back(client, fake) == "paid"
    for event in reversed(fake.books.events):
        assert tell(fake, event) == 200
    assert paid_once(fake)
    questions = asked(fake)
    for event in fake.books.events * 2:
        assert tell(fake, event) == 200
    assert asked(fake) == questions, "a doubled webhook asked again"
    assert come_back(client, fake) == "paid"
    payment = Payment.objects.get()
    assert (payment.state, payment.authorised_minor) == ("authorised", payment.amount_minor)
    assert payment.provider_reference.startswith("pi_")
    assert paid_once(fake)


def test_what_happens_afterwards_comes_by_webhook_too(kettle: int, sandbox: StripeSandbox) -> None:
    fake = sandbox.fake
    client, page = gone_to_pay(kettle)
    sandbox.finish(page, approve=True)
    come_back(client, fake)
    payment = Payment.objects.get()
    fake.books.events.clear()
    intent = fake.books.intents[payment.provider_reference]
    fake.books.capture(intent, {})
    fake.books.refund({"payment_intent": intent["id"], "amount": 100})
    for event in reversed(fake.books.events):
        assert tell(fake, event) == 200
    payment.refresh_from_db()
    assert (payment.state, payment.refunded_minor) == ("captured", 100)


def test_a_declined_card_leaves_the_order_waiting_for_another(kettle: int, sandbox: StripeSandbox) -> None:
    fake = sandbox.fake
    client, page = gone_to_pay(kettle)
    sandbox.finish(page, approve=False)
    for event in fake.books.events:
        assert tell(fake, event) == 200
    assert come_back(client, fake) == "awaiting_payment"
    assert Payment.objects.get().action_url == page
    sandbox.finish(page, approve=True)
    assert come_back(client, fake) == "paid"


def test_a_shop_that_gave_up_closes_the_page(kettle: int, sandbox: StripeSandbox) -> None:
    _, page = gone_to_pay(kettle)
    late = datetime.now(UTC) + timedelta(hours=1)
    actions.sweep(now=late)
    actions.sweep(now=late + timedelta(minutes=1))
    sandbox.finish(page, approve=True)
    assert [kind for _, kind, _, _ in sandbox.fake.books.moved] == ["void"]
    assert Order.objects.get().status == "failed"
    assert list(MoneyIntent.objects.values_list("kind", "state")) == [("void", "done")]


def with_a_voucher(kettle: int, sandbox: StripeSandbox) -> dict[str, Any]:
    """The intent of an order whose buyer has a voucher to pay at a counter, as every message told."""
    books = sandbox.fake.books
    _, page = gone_to_pay(kettle)
    books.pay_on_page(books.sessions[page.rpartition("/")[2]], "voucher")
    for event in books.events:
        assert tell(sandbox.fake, event) == 200
    (intent,) = books.intents.values()
    return intent


def test_a_voucher_is_waited_for(kettle: int, sandbox: StripeSandbox, settings: Settings) -> None:
    settings.PAYMENT_CAPTURE = "at_once"
    fake, intent = sandbox.fake, with_a_voucher(kettle, sandbox)
    payment = Payment.objects.get()
    assert (Order.objects.get().status, payment.state) == ("awaiting_payment", "needs_action")
    assert payment.action_url.startswith(f"{fake.url}/voucher/")
    fake.books.pay_voucher(intent)
    assert tell(fake, fake.books.events[-1]) == 200
    assert Order.objects.get().status == "paid"
    assert Payment.objects.get().captured_minor == payment.amount_minor


def test_a_voucher_nobody_paid_in_time_can_no_longer_be_paid(
    kettle: int, sandbox: StripeSandbox, settings: Settings
) -> None:
    settings.PAYMENT_CAPTURE = "at_once"
    intent = with_a_voucher(kettle, sandbox)
    late = datetime.now(UTC) + timedelta(hours=1)
    actions.sweep(now=late)
    actions.sweep(now=late + timedelta(minutes=1))
    sandbox.fake.books.pay_voucher(intent)
    assert (Order.objects.get().status, Payment.objects.get().state) == ("failed", "voided")
    assert [kind for _, kind, _, _ in sandbox.fake.books.moved] == ["void"]


def test_a_voucher_that_expired_fails_the_order(
    kettle: int, sandbox: StripeSandbox, settings: Settings
) -> None:
    settings.PAYMENT_CAPTURE = "at_once"
    fake, intent = sandbox.fake, with_a_voucher(kettle, sandbox)
    fake.books.let_voucher_expire(intent)
    assert tell(fake, fake.books.events[-1]) == 200
    assert Order.objects.get().status == "failed"


def test_a_refund_that_fails_days_later_is_named(
    kettle: int, sandbox: StripeSandbox, settings: Settings
) -> None:
    settings.PAYMENT_CAPTURE = "at_once"
    fake = sandbox.fake
    client, page = gone_to_pay(kettle)
    sandbox.finish(page, approve=True)
    come_back(client, fake)
    fake.books.refund({"payment_intent": Payment.objects.get().provider_reference, "amount": 100})
    later = datetime.now(UTC) + timedelta(hours=1)
    actions.reconcile(now=later)
    assert Payment.objects.get().refunded_minor == 100
    assert not MoneyDrift.objects.exists()
    (refund,) = fake.books.refunds.values()
    fake.books.fail_refund(refund)
    assert tell(fake, fake.books.events[-1]) == 200
    actions.reconcile(now=later + timedelta(hours=1))
    drift = MoneyDrift.objects.get(gone_at=None)
    assert (drift.what, drift.ours_minor, drift.theirs_minor) == ("provider_refunded", 100, 0)


def test_forged_changed_and_recorded_webhooks_are_refused(kettle: int, sandbox: StripeSandbox) -> None:
    fake = sandbox.fake
    _, page = gone_to_pay(kettle)
    sandbox.finish(page, approve=True)
    event = fake.books.events[-1]
    body, header = fake.sign(event)
    assert post(body.replace(b'"complete"', b'"Complete"'), header) == 400
    assert post(json.dumps(json.loads(body), indent=1).encode(), header) == 400, "the same in other bytes"
    assert post(body, "") == 400
    assert post(body, header.replace("v1=", "v0=")) == 400
    assert tell(fake, event, secret="whsec_another") == 400
    assert tell(fake, event, at=time.time() - 301) == 400
    assert post(b"\xff", header) == 400
    assert post(body + b" " * webhook.LARGEST_BODY_BYTES, header) == 413
    assert Order.objects.get().status == "awaiting_payment"
    assert post(body, header) == 200
    assert Order.objects.get().status == "paid"


def test_while_one_secret_is_replaced_both_are_believed(kettle: int, sandbox: StripeSandbox) -> None:
    fake = sandbox.fake
    sandbox.provider.webhook_secrets = ("whsec_new", SECRET)
    _, page = gone_to_pay(kettle)
    sandbox.finish(page, approve=True)
    assert tell(fake, fake.books.events[-1], secret="whsec_new") == 200
    assert tell(fake, fake.books.events[-1]) == 200


def test_webhooks_about_others_and_in_bad_times(kettle: int, sandbox: StripeSandbox) -> None:
    fake = sandbox.fake
    fake.books.note("payout.paid", {"id": "po_1", "object": "payout"})
    fake.books.note(
        "charge.refunded", {"id": "ch_1", "object": "charge", "metadata": {"tacit_reference": "x"}}
    )
    assert [tell(fake, event) for event in fake.books.events] == [200, 200]
    _, page = gone_to_pay(kettle)
    sandbox.finish(page, approve=True)
    fake.down = "500"
    assert tell(fake, fake.books.events[-1]) == 503
    fake.down = ""
    assert tell(fake, fake.books.events[-1]) == 200
    assert paid_once(fake)
