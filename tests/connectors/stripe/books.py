"""What the fake Stripe keeps and decides, by Stripe's documentation: plain dicts in the shapes of its API."""

from __future__ import annotations

import itertools
import json
import time
from dataclasses import dataclass, field
from typing import Any

Data = dict[str, Any]

CARDS = {
    "visa": {"brand": "visa", "last4": "4242", "fingerprint": "fpVisa"},
    "mastercard": {"brand": "mastercard", "last4": "4444", "fingerprint": "fpMaster"},
    "declining": {"brand": "visa", "last4": "0002", "fingerprint": "fpDeclining"},
    "voucher": {"brand": "", "last4": "", "fingerprint": ""},
    "watched": {"brand": "visa", "last4": "3184", "fingerprint": "fpWatched"},
}
WEEK = 7 * 24 * 3600


class Refusal(Exception):
    def __init__(
        self, status: int, code: str, message: str, *, kind: str = "invalid_request_error", **more: Any
    ):
        super().__init__(message)
        self.status = status
        self.body = {"error": {"type": kind, "code": code, "message": message, **more}}


@dataclass
class Books:
    """`lists_releases`: what a partial capture lets go shows among the refunds. `next_refund`: its status."""

    base: str = ""
    intents: dict[str, Data] = field(default_factory=dict)
    sessions: dict[str, Data] = field(default_factory=dict)
    charges: dict[str, Data] = field(default_factory=dict)
    refunds: dict[str, Data] = field(default_factory=dict)
    methods: dict[str, Data] = field(default_factory=dict)
    customers: dict[str, Data] = field(default_factory=dict)
    events: list[Data] = field(default_factory=list)
    moved: list[tuple[str, str, int, str]] = field(default_factory=list)
    lists_releases: bool = False
    next_refund: str = "succeeded"
    _number: Any = field(default_factory=lambda: itertools.count(1))

    def id(self, prefix: str) -> str:
        return f"{prefix}_{next(self._number):06d}"

    def instrument(self, card: str) -> tuple[str, str]:
        """A kept card: its token and its customer."""
        token, customer = self.id("pm"), self.id("cus")
        self.customers[customer] = {
            "id": customer,
            "object": "customer",
            "name": "Ada",
            "email": "a@example.com",
        }
        self.methods[token] = {"id": token, "object": "payment_method", "type": "card", "customer": customer}
        self.methods[token] |= {"card": {**CARDS[card], "exp_month": 2, "exp_year": 2032}, "name": card}
        return token, customer

    def delete_customer(self, customer: Data) -> Data:
        """It can be retrieved still, without anything; its cards go with it."""
        for method in self.methods.values():
            if method["customer"] == customer["id"]:
                method["customer"] = None
        gone = {"id": customer["id"], "object": "customer", "deleted": True}
        self.customers[customer["id"]] = gone
        return gone

    def known_customer(self, identity: str) -> None:
        if self.customers.get(identity, {"deleted": True}).get("deleted"):
            raise Refusal(400, MISSING, f"No such customer: '{identity}'", param="customer")

    def note(self, kind: str, thing: Data) -> None:
        self.events.append(
            {
                "id": self.id("evt"),
                "object": "event",
                "api_version": "2026-10-28.endive",
                "created": int(time.time()),
                "type": kind,
                "livemode": False,
                "data": {"object": json.loads(json.dumps(thing))},
            }
        )

    # PaymentIntents

    def open_intent(self, params: Data) -> Data:
        intent = {
            "id": self.id("pi"),
            "object": "payment_intent",
            "amount": params["amount"],
            "amount_received": 0,
            "amount_capturable": 0,
            "currency": params["currency"],
            "customer": params.get("customer"),
            "capture_method": params.get("capture_method", "automatic"),
            "setup_future_usage": params.get("setup_future_usage"),
            "metadata": params.get("metadata", {}),
            "description": params.get("description"),
            "payment_method": None,
            "latest_charge": None,
            "last_payment_error": None,
            "next_action": None,
            "status": "requires_payment_method",
            "created": int(time.time()),
            "cancellation_reason": None,
        }
        self.intents[intent["id"]] = intent
        return intent

    def confirm(self, intent: Data, token: str, *, off_session: bool) -> Data:
        method = self.methods.get(token)
        if method is None or method["customer"] != intent["customer"] or not method["customer"]:
            raise Refusal(400, MISSING, f"No such PaymentMethod: '{token}'", param="payment_method")
        intent["payment_method"] = token
        if method["name"] == "declining":
            raise self._failed(intent, "card_declined", "generic_decline")
        if method["name"] == "watched":
            if off_session:
                raise self._failed(intent, "authentication_required", "authentication_required")
            intent["status"] = "requires_action"
            url = f"{self.base}/3ds/{intent['id']}"
            intent["next_action"] = {"type": "redirect_to_url", "redirect_to_url": {"url": url}}
            self.note("payment_intent.requires_action", intent)
            return intent
        return self.hold(intent)

    def _failed(self, intent: Data, code: str, decline: str) -> Refusal:
        self._charge(intent, "failed")
        intent["status"], intent["next_action"] = "requires_payment_method", None
        intent["last_payment_error"] = {"type": "card_error", "code": code, "decline_code": decline}
        self.note("payment_intent.payment_failed", intent)
        shown = json.loads(json.dumps(intent))
        return Refusal(
            402, code, "It was declined.", kind="card_error", decline_code=decline, payment_intent=shown
        )

    def fail_authentication(self, intent: Data) -> None:
        self._failed(intent, "payment_intent_authentication_failure", "")

    def hold(self, intent: Data) -> Data:
        charge = self._charge(intent, "succeeded")
        intent["status"], intent["next_action"] = "requires_capture", None
        intent["amount_capturable"] = intent["amount"]
        self._move(intent, "authorise", intent["amount"], intent["metadata"].get("tacit_reference", ""))
        if intent["capture_method"] != "manual":
            return self._take(intent, charge, intent["amount"], intent["metadata"].get("tacit_reference", ""))
        self.note("payment_intent.amount_capturable_updated", intent)
        return intent

    def _charge(self, intent: Data, status: str) -> Data:
        card = self.methods[intent["payment_method"]]["card"]
        charge = {
            "id": self.id("ch"),
            "object": "charge",
            "amount": intent["amount"],
            "amount_captured": 0,
            "amount_refunded": 0,
            "captured": False,
            "refunded": False,
            "currency": intent["currency"],
            "created": int(time.time()),
            "metadata": dict(intent["metadata"]),
            "payment_intent": intent["id"],
            "payment_method": intent["payment_method"],
            "payment_method_details": {
                "type": "card",
                "card": {**card, "capture_before": int(time.time()) + WEEK},
            },
            "status": status,
        }
        self.charges[charge["id"]] = charge
        intent["latest_charge"] = charge["id"]
        return charge

    def capture(self, intent: Data, params: Data) -> Data:
        if intent["status"] != "requires_capture":
            raise _unexpected(intent, "captured")
        amount = params.get("amount_to_capture", intent["amount"])
        if amount > intent["amount"]:
            raise Refusal(
                400, "amount_too_large", "greater than the capturable amount", param="amount_to_capture"
            )
        intent["metadata"] = {**intent["metadata"], **params.get("metadata", {})}
        charge = self.charges[intent["latest_charge"]]
        return self._take(intent, charge, amount, params.get("metadata", {}).get("tacit_capture", ""))

    def _take(self, intent: Data, charge: Data, amount: int, key: str) -> Data:
        intent["status"], intent["amount_received"], intent["amount_capturable"] = "succeeded", amount, 0
        charge["captured"], charge["amount_captured"] = True, amount
        released = intent["amount"] - amount
        if released and self.lists_releases:
            self._add_refund(intent, released, {}, "succeeded", None)
            charge["amount_refunded"] = released
        self._move(intent, "capture", amount, key)
        self.note("payment_intent.succeeded", intent)
        return intent

    def cancel(self, intent: Data) -> Data:
        if intent["status"] in ("succeeded", "canceled", "processing"):
            raise _unexpected(intent, "canceled")
        if any(
            one["payment_intent"] == intent["id"] and one["status"] == "open"
            for one in self.sessions.values()
        ):
            raise Refusal(400, "payment_intent_unexpected_state", "expire the Checkout Session instead")
        held = intent["status"] == "requires_capture"
        intent["status"], intent["amount_capturable"] = "canceled", 0
        if held:
            charge = self.charges[intent["latest_charge"]]
            charge["refunded"], charge["amount_refunded"] = True, charge["amount"]
        self._move(intent, "void", intent["amount"] if held else 0, intent["metadata"].get("tacit_void", ""))
        self.note("payment_intent.canceled", intent)
        return intent

    # Checkout Sessions

    def open_session(self, params: Data) -> Data:
        price = params["line_items"][0]["price_data"]
        if params.get("expires_at") and not 1790 <= params["expires_at"] - time.time() <= 24 * 3600 + 10:
            raise Refusal(
                400, "invalid_expires_at", "must be between 30 minutes and 24 hours", param="expires_at"
            )
        if params.get("customer"):
            self.known_customer(params["customer"])
        session = {
            "id": self.id("cs_test"),
            "object": "checkout.session",
            "mode": "payment",
            "amount_total": price["unit_amount"],
            "currency": price["currency"],
            "client_reference_id": params.get("client_reference_id"),
            "customer": params.get("customer"),
            "metadata": params.get("metadata", {}),
            "payment_intent": None,
            "payment_status": "unpaid",
            "status": "open",
            "success_url": params["success_url"],
            "created": int(time.time()),
            "asked": params,
        }
        session["url"] = f"{self.base}/pay/{session['id']}"
        self.sessions[session["id"]] = session
        return session

    def pay_on_page(self, session: Data, card: str) -> None:
        """What the buyer does there; a declined card leaves the page open."""
        if session["status"] != "open":
            return
        asked, data = session["asked"], session["asked"].get("payment_intent_data", {})
        token, new_customer = self.instrument(card)
        if session["payment_intent"] is None:
            customer = session["customer"]
            if customer is None and asked.get("customer_creation") == "always":
                customer = session["customer"] = new_customer
            intent = self.open_intent(
                {
                    **data,
                    "amount": session["amount_total"],
                    "currency": session["currency"],
                    "customer": customer,
                }
            )
            session["payment_intent"] = intent["id"]
        intent = self.intents[session["payment_intent"]]
        self.methods[token]["customer"] = intent["customer"] if data.get("setup_future_usage") else None
        intent["payment_method"] = token
        if card == "declining":
            self._failed(intent, "card_declined", "generic_decline")
            return
        if card == "voucher":
            told = {"hosted_voucher_url": f"{self.base}/voucher/{intent['id']}"}
            intent["status"] = "requires_action"
            intent["next_action"] = {"type": "boleto_display_details", "boleto_display_details": told}
        else:
            self.hold(intent)
        session["status"] = "complete"
        session["payment_status"] = "paid" if intent["status"] == "succeeded" else "unpaid"
        session["url"] = None
        self.note("checkout.session.completed", self.shown(session))

    def pay_voucher(self, intent: Data) -> None:
        """At a counter, days later; nothing, if it was cancelled meanwhile."""
        if intent["status"] != "requires_action":
            return
        self.hold(intent)
        (session,) = (one for one in self.sessions.values() if one["payment_intent"] == intent["id"])
        session["payment_status"] = "paid"
        self.note("checkout.session.async_payment_succeeded", self.shown(session))

    def let_voucher_expire(self, intent: Data) -> None:
        self._failed(intent, "payment_intent_payment_attempt_expired", "")

    def expire(self, session: Data) -> Data:
        if session["status"] != "open":
            raise Refusal(400, "", f"Only open sessions can be expired, this one is {session['status']}")
        session["status"], session["url"] = "expired", None
        if session["payment_intent"]:
            self.cancel(self.intents[session["payment_intent"]])
        else:
            self.moved.append((session["metadata"].get("tacit_reference", ""), "void", 0, ""))
        self.note("checkout.session.expired", self.shown(session))
        return session

    # Refunds

    def refund(self, params: Data) -> Data:
        intent = self.intents.get(params["payment_intent"])
        if intent is None:
            raise Refusal(404, MISSING, "No such payment_intent", param="payment_intent")
        charge = self.charges.get(intent["latest_charge"] or "", {})
        if intent["status"] != "succeeded":
            raise Refusal(
                400, "charge_not_refundable", "This PaymentIntent does not have a successful charge"
            )
        given = sum(
            one["amount"]
            for one in self.refunds.values()
            if one["payment_intent"] == intent["id"]
            and one["status"] != "failed"
            and one["balance_transaction"]
        )
        if params["amount"] > charge["amount_captured"] - given:
            raise Refusal(
                400, "", "Refund amount is greater than unrefunded amount on charge", param="amount"
            )
        status, self.next_refund = self.next_refund, "succeeded"
        refund = self._add_refund(
            intent, params["amount"], params.get("metadata", {}), status, self.id("txn")
        )
        if status != "failed":
            charge["amount_refunded"] += params["amount"]
            charge["refunded"] = charge["amount_refunded"] == charge["amount"]
            self._move(intent, "refund", params["amount"], params.get("metadata", {}).get("tacit_refund", ""))
            self.note("charge.refunded", charge)
        return refund

    def _add_refund(self, intent: Data, amount: int, metadata: Data, status: str, moved: str | None) -> Data:
        refund = {
            "id": self.id("re"),
            "object": "refund",
            "amount": amount,
            "currency": intent["currency"],
            "charge": intent["latest_charge"],
            "payment_intent": intent["id"],
            "metadata": metadata,
            "status": status,
            "balance_transaction": moved,
            "created": int(time.time()),
        }
        if status == "failed":
            refund["failure_reason"] = "expired_or_canceled_card"
        self.refunds[refund["id"]] = refund
        return refund

    def fail_refund(self, refund: Data) -> None:
        """The bank sends it back, days later."""
        refund["status"], refund["failure_reason"] = "failed", "expired_or_canceled_card"
        self.charges[refund["charge"]]["amount_refunded"] -= refund["amount"]
        self.note("refund.failed", refund)

    # Shown

    def _move(self, intent: Data, kind: str, amount: int, key: str) -> None:
        self.moved.append((intent["metadata"].get("tacit_reference", ""), kind, amount, key))

    def shown(self, thing: Data, expand: tuple[str, ...] = ()) -> Data:
        """`thing` as the API shows it, with what is to be expanded."""
        shown = {name: value for name, value in thing.items() if name not in ("asked", "name")}
        for name in {one.partition(".")[0] for one in expand}:
            deeper = tuple(one.partition(".")[2] for one in expand if one.startswith(f"{name}."))
            if name == "payment_intent" and shown["payment_intent"]:
                shown[name] = self.shown(self.intents[shown[name]], deeper)
            elif name == "latest_charge" and shown["latest_charge"]:
                shown[name] = self.shown(self.charges[shown[name]], deeper)
            elif name == "refunds":
                newest = [one for one in reversed(self.refunds.values()) if one["charge"] == thing["id"]]
                shown[name] = listed(
                    newest[:10], more=len(newest) > 10, url=f"/v1/charges/{thing['id']}/refunds"
                )
        return shown


MISSING = "resource_missing"


def listed(things: list[Data], *, more: bool, url: str) -> Data:
    return {"object": "list", "data": things, "has_more": more, "url": url}


def _unexpected(intent: Data, verb: str) -> Refusal:
    message = f"This PaymentIntent could not be {verb} because it has a status of {intent['status']}."
    return Refusal(400, "payment_intent_unexpected_state", message)
