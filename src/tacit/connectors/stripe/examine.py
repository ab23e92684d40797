"""Whether Stripe would work as it is set up: asks Stripe, changes nothing there."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import stripe

from tacit.connectors.stripe import calls
from tacit.connectors.stripe.events import NEEDED

DASHBOARD = "dashboard.stripe.com"


_ONE: Any = {"limit": 1}
NEEDS: dict[str, Callable[[stripe.StripeClient], object]] = {
    "Checkout Sessions": lambda client: client.v1.checkout.sessions.list(_ONE),
    "PaymentIntents": lambda client: client.v1.payment_intents.list(_ONE),
    "Charges and Refunds": lambda client: client.v1.refunds.list(_ONE),
    "Customers": lambda client: client.v1.customers.list(_ONE),
    "PaymentMethods": lambda client: client.v1.payment_methods.list(_ONE),
}
"""What a restricted key must be able to write, as Stripe's dashboard calls it, and how to try whether it reads it."""


@dataclass(frozen=True, slots=True)
class Seen:
    """``well``: True, False, or None where it works but should be known. ``words``: a sentence with the way out."""

    well: bool | None
    words: str


def is_test(key: str) -> bool:
    """Whether ``key`` moves play money only."""
    return "_test_" in key[:10]


def key(given: str, *, api: str, demo: bool) -> Seen:
    """Whether Stripe takes the key, and whether the account may take money."""
    client = calls.client(given, api=api)
    try:
        with contextlib.suppress(stripe.PermissionError):  # a restricted key need not see the account
            if not client.v1.accounts.retrieve_current().charges_enabled:
                return Seen(
                    False,
                    f"Stripe does not let this account take money yet; finish its setup at {DASHBOARD}.",
                )
        missing = _missing(client) if given.startswith("rk_") else []
    except stripe.StripeError as error:
        return _trouble(error)
    if missing:
        return Seen(
            False,
            f"the key may not read {', '.join(missing)}. Give it Write for {', '.join(NEEDS)} at {DASHBOARD} "
            "under API keys.",
        )
    return _works(given, demo=demo)


def webhook(given: str, *, api: str, address: str, secrets: Sequence[str]) -> Seen:
    """Whether Stripe tells the shop at ``address`` what it needs to know."""
    if not secrets:
        return Seen(
            False,
            "TACIT_STRIPE_WEBHOOK_SECRET is not set, so nothing Stripe tells is believed. Add an endpoint for "
            f"{address} at {DASHBOARD} under Webhooks and write its signing secret (whsec_…) there.",
        )
    client = calls.client(given, api=api)
    try:
        endpoints: list[Any] = list(client.v1.webhook_endpoints.list({"limit": 100}).auto_paging_iter())
    except stripe.PermissionError:
        return Seen(
            None,
            "the key may not see webhook endpoints, so they cannot be checked; give it Webhook Endpoints: Read.",
        )
    except stripe.StripeError as error:
        return _trouble(error)
    ours = [one for one in endpoints if one.url.rstrip("/") == address]
    if not ours:
        return Seen(
            False,
            f"Stripe has no endpoint for {address}: payments are noticed late. Add it at {DASHBOARD} under Webhooks.",
        )
    enabled = [one for one in ours if one.status == "enabled"]
    if not enabled:
        return Seen(
            False, f"the endpoint for {address} is switched off; enable it at {DASHBOARD} under Webhooks."
        )
    told = {event for one in enabled for event in one.enabled_events}
    missing = [event for event in NEEDED if event not in told and "*" not in told]
    if missing:
        return Seen(False, f"the endpoint for {address} does not send {', '.join(missing)}; add them.")
    return Seen(True, f"Stripe tells {address}")


def _missing(client: stripe.StripeClient) -> list[str]:
    """What of NEEDS the key may not even read; whether it may write shows only when it does."""
    missing = []
    for name, read in NEEDS.items():
        try:
            read(client)
        except stripe.PermissionError:
            missing.append(name)
    return missing


def _works(given: str, *, demo: bool) -> Seen:
    if is_test(given) and not demo:
        return Seen(None, "by Stripe with a test key: no real money moves. To go live: docs/payments.md.")
    return Seen(True, "by Stripe, with a test key" if is_test(given) else "by Stripe, with real money")


def _trouble(error: stripe.StripeError) -> Seen:
    if isinstance(error, stripe.AuthenticationError):
        expired = error.code == "api_key_expired"
        reason = "has expired" if expired else "is not known to Stripe"
        return Seen(False, f"TACIT_STRIPE_KEY {reason}; copy a valid one from {DASHBOARD} under API keys.")
    if isinstance(error, stripe.APIConnectionError):
        return Seen(
            False,
            "Stripe cannot be reached from here; check the network, and that api.stripe.com is allowed.",
        )
    return Seen(False, f"Stripe answered with {error.http_status}; try again in a minute.")
