"""Stripe's webhooks: which are needed, whether one is genuine, which payment it is about. Pure."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

import stripe

from tacit.checkout.types.payment import PaymentAnswer, PaymentState, ProviderUnreachable
from tacit.connectors.hook_news import News, NotGenuine
from tacit.connectors.stripe.amounts import from_stripe
from tacit.connectors.stripe.answers import REFERENCE, of_intent, of_session
from tacit.core.money import Money

FRESH_SECONDS = 300
"""A webhook signed longer ago than this is refused, so that a recorded one cannot be played back later."""
NEEDED = (
    "checkout.session.completed",
    "checkout.session.async_payment_succeeded",
    "checkout.session.async_payment_failed",
    "checkout.session.expired",
    "payment_intent.amount_capturable_updated",
    "payment_intent.succeeded",
    "payment_intent.payment_failed",
    "payment_intent.canceled",
    "charge.refunded",
    "refund.updated",
    "refund.failed",
)
_LONGEST_HEADER = 1000


def read(body: bytes, *, header: str, secrets: Sequence[str]) -> News | None:
    """``body`` as it came. None: genuine, but about no payment of a shop like this.

    Raises NotGenuine unless one of ``secrets`` signed exactly this, a few minutes ago at most.
    """
    event = _verified(body, header, secrets)
    try:
        thing = event["data"]["object"]
        reference = (thing.get("metadata") or {}).get(REFERENCE, "")
    except (KeyError, TypeError, AttributeError) as error:
        raise NotGenuine("the body is no event") from error
    if not isinstance(reference, str) or not reference:
        return None
    return News(reference, _told(thing))


def _verified(body: bytes, header: str, secrets: Sequence[str]) -> Any:
    if not header or len(header) > _LONGEST_HEADER:
        raise NotGenuine("the signature header is missing or too long")
    reason = "no webhook secret is set"
    for secret in secrets:
        try:
            stripe.WebhookSignature.verify_header(body.decode(), header, secret, FRESH_SECONDS)
            return json.loads(body)
        except stripe.SignatureVerificationError as error:
            reason = (error.user_message or str(error)).partition("\n")[0][:100]
        except (ValueError, IndexError, RecursionError) as error:
            raise NotGenuine("the signature or the body cannot be read") from error
    raise NotGenuine(reason)


def _told(thing: Mapping[str, Any]) -> PaymentAnswer | None:
    """What the event says by itself, to tell whether it is news; never recorded. None: look in any case."""
    try:
        match thing.get("object"):
            case "payment_intent":
                return of_intent(thing)
            case "checkout.session":
                return _of_finished(thing) if thing["status"] == "complete" else of_session(thing)
            case "charge" if thing["captured"] and thing["amount_captured"] == thing["amount"]:
                return _of_charge(thing)
    except (KeyError, TypeError, ValueError, ProviderUnreachable):
        pass
    return None


def _of_finished(session: Mapping[str, Any]) -> PaymentAnswer:
    amount = from_stripe(session["amount_total"], session["currency"])
    nothing = Money(0, amount.currency)
    paid = session["payment_status"] == "paid"
    return PaymentAnswer(
        reference=session["metadata"][REFERENCE],
        provider_reference=session["id"],
        state=PaymentState.CAPTURED if paid else PaymentState.AUTHORISED,
        amount=amount,
        authorised=amount,
        captured=amount if paid else nothing,
        refunded=nothing,
    )


def _of_charge(charge: Mapping[str, Any]) -> PaymentAnswer:
    amount = from_stripe(charge["amount"], charge["currency"])
    return PaymentAnswer(
        reference=charge["metadata"][REFERENCE],
        provider_reference=str(charge["payment_intent"]),
        state=PaymentState.CAPTURED,
        amount=amount,
        authorised=amount,
        captured=amount,
        refunded=from_stripe(charge["amount_refunded"], charge["currency"]),
    )
