"""Steps in the life of an order and its money, each of which may be killed at a named point and is then tried again.

Buyers and staff repeat what was not acknowledged, under the same key, as a browser or a queue does.
"""

from __future__ import annotations

import json
import random
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from functools import cached_property
from typing import Any
from urllib.parse import urlencode, urlsplit
from uuid import UUID

import urllib3
from benchmarks.harness import forks
from django.conf import settings
from django.test import Client, override_settings
from django.urls import reverse

from tacit.accounts.types import Visitor
from tacit.checkout import actions, queries
from tacit.checkout.models import MoneyIntent, Payment, Placing
from tacit.checkout.types.order import CheckoutError, Contact
from tacit.checkout.types.payment import PaymentProvider
from tacit.connectors.practice_provider import signature
from tacit.connectors.practice_provider.adapter import PracticeProvider
from tacit.core import clock, crash, ids, ports
from tacit.core.address import Address
from tacit.core.money import Money
from tacit.web import links

STAFF = Visitor(staff=True)
CONTACT = Contact("ana@example.com", Address("Ana Berg", "Hafenweg 3", "", "20457", "Hamburg", "DE"))
TRIES = 6
MOST_SWEEPS = 20
STEP = timedelta(seconds=65)
"""Longer than a worker keeps an intent to itself."""

_RECORD = ("record.locked", "record.moved", "record.settled", "record.committed")
_COMPLETE = ("complete.known", "complete.looked_up", "complete.recorded", *_RECORD)
_INTENT = ("intent.claimed", "intent.asked", "intent.recorded", *_RECORD)
AIMS: dict[str, tuple[str, ...]] = {
    "buy": ("place.written", "buy.placed", "buy.answered", "buy.recorded", *_RECORD),
    "buy refused": ("buy.refused", "complete.known", "complete.looked_up", "complete.recorded"),
    "sweep": ("sweep.claimed", "sweep.looked_up", "sweep.asked", "sweep.recorded", *_RECORD),
    "time out": ("sweep.timed_out", "sweep.looked_up", "sweep.recorded", "money.wanted"),
    "deadline": ("sweep.deadline", "money.wanted"),
    "return": ("return.came_back", *_COMPLETE),
    "webhook": ("webhook.verified", "webhook.recorded", *_COMPLETE),
    "ask": ("money.wanted",),
    "intent": _INTENT,
    "intent again": ("intent.looked_up", "intent.known", *_INTENT),
    "intent unheard": ("intent.unreachable",),
    "intent refused": ("intent.refused", "intent.refused_known", "intent.refused_written"),
    "forget": ("methods.forgotten",),
    "reconcile": ("reconcile.claimed", "reconcile.looked_up", "reconcile.written"),
}
"""What of a step may be its last."""


class Teller:
    """Takes the steps, in a shop with plenty of ``variant``, paid through the practice provider at ``url``."""

    def __init__(
        self, *, url: str, secret: str, variant: int, chance: random.Random, calm: bool = False
    ) -> None:
        """``calm``: each point is killed at once and no more, one worker at a time; only keys are forgotten."""
        self.now = clock.real()
        self.kills: Counter[str] = Counter()
        self.processes = 0
        self.variant, self.chance, self.is_calm = variant, chance, calm
        self.only = frozenset(crash.POINTS)
        """Points that are killed at."""
        self.url, self.secret = url, secret
        self.http = urllib3.PoolManager(retries=False, timeout=10)
        self.before_each: Callable[[], object] = lambda: None
        """Done first in every process; a control takes a guard away there."""
        self.errors: list[str] = []
        self.unheard = False
        """The answer to what is asked next is lost."""

    # What a process does first.

    def wire(self) -> None:
        """A provider of its own, and the story's time."""
        provider = PracticeProvider(base_url=self.url, secret=self.secret, ahead=self.ahead)
        ports.register(PaymentProvider, provider)
        ports.register(PaymentProvider, provider, name=provider.name)
        clock.now = lambda: self.now

    def ahead(self) -> timedelta:
        return max(self.now - clock.real(), timedelta(0))

    # Steps.

    def step(
        self, kind: str, work: forks.Work, *, workers: int = 1, times: int = TRIES, first: str = ""
    ) -> Any:
        """Do ``work`` until it is acknowledged, killed on the way; its answer, None if it never was.

        ``first``: where it is killed at its first try.
        """
        for attempt in range(times):
            self.now += STEP
            last = attempt == times - 1
            point = first if first and not attempt else "" if last else self.choose(kind)
            self.trouble(last=last)

            def wired() -> object:
                self.wire()
                self.before_each()
                return work()

            ends = forks.run([wired] * (1 if last else workers), armed=point, nth=self.nth(point))
            self.processes += len(ends)
            killed = sum(end.killed for end in ends)
            self.kills[point] += killed
            self.errors += [end.error for end in ends if end.error]
            done = [end.answer for end in ends if not end.killed and not end.error]
            if done:
                return done[0]
        return None

    def choose(self, kind: str) -> str:
        """A point of this kind of step: mostly one that was hit least."""
        points = AIMS[kind]
        if self.is_calm:
            return next((point for point in points if point in self.only and not self.kills[point]), "")
        if kind == "ask" and self.chance.random() < 0.5:
            return ""
        if self.chance.random() < 0.5:
            return self.chance.choice(points)
        return min(points, key=lambda point: (self.kills[point], self.chance.random()))

    def crew(self, *sizes: int) -> int:
        """How many workers are at it at once."""
        return 1 if self.is_calm else self.chance.choice(sizes)

    def nth(self, point: str) -> int:
        """Some points are passed more than once in a step."""
        return 2 if not self.is_calm and point in _RECORD and self.chance.random() < 0.2 else 1

    def trouble(self, *, last: bool) -> None:
        """Keys forgotten, answers lost: before every step, by chance."""
        changes: dict[str, object] = {"drop_answers": 0}
        if self.is_calm or self.chance.random() < 0.5:
            changes["forget_keys"] = True
        lost = self.unheard or (not self.is_calm and self.chance.random() < 0.15)
        if lost and not last:
            changes["drop_answers"] = 1
        self.tell_provider(**changes)

    def tell_provider(self, **changes: object) -> None:
        self.call("POST", "/_practice/trouble", changes)

    def call(self, method: str, path: str, body: object = None) -> Any:
        headers = {
            "Authorization": f"Bearer {signature.api_key(self.secret)}",
            signature.AHEAD_HEADER: str(int(self.ahead().total_seconds())),
        }
        raw = None if body is None else json.dumps(body).encode()
        answer = self.http.request(method, self.url + path, body=raw, headers=headers)
        assert answer.status == 200, answer.data
        return answer.json()

    # What people do.

    def cart(self, person: UUID | None = None) -> tuple[Visitor, Money]:
        """A visitor with one piece in the cart, and what it costs."""
        token = actions.add_to_cart(Visitor(), variant=self.variant, quantity=1, currency="EUR", now=self.now)
        visitor = Visitor(cart=token, person=person)
        return visitor, queries.cart_of(visitor, country="DE", shipping="standard", now=self.now).total

    def buys(
        self,
        method: str,
        *,
        refused: bool = False,
        first: str = "",
        times: int = TRIES,
        person: UUID | None = None,
    ) -> tuple[str, str, int]:
        """Number, reference and total of an order; the buyer presses the button until it answers.

        ``person``: who is signed in, and asks to keep the instrument.
        """
        visitor, total = self.cart(person)
        key = ids.token()

        def work() -> object:
            try:
                bought = actions.buy(
                    visitor,
                    contact=CONTACT,
                    shipping="standard",
                    method=method,
                    keep=person is not None,
                    key=key,
                    total_seen=total,
                    return_url=(lambda _number: "no address") if refused else links.return_address,
                    now=self.now,
                )
            except CheckoutError as error:
                return f"{type(error).__name__} {error}"
            return bought.outcome

        self.step("buy refused" if refused else "buy", work, first=first, times=times)
        number = str(Placing.objects.values_list("order__number", flat=True).get(cart=visitor.cart, key=key))
        reference = str(Payment.objects.values_list("reference", flat=True).get(order__number=number))
        return number, reference, total.minor

    def acts(self, act: Callable[[str], object]) -> None:
        """Staff do something, once more under the same key until it is acknowledged."""
        key = ids.token()
        self.step("ask", lambda: act(key))

    def carry_out(self, reference: str, kind: str = "intent") -> None:
        """Workers take up what is wanted of a payment, some of them at once."""
        for _ in range(3):
            wanted = MoneyIntent.objects.filter(payment__reference=reference, state="pending")
            intents = list(wanted.order_by("id").values_list("pk", "attempts"))
            if not intents:
                return
            for intent, attempts in intents:
                name = "intent again" if attempts and kind == "intent" else kind
                self.unheard = name == "intent unheard"
                self.step(
                    name,
                    lambda intent=intent: actions.run_intent(intent, now=self.now),
                    workers=self.crew(1, 1, 2),
                    times=3,
                )
                self.unheard = False

    def sweeps(self, kind: str = "sweep", *, times: int = 3) -> None:
        self.step(kind, lambda: actions.sweep(now=self.now), workers=self.crew(1, 1, 2), times=times)

    def pays_on_the_page(self, reference: str, card: str = "card-4242") -> None:
        """The buyer pays at the provider, if it ever heard of the payment."""
        found = self.call("GET", f"/v1/payments?{urlencode({'reference': reference})}")["payments"]
        if found and found[0]["action_url"]:
            form = urlencode({"decision": "pay", "card": card})
            head = {"Content-Type": "application/x-www-form-urlencoded"}
            address = self.url + urlsplit(found[0]["action_url"]).path
            self.http.request("POST", address, body=form, headers=head, redirect=False)

    def comes_back(self, number: str) -> None:
        def work() -> object:
            path = reverse("order-return", args=[number, links.signature(number)])
            return self.browser.get(path).status_code

        self.step("return", work, times=3)

    def webhook(self, reference: str) -> bytes | None:
        """What the provider would send now."""
        found = self.call("GET", f"/v1/payments?{urlencode({'reference': reference})}")["payments"]
        if not found:
            return None
        event = {"id": "evt_x", "type": "payment.changed", "created": "", "payment": found[0]}
        return json.dumps(event).encode()

    def is_told(self, *bodies: bytes | None) -> None:
        """Webhooks arrive: each twice, in any order, some late."""
        if not self.is_calm and self.chance.random() < 0.5:
            return
        several = [body for body in bodies if body] * (1 if self.is_calm else 2)
        self.chance.shuffle(several)
        for body in several:

            def work(body: bytes = body) -> object:
                header = signature.sign(self.secret, body, at=int(clock.real().timestamp()))
                answer = self.browser.post(
                    "/hooks/practice",
                    body,
                    content_type="application/json",
                    headers={signature.HEADER.lower(): header},
                )
                return answer.status_code

            self.step("webhook", work, workers=self.crew(1, 2), times=2)

    @cached_property
    def browser(self) -> Client:
        """Requests through all of the shop but the one middleware that wants its static files collected.

        Made once, before any fork: the middleware stays loaded.
        """
        return Client(headers={"host": urlsplit(settings.SHOP_URL).netloc}, raise_request_exception=False)

    @contextmanager
    def at_once(self) -> Iterator[None]:
        """Money is captured at once, in every process made meanwhile. Nothing of another story is open then."""
        self.settle()
        with override_settings(PAYMENT_CAPTURE="at_once"):
            yield

    def settle(self) -> None:
        """What workers do in the time after, undisturbed: look, and carry out what is wanted."""
        for _ in range(3 if self.is_calm else 6):
            self.now += timedelta(minutes=25)
            self.calm()

    def calm(self) -> None:
        """Nobody is killed for a moment, and workers go on until nothing is due."""
        self.tell_provider(drop_answers=0)
        for _ in range(MOST_SWEEPS):
            self.now += STEP
            (end,) = forks.run([self._sweep])
            self.errors += [end.error] if end.error else []
            if not end.answer:
                return

    def _sweep(self) -> object:
        self.wire()
        self.before_each()
        return actions.sweep(now=self.now)
