"""What each payment provider needs of the settings. Imports no adapter before it is chosen."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from tacit.config import environment
from tacit.config.environment import SettingError
from tacit.connectors.stripe import HOSTED_PAGES

if TYPE_CHECKING:
    from tacit.checkout.types.payment import PaymentProvider

STRIPE = "stripe"
STRIPE_API = "https://api.stripe.com"
_KEYS = ("sk_test_", "sk_live_", "rk_test_", "rk_live_")
_KEY = re.compile(r"[a-z]{2}_[a-z]{4}_[A-Za-z0-9_]+")
_LIVE = ("sk_live_", "rk_live_")


@dataclass(frozen=True, slots=True)
class Adapter:
    """``make``: the adapter from the settings, without a network call. ``urls``: the module with its addresses.

    ``pages``: origins that placing an order may lead to.
    """

    make: Callable[[], PaymentProvider]
    urls: str
    pages: Callable[[], tuple[str, ...]]


def _practice() -> PaymentProvider:
    from django.conf import settings

    from tacit.config import practice

    return practice.provider(settings.PRACTICE_URL)


def _stripe() -> PaymentProvider:
    from django.conf import settings
    from django.utils.crypto import salted_hmac

    from tacit.connectors.stripe.adapter import StripeProvider
    from tacit.core import clock

    return StripeProvider(
        key=settings.STRIPE_KEY,
        webhook_secrets=settings.STRIPE_WEBHOOK_SECRETS,
        shop=salted_hmac("tacit.config.payments.shop", "stripe", algorithm="sha256").hexdigest()[:16],
        api=settings.STRIPE_API,
        ahead=clock.ahead if settings.DEMO else None,
    )


def _stripe_pages() -> tuple[str, ...]:
    # A stand-in for Stripe on this machine shows its own pages.
    api = stripe_api()
    return HOSTED_PAGES if api == STRIPE_API else (*HOSTED_PAGES, api)


ADAPTERS = {
    environment.PRACTICE: Adapter(
        _practice,
        "tacit.connectors.practice_provider.urls",
        lambda: (environment.text("TACIT_PRACTICE_URL", "http://127.0.0.1:8001"),),
    ),
    STRIPE: Adapter(_stripe, "tacit.connectors.stripe.urls", _stripe_pages),
}


def pages(provider: str) -> tuple[str, ...]:
    """Origins of ``provider``'s pages; none for a provider there is not."""
    return ADAPTERS[provider].pages() if provider in ADAPTERS else ()


def stripe_key(*, chosen: str, demo: bool) -> str:
    """TACIT_STRIPE_KEY, '' unless Stripe is ``chosen``. Raises SettingError, which never shows the key."""
    key = environment.text("TACIT_STRIPE_KEY", "").strip()
    if chosen != STRIPE:
        return ""
    if not key:
        raise SettingError(
            "TACIT_STRIPE_KEY is not set; write a secret or restricted key (sk_… or rk_…) from "
            "dashboard.stripe.com under API keys"
        )
    if not key.startswith(_KEYS):
        what = "a publishable key" if key.startswith("pk_") else "no key of Stripe's"
        raise SettingError(
            f"TACIT_STRIPE_KEY is {what}; write a secret or restricted one, which begins with "
            "sk_test_, sk_live_, rk_test_ or rk_live_"
        )
    if not _KEY.fullmatch(key):
        raise SettingError(
            "TACIT_STRIPE_KEY holds what no key of Stripe's does; copy it whole from dashboard.stripe.com under "
            "API keys, where only letters and digits follow its beginning"
        )
    if demo and key.startswith(_LIVE):
        raise SettingError(
            "TACIT_STRIPE_KEY is a live key, which would take real money in a demo; use a test key"
        )
    return key


def stripe_webhook_secrets(*, chosen: str) -> tuple[str, ...]:
    """TACIT_STRIPE_WEBHOOK_SECRET: one, or several while one is replaced. Raises SettingError."""
    secrets = tuple(environment.text("TACIT_STRIPE_WEBHOOK_SECRET", "").split())
    if chosen == STRIPE and not all(secret.startswith("whsec_") for secret in secrets):
        raise SettingError(
            "TACIT_STRIPE_WEBHOOK_SECRET must be an endpoint's signing secret, which begins with whsec_; separate "
            "several by spaces"
        )
    return secrets


def stripe_api() -> str:
    """TACIT_STRIPE_API: where Stripe is asked; another than its own only for tests. Raises SettingError."""
    api = environment.text("TACIT_STRIPE_API", STRIPE_API).strip().rstrip("/")
    parts = urlsplit(api)
    here = parts.scheme == "http" and parts.hostname in ("localhost", "127.0.0.1", "::1")
    if not (here or (parts.scheme == "https" and parts.hostname)):
        raise SettingError(f"TACIT_STRIPE_API must begin with https://; leave it unset for {STRIPE_API}")
    return api
