"""Asking Stripe: one client for each adapter, and what its errors mean for the port."""

from __future__ import annotations

import ipaddress
import logging
import re
from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import urlsplit

import stripe

from tacit.checkout.types.payment import ProviderRefused, ProviderUnreachable

API = "https://api.stripe.com"
CONNECT_SECONDS = 2.0
READ_SECONDS = 8.0
"""Longer than for the practice provider: behind Stripe a bank is asked. Two calls fit twice into an intent's lease."""

MISSING = "resource_missing"
log = logging.getLogger(__name__)


def client(key: str, *, api: str = API, read_seconds: float = READ_SECONDS) -> stripe.StripeClient:
    """May be used from many threads; never asks twice by itself. ``api``: https, or this machine.

    Raises ValueError.
    """
    check_api(api)
    if not key:
        raise ValueError("Stripe needs a key")
    return stripe.StripeClient(
        key,
        # Never again by itself: what was lost may have been done, and only the caller may look.
        max_network_retries=0,
        http_client=stripe.RequestsClient(timeout=(CONNECT_SECONDS, read_seconds)),
        base_addresses={"api": api.rstrip("/")},
    )


def check_api(api: str) -> None:
    """Raises ValueError unless a key may be sent to that address."""
    parts = urlsplit(api)
    if parts.scheme == "https" and parts.hostname:
        return
    if parts.scheme == "http" and parts.hostname and _is_loopback(parts.hostname):
        return
    raise ValueError("the address of Stripe's API must begin with https:// (http only on this machine)")


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


@contextmanager
def asking() -> Iterator[None]:
    """Turns Stripe's errors into the port's; CardError passes, as only who pays knows what it means.

    A key that is not accepted counts as unreachable: it will be mended, and what was asked is still wanted.
    """
    try:
        yield
    except stripe.CardError:
        raise
    except stripe.PermissionError as error:
        words = f"the key in TACIT_STRIPE_KEY {lacks(error)}; docs/payments.md lists what it needs"
        log.error("Stripe: %s", words)
        raise ProviderUnreachable(words) from error
    except stripe.AuthenticationError as error:
        raise ProviderUnreachable(f"Stripe does not accept the key ({error.http_status})") from error
    except stripe.IdempotencyError as error:
        if error.http_status == 409:
            raise ProviderUnreachable("Stripe is still at work on the first request with this key") from error
        raise ProviderRefused("idempotency_key_reused", "this key was used with another request") from error
    except stripe.InvalidRequestError as error:
        if error.http_status == 409 or error.code == "lock_timeout":
            raise ProviderUnreachable("Stripe is at work on the same payment") from error
        raise ProviderRefused(_code(error), error.user_message or "") from error
    except stripe.APIConnectionError as error:
        raise ProviderUnreachable("no answer from Stripe") from error
    except stripe.StripeError as error:
        raise ProviderUnreachable(f"Stripe answered {error.http_status or 'nothing readable'}") from error


def lacks(error: stripe.PermissionError) -> str:
    """Which permission is missing, as Stripe names it; its whole message would show a part of the key."""
    named = re.search(r"\brak_\w+", error.user_message or "")
    return f"lacks the permission {named[0].removeprefix('rak_')}" if named else "lacks a permission"


def refused(error: stripe.CardError) -> ProviderRefused:
    """Of a card error outside paying: nothing happened."""
    return ProviderRefused(_code(error), error.user_message or "")


def _code(error: stripe.StripeError) -> str:
    param = getattr(error, "param", None)
    return (error.code or (f"invalid_{param}" if param else "invalid_request"))[:60]
