"""What the provider does: decide by the rules, write the books, put the news for the shop in the post."""

from __future__ import annotations

import asyncio
import json
import secrets
import time
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from tacit.connectors.practice_provider import signature
from tacit.connectors.practice_provider.cards import BY_CODE, PAGE
from tacit.connectors.practice_provider.process import rules
from tacit.connectors.practice_provider.process.books import Books
from tacit.connectors.practice_provider.process.fields import Fields
from tacit.connectors.practice_provider.process.rules import Change, Payment, Refusal
from tacit.connectors.practice_provider.process.trouble import Trouble

FIRST_COPY_SECONDS = 0.1
NEXT_COPY_SECONDS = 0.5
OVERTAKEN_SECONDS = 1.5
"""How long every third webhook is held back, so that later ones arrive before it."""

_CREATE = frozenset(
    (
        "reference",
        "amount_minor",
        "currency",
        "method",
        "return_url",
        "description",
        "confirm",
        "capture",
        "keep",
        "saved",
        "customer",
    )
)
OPENED_A_PAGE = 200
_MONEY = frozenset(("amount_minor", "currency"))


class Provider:
    """Used from one event loop. Callers hold ``books.transaction()`` around everything that writes."""

    def __init__(self, books: Books, *, base_url: str, secret: str, trouble: Trouble) -> None:
        self.books = books
        self.base_url = base_url
        self.secret = secret
        self.trouble = trouble
        self.news = asyncio.Event()
        self._posted = 0

    def now(self) -> float:
        """The provider's clock, which ``skip_seconds`` moves on."""
        return time.time() + self.trouble.skipped_seconds

    def create(self, raw: bytes, *, key: str, now: float) -> Payment:
        """A new payment; with ``confirm`` it is paid at once with the card named by ``method``, or with the one
        kept as ``saved`` while the buyer is away.

        As with real providers nothing keeps a reference unique: a forgotten key makes a second payment.
        """
        fields = Fields(raw, _CREATE)
        amount, currency = fields.money()
        payment = Payment(
            id=f"pay_{secrets.token_hex(12)}",
            page_token=secrets.token_urlsafe(24),
            reference=fields.text("reference", longest=200),
            amount=amount,
            currency=currency,
            return_url=fields.web_address("return_url"),
            description=fields.text("description", longest=500, optional=True),
            key=key,
            created_at=now,
            at_once=fields.flag("capture"),
            kept=f"kept_{secrets.token_hex(12)}" if fields.flag("keep") else "",
            customer=fields.text("customer", longest=100, optional=True),
        )
        saved = fields.text("saved", longest=100, optional=True)
        if saved:
            return self._pay_with_kept(payment, saved, now=now)
        if payment.kept and not payment.customer:
            payment = replace(payment, customer=f"customer_{secrets.token_hex(8)}")
        method = fields.text("method", longest=50)
        if method != PAGE and method not in BY_CODE:
            raise Refusal(400, "unknown_method", "there is no such way to pay", "method")
        confirm = fields.flag("confirm")
        if confirm and method == PAGE:
            raise Refusal(400, "method_needs_page", "the buyer must finish this one on the page", "method")
        self.books.add(payment)
        return self.pay(payment, method, now=now) if confirm else payment

    def _pay_with_kept(self, payment: Payment, token: str, *, now: float) -> Payment:
        first = self.books.payment_that_kept(token)
        if first is None or first.customer != payment.customer:
            raise Refusal(400, "unknown_saved", "no card of this customer is kept under that name", "saved")
        # The card is kept already.
        payment = replace(payment, kept="")
        self.books.add(payment)
        return self.pay(payment, first.card, now=now, away=True)

    def pay(self, payment: Payment, card_code: str, *, now: float, away: bool = False) -> Payment:
        """The buyer pays with a card, or it is charged while they are ``away``."""
        card = BY_CODE.get(card_code)
        if card is None:
            raise Refusal(400, "unknown_method", "there is no such card", "card")
        outcome = self.trouble.outcome((away and card.outcome_kept) or card.outcome)
        late = self.trouble.late_seconds
        return self.record(rules.pay(payment, card, outcome, now=now, late_seconds=late), now=now)

    def operate(self, identity: str, verb: str, raw: bytes, *, key: str, now: float) -> Payment:
        """``verb`` is capture, void or refund."""
        payment = self.find(identity, now=now)
        fields = Fields(raw, frozenset() if verb == "void" else _MONEY)
        if verb == "void":
            change = rules.void(payment, key=key, now=now)
        elif verb == "capture":
            change = rules.capture(payment, *fields.money(), key=key, now=now)
        else:
            change = rules.refund(payment, *fields.money(), key=key, now=now)
        return self.record(change, now=now)

    def opened(self, since: float, *, after: int, now: float) -> tuple[list[Payment], int]:
        """A page of the payments opened since then, and the place to go on ``after``; 0 at the end."""
        found = self.books.payments_opened(since, after=after, limit=OPENED_A_PAGE)
        more = found[-1][0] if len(found) == OPENED_A_PAGE else 0
        return [self.up_to_date(payment, now=now) for _, payment in found], more

    def find(self, identity: str, *, now: float) -> Payment:
        """By id, as it is now. Raises Refusal 404."""
        payment = self.books.payment(identity)
        if payment is None:
            raise Refusal(404, "no_such_payment", "there is no such payment")
        return self.up_to_date(payment, now=now)

    def up_to_date(self, payment: Payment, *, now: float) -> Payment:
        """``payment`` after what time has done to it."""
        change = rules.fall_due(payment, now=now)
        return self.up_to_date(self.record(change, now=now), now=now) if change else payment

    def record(self, change: Change, *, now: float) -> Payment:
        """Write it down and put the news in the post."""
        self.books.apply(change)
        if change.event and self.trouble.webhooks and self.trouble.webhook_url:
            self._post(change, now=now)
        # A late payment has no news yet but a time at which there will be some.
        self.news.set()
        payment = change.payment
        if payment.at_once and payment.state == "authorised":
            key = payment.reference
            taken = rules.capture(payment, payment.authorised, payment.currency, key=key, now=now)
            return self.record(taken, now=now)
        return payment

    def _post(self, change: Change, *, now: float) -> None:
        event = {
            "id": f"evt_{secrets.token_hex(12)}",
            "type": change.event,
            "created": _iso(now),
            "payment": self.as_json(change.payment),
        }
        body = json.dumps(event).encode()
        due = now + FIRST_COPY_SECONDS + self.trouble.webhook_delay_ms / 1000
        self._posted += 1
        if self.trouble.webhook_shuffle and self._posted % 3 == 0:
            due += OVERTAKEN_SECONDS
        for copy in range(self.trouble.webhook_copies):
            self.books.add_delivery(body, now=now, due_at=due + copy * NEXT_COPY_SECONDS)

    def as_json(self, payment: Payment) -> dict[str, Any]:
        """One payment as the API tells it."""
        card = BY_CODE.get(payment.card)
        waiting = payment.state == "needs_action"
        operations = [
            {"kind": line.kind, "amount_minor": line.amount, "key": line.key, "at": _iso(line.at)}
            for line in self.books.movements(payment.id)
            if line.kind != rules.AUTHORISE
        ]
        return {
            "id": payment.id,
            "reference": payment.reference,
            "state": payment.state,
            "amount_minor": payment.amount,
            "currency": payment.currency,
            "authorised_minor": payment.authorised,
            "captured_minor": payment.captured,
            "refunded_minor": payment.refunded,
            "operations": operations,
            "fingerprint": signature.fingerprint(self.secret, card.number) if card else "",
            "instrument": f"Practice card ending {card.ending}" if card else "",
            "capture_by": None if payment.capture_by is None else _iso(payment.capture_by),
            "action_url": f"{self.base_url}/pay/{payment.page_token}" if waiting else "",
            "decline_code": payment.decline_code,
            "kept": self._kept(payment),
            "description": payment.description,
            "created": _iso(payment.created_at),
        }

    def _kept(self, payment: Payment) -> dict[str, Any] | None:
        if not payment.kept or not payment.authorised:
            return None
        label = f"Practice card {BY_CODE[payment.card].ending}"
        return {
            "token": payment.kept,
            "customer": payment.customer,
            "label": label,
            "expires": f"{datetime.fromtimestamp(payment.created_at, UTC).year + 3}-12-31",
        }

    def ledger(self) -> list[dict[str, Any]]:
        """Every movement of money, oldest first."""
        return [
            {
                "reference": reference,
                "kind": line.kind,
                "amount_minor": line.amount,
                "currency": currency,
                "key": line.key,
                "at": _iso(line.at),
            }
            for reference, currency, line in self.books.ledger()
        ]


def _iso(seconds: float) -> str:
    return datetime.fromtimestamp(seconds, UTC).isoformat()
