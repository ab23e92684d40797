"""What the doctor says of the key and the webhook."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tacit.config import doctor_payment, payments
from tacit.config.environment import SettingError
from tacit.config.finding import Grade
from tacit.connectors.stripe.events import NEEDED
from tacit.connectors.stripe.examine import NEEDS
from tests.connectors.stripe.fake import KEY, RESTRICTED, FakeStripe
from tests.connectors.stripe.sandbox import fake_stripe

__all__ = ["fake_stripe"]
HOOK = "https://shop.example.com/hooks/stripe"


@pytest.fixture
def chosen(fake_stripe: FakeStripe, monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    given = {
        "TACIT_PAYMENT_PROVIDER": "stripe",
        "TACIT_STRIPE_KEY": KEY,
        "TACIT_STRIPE_WEBHOOK_SECRET": "whsec_one whsec_two",
        "TACIT_STRIPE_API": fake_stripe.url,
        "TACIT_URL": "https://shop.example.com",
        "TACIT_DEMO": "0",
    }
    for name, value in given.items():
        monkeypatch.setenv(name, value)
    return monkeypatch


def test_a_test_key_is_named(chosen: pytest.MonkeyPatch) -> None:
    found = doctor_payment.payment()
    assert found.grade is Grade.NOTE
    assert "test key" in found.words


def test_a_key_stripe_does_not_know(chosen: pytest.MonkeyPatch) -> None:
    chosen.setenv("TACIT_STRIPE_KEY", "sk_test_wrong")
    found = doctor_payment.payment()
    assert found.wrong
    assert found.words.startswith("TACIT_STRIPE_KEY is not known to Stripe")
    assert "sk_test_wrong" not in found.words


def test_a_restricted_key_that_may_see_payments_does(
    chosen: pytest.MonkeyPatch, fake_stripe: FakeStripe
) -> None:
    chosen.setenv("TACIT_STRIPE_KEY", RESTRICTED)
    fake_stripe.account_status = 403
    assert not doctor_payment.payment().wrong
    fake_stripe.forbidden = {"customers", "refunds"}
    assert "may not read Charges and Refunds, Customers. Give it Write for" in doctor_payment.payment().words


def test_the_list_of_permissions_is_what_is_looked_at() -> None:
    page = (Path(__file__).parents[3] / "docs" / "payments.md").read_text()
    assert f"| {', '.join(NEEDS)} | Write |" in page


def test_no_network(chosen: pytest.MonkeyPatch, fake_stripe: FakeStripe) -> None:
    fake_stripe.down = "close"
    assert "cannot be reached" in doctor_payment.payment().words


def test_the_webhook(chosen: pytest.MonkeyPatch, fake_stripe: FakeStripe) -> None:
    assert f"no endpoint for {HOOK}" in doctor_payment.webhook().words
    endpoint = {"id": "we_1", "object": "webhook_endpoint", "url": HOOK, "status": "disabled"}
    fake_stripe.endpoints = [endpoint | {"enabled_events": ["charge.refunded"]}]
    assert "switched off" in doctor_payment.webhook().words
    fake_stripe.endpoints[0]["status"] = "enabled"
    assert "checkout.session.completed" in doctor_payment.webhook().words
    fake_stripe.endpoints[0]["enabled_events"] = list(NEEDED)
    assert doctor_payment.webhook().grade is Grade.FINE
    chosen.delenv("TACIT_STRIPE_WEBHOOK_SECRET")
    assert doctor_payment.webhook().wrong


@pytest.mark.parametrize(
    ("key", "demo", "words"),
    [
        ("", False, "is not set"),
        ("pk_live_x", False, "publishable"),
        ("hunter2", False, "no key of Stripe's"),
        ("rk_test_ü", False, "only letters and digits"),
        ("sk_test_two words", False, "only letters and digits"),
        ("sk_live_x", True, "real money in a demo"),
    ],
)
def test_keys_that_will_not_do_are_refused_unshown(
    chosen: pytest.MonkeyPatch, key: str, demo: bool, words: str
) -> None:
    chosen.setenv("TACIT_STRIPE_KEY", key)
    with pytest.raises(SettingError, match=words) as refused:
        payments.stripe_key(chosen="stripe", demo=demo)
    assert not key or key not in str(refused.value)


@pytest.mark.parametrize(
    ("key", "words"),
    [
        ("sk_live_abc", "✗ Payment: TACIT_STRIPE_KEY is not known to Stripe"),
        ("pk_test_x", "✗ Settings: TACIT_STRIPE_KEY is a publishable key"),
        ("rk_test_ü", "✗ Settings: TACIT_STRIPE_KEY holds what no key of Stripe's does"),
        ("", "✗ Settings: TACIT_STRIPE_KEY is not set"),
    ],
)
def test_the_command_says_it_plainly(
    chosen: pytest.MonkeyPatch, tmp_path: Path, key: str, words: str
) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "tacit.config.cli", "doctor"],
        env=os.environ | {"TACIT_STRIPE_KEY": key, "TACIT_HOME": str(tmp_path), "DATABASE_URL": ""},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert (done.returncode, done.stderr) == (1, "")
    assert words in done.stdout
    assert not key or key not in done.stdout
