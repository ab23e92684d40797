"""What Stripe says of a payment, read into the port's words. Pure: plain data in, an answer out."""

from __future__ import annotations

import calendar
from collections.abc import Mapping
from datetime import UTC, date, datetime
from typing import Any

from tacit.checkout.types.payment import (
    KeptInstrument,
    Operation,
    OperationKind,
    PaymentAnswer,
    PaymentState,
    ProviderUnreachable,
)
from tacit.connectors.stripe.amounts import from_stripe
from tacit.core.money import Money

REFERENCE = "tacit_reference"
SHOP = "tacit_shop"
CAPTURE_KEY = "tacit_capture"
VOID_KEY = "tacit_void"
REFUND_KEY = "tacit_refund"
"""Names under which our words stand in Stripe's ``metadata``."""

NEEDS_AUTHENTICATION = "authentication_required"
_HELD = ("requires_capture", "succeeded")
_GIVEN_BACK = ("succeeded", "pending", "requires_action")
_INTENT_STATES = {
    "requires_payment_method": PaymentState.DECLINED,
    "requires_confirmation": PaymentState.CREATED,
    "requires_action": PaymentState.NEEDS_ACTION,
    "processing": PaymentState.PROCESSING,
    "requires_capture": PaymentState.AUTHORISED,
    "succeeded": PaymentState.CAPTURED,
    "canceled": PaymentState.VOIDED,
}

Data = Mapping[str, Any]


def of_session(session: Data) -> PaymentAnswer:
    """A Checkout Session with its ``payment_intent`` expanded, if it has one yet.

    As long as the page is open the buyer may try another card, whatever became of the first.
    """
    try:
        intent = session["payment_intent"]
        if isinstance(intent, Mapping) and _speaks(intent, complete=session["status"] == "complete"):
            return of_intent(intent)
        status, amount = session["status"], from_stripe(session["amount_total"], session["currency"])
        nothing = Money(0, amount.currency)
        state = {
            "open": PaymentState.NEEDS_ACTION,
            "expired": PaymentState.VOIDED,
            "complete": PaymentState.DECLINED,  # the bank refused after the buyer had left
        }[status]
        metadata = session["metadata"] or {}
        ended = Operation(metadata.get(VOID_KEY, ""), OperationKind.VOID, nothing)
        return PaymentAnswer(
            reference=metadata.get(REFERENCE, ""),
            provider_reference=session["id"],
            state=state,
            amount=amount,
            authorised=nothing,
            captured=nothing,
            refunded=nothing,
            operations=(ended,) if state is PaymentState.VOIDED else (),
            action_url=session["url"] or "" if status == "open" else "",
            decline_code=_decline_code(intent) if state is PaymentState.DECLINED else "",
        )
    except (KeyError, TypeError, ValueError) as error:
        raise ProviderUnreachable("Stripe's answer cannot be read") from error


def _speaks(intent: Data, *, complete: bool) -> bool:
    """Whether the intent and no longer its page says where the payment stands.

    A page is complete, too, once the buyer has a voucher or a bank account to pay to: that is waited for.
    """
    waited_for = ("requires_action", "requires_confirmation")
    return intent["status"] in (*_HELD, "processing", "canceled", *(waited_for if complete else ()))


def of_intent(intent: Data) -> PaymentAnswer:
    """A PaymentIntent, with ``latest_charge.refunds`` expanded where it has a charge."""
    try:
        state = _INTENT_STATES[intent["status"]]
        currency = intent["currency"]
        amount = from_stripe(intent["amount"], currency)
        charge = intent.get("latest_charge")
        charge = charge if isinstance(charge, Mapping) else {}
        # The hold of a cancelled payment was real: its charge had succeeded.
        held = intent["status"] in _HELD or (
            state is PaymentState.VOIDED and charge.get("status") == "succeeded"
        )
        nothing = Money(0, amount.currency)
        captured = from_stripe(intent["amount_received"] or 0, currency) if held else nothing
        refunds = _refunds(charge, partly=captured.minor < amount.minor)
        refunded = sum(from_stripe(one["amount"], currency).minor for one in refunds)
        metadata = intent["metadata"] or {}
        authorised = amount if held else nothing
        operations = (
            *_first_operation(intent, metadata, state, captured, authorised),
            *(
                Operation(
                    (one.get("metadata") or {}).get(REFUND_KEY, ""),
                    OperationKind.REFUND,
                    from_stripe(one["amount"], currency),
                )
                for one in refunds
            ),
        )
        instrument = _instrument(charge)
        return PaymentAnswer(
            reference=metadata.get(REFERENCE, ""),
            provider_reference=intent["id"],
            state=state,
            amount=amount,
            authorised=authorised,
            captured=captured,
            refunded=Money(refunded, amount.currency),
            operations=operations,
            fingerprint=_details(charge).get("fingerprint") or "",
            instrument=instrument,
            capture_by=_capture_by(charge),
            action_url=_action_url(intent) if state is PaymentState.NEEDS_ACTION else "",
            decline_code=_decline_code(intent) if state is PaymentState.DECLINED else "",
            kept=_kept(intent, charge) if held else None,
        )
    except (KeyError, TypeError, ValueError) as error:
        raise ProviderUnreachable("Stripe's answer cannot be read") from error


def _first_operation(
    intent: Data, metadata: Data, state: PaymentState, captured: Money, authorised: Money
) -> tuple[Operation, ...]:
    if state is PaymentState.CAPTURED:
        # Taken at once means under the key of the opening itself.
        at_once = intent.get("capture_method") != "manual"
        key = metadata.get(REFERENCE, "") if at_once else metadata.get(CAPTURE_KEY, "")
        return (Operation(key, OperationKind.CAPTURE, captured),)
    if state is PaymentState.VOIDED:
        return (Operation(metadata.get(VOID_KEY, ""), OperationKind.VOID, authorised),)
    return ()


def _refunds(charge: Data, *, partly: bool) -> list[Data]:
    """Oldest first; Stripe lists them the other way round.

    What a partial capture released is no refund, even if Stripe lists it as one: none of it moved on the account.
    """
    listed = (charge.get("refunds") or {}).get("data", [])
    real = [one for one in listed if one["status"] in _GIVEN_BACK]
    if not charge.get("captured"):
        return []
    if partly:
        released = charge["amount"] - charge["amount_captured"]
        real = [
            one
            for one in real
            if one["amount"] != released
            or (one.get("metadata") or {}).get(REFUND_KEY)
            or one.get("balance_transaction")
        ]
    return sorted(reversed(real), key=lambda one: one["created"])  # noqa: C414 - of one second, the order stays


def _details(charge: Data) -> Data:
    """What the charge says of the instrument: of a card its brand and ending, of others what they have."""
    details = charge.get("payment_method_details") or {}
    found = details.get(details.get("type", "")) or {}
    return found if isinstance(found, Mapping) else {}


def _named(charge: Data) -> tuple[str, str]:
    details = charge.get("payment_method_details") or {}
    card = _details(charge)
    brand = str(card.get("brand") or details.get("type") or "")
    return brand.replace("_", " ").capitalize(), str(card.get("last4") or "")


def _instrument(charge: Data) -> str:
    brand, ending = _named(charge)
    return f"{brand} ending {ending}" if ending else brand


def _capture_by(charge: Data) -> datetime | None:
    deadline = _details(charge).get("capture_before")
    return datetime.fromtimestamp(deadline, UTC) if deadline else None


def _kept(intent: Data, charge: Data) -> KeptInstrument | None:
    token, customer = intent.get("payment_method"), intent.get("customer")
    if intent.get("setup_future_usage") != "off_session" or not token or not customer:
        return None
    card = _details(charge)
    expires = None
    if card.get("exp_year") and card.get("exp_month"):
        year, month = card["exp_year"], card["exp_month"]
        expires = date(year, month, calendar.monthrange(year, month)[1])
    return KeptInstrument(_id(token), _id(customer), " ".join(filter(None, _named(charge))), expires)


def _id(thing: Any) -> str:
    return str(thing["id"] if isinstance(thing, Mapping) else thing)


def _action_url(intent: Data) -> str:
    """Where the buyer goes: to their bank, or to the page with what to pay to."""
    action = intent.get("next_action") or {}
    told = action.get(action.get("type", "")) or {}
    addresses = (told.get(name) for name in ("url", "hosted_voucher_url", "hosted_instructions_url"))
    return str(next(filter(None, addresses), ""))


def _decline_code(intent: Any) -> str:
    error = (intent.get("last_payment_error") if isinstance(intent, Mapping) else None) or {}
    return str(error.get("decline_code") or error.get("code") or "declined")[:60]
