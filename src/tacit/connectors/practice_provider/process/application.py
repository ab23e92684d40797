"""The provider over HTTP: who may ask, idempotency keys, trouble on purpose, and which address does what."""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import ipaddress
from collections.abc import Callable
from datetime import datetime
from urllib.parse import parse_qs

from tacit.connectors.practice_provider import signature
from tacit.connectors.practice_provider.process import page
from tacit.connectors.practice_provider.process.books import KeptAnswer
from tacit.connectors.practice_provider.process.exchange import (
    Message,
    Receive,
    Reply,
    Request,
    Send,
    hang_up,
    read_request,
    send_reply,
)
from tacit.connectors.practice_provider.process.fields import checked_text
from tacit.connectors.practice_provider.process.provider import Provider
from tacit.connectors.practice_provider.process.rules import Payment, Refusal
from tacit.connectors.practice_provider.process.trouble import Trouble
from tacit.connectors.practice_provider.signature import AHEAD_HEADER

_VERBS = ("capture", "void", "refund")


class HangUp(Exception):
    """The connection is closed without an answer."""


class Application:
    """The ASGI application."""

    def __init__(self, provider: Provider) -> None:
        self.provider = provider
        self._first_trouble = provider.trouble.as_json()
        self._authorisation = f"Bearer {signature.api_key(provider.secret)}".encode()
        self._in_flight: dict[str, bytes] = {}

    async def __call__(self, scope: Message, receive: Receive, send: Send) -> None:
        """One request."""
        try:
            request = await read_request(scope, receive)
            reply = await self._reply(request)
        except Refusal as refusal:
            reply = Reply.refusing(refusal)
        except HangUp:
            await hang_up(scope, receive)
            return
        await send_reply(reply, send)

    async def _reply(self, request: Request) -> Reply:
        self._keep_time(request)
        top, *rest = request.path.strip("/").split("/")
        if top == "_practice":
            return self._practice(request, "/".join(rest))
        if top not in ("v1", "pay"):
            raise Refusal(404, "no_such_address", "there is nothing here")
        if self.provider.trouble.is_down():
            if self.provider.trouble.down_by == "close":
                raise HangUp
            raise Refusal(503, "down", "the practice provider is down on purpose")
        if top == "pay" and len(rest) == 1:
            return self._page(request, rest[0])
        self._authorise(request)
        return await self._api(request, rest)

    def _keep_time(self, request: Request) -> None:
        """A demo shop lets days pass in a moment; its provider must follow, also after it was started anew."""
        ahead = request.headers.get(AHEAD_HEADER.lower(), "")
        if not ahead:
            return
        if not (ahead.isascii() and ahead.isdecimal() and len(ahead) <= 8):
            raise Refusal(400, "invalid_field", f"{AHEAD_HEADER} must be whole seconds", AHEAD_HEADER)
        if int(ahead) != self.provider.trouble.skipped_seconds:
            self._authorise(request)
            self.provider.trouble.skipped_seconds = int(ahead)
            self.provider.news.set()

    def _authorise(self, request: Request) -> None:
        given = request.headers.get("authorization", "").encode("latin-1")
        if not hmac.compare_digest(given, self._authorisation):
            raise Refusal(401, "unauthorised", "the API key is missing or wrong")

    # The API

    async def _api(self, request: Request, path: list[str]) -> Reply:
        match request.method, path:
            case "GET", ["payments"]:
                await self._delay()
                if parse_qs(request.query, max_num_fields=10).keys() & {"opened_since"}:
                    return self._payments_opened(request)
                return self._payments_called(request)
            case "POST", ["kept", token, "forget"]:
                with self.provider.books.transaction():
                    self.provider.books.forget_kept(token)
                return Reply.of({"forgotten": True})
            case "GET", ["payments", identity]:
                await self._delay()
                now = self.provider.now()
                with self.provider.books.transaction():
                    payment = self.provider.find(identity, now=now)
                    return Reply.of(self.provider.as_json(payment))
            case "POST", ["payments"]:
                return await self._once(
                    request, lambda key, now: self.provider.create(request.body, key=key, now=now)
                )
            case "POST", ["payments", identity, verb] if verb in _VERBS:
                return await self._once(
                    request,
                    lambda key, now: self.provider.operate(identity, verb, request.body, key=key, now=now),
                )
            case _, ["payments"] | ["payments", _]:
                raise Refusal(405, "wrong_method", "this address does not take that method")
            case _, ["payments", _, verb] if verb in _VERBS:
                raise Refusal(405, "wrong_method", "this address takes POST only")
        raise Refusal(404, "no_such_address", "there is nothing here")

    def _payments_called(self, request: Request) -> Reply:
        given = parse_qs(request.query, max_num_fields=10).get("reference", [""])
        reference = checked_text("reference", given[0], longest=200)
        now = self.provider.now()
        with self.provider.books.transaction():
            found = [
                self.provider.up_to_date(payment, now=now)
                for payment in self.provider.books.payments_called(reference)
            ]
            return Reply.of({"payments": [self.provider.as_json(payment) for payment in found]})

    def _payments_opened(self, request: Request) -> Reply:
        given = parse_qs(request.query, max_num_fields=10)
        try:
            since = datetime.fromisoformat(given["opened_since"][0]).timestamp()
            after = int(given.get("after", ["0"])[0])
        except (ValueError, OverflowError) as error:
            raise Refusal(400, "invalid_field", "opened_since must be a time", "opened_since") from error
        now = self.provider.now()
        with self.provider.books.transaction():
            found, more = self.provider.opened(since, after=after, now=now)
            return Reply.of({"payments": [self.provider.as_json(payment) for payment in found], "more": more})

    async def _once(self, request: Request, work: Callable[[str, float], Payment]) -> Reply:
        """Do ``work`` at most once for each idempotency key, for as long as the key is remembered."""
        key = request.headers.get("idempotency-key", "")
        checked_text("Idempotency-Key", key, longest=255, optional=True)
        asked = hashlib.sha256(f"{request.path}\n".encode() + request.body).digest()
        if key in self._in_flight:
            _same_request(asked, self._in_flight[key])
            raise Refusal(409, "idempotency_in_flight", "the first request with this key is not done yet")
        if key:
            self._in_flight[key] = asked
        try:
            await self._delay()
            reply = self._do_once(key, asked, work)
        finally:
            self._in_flight.pop(key, None)
        if self.provider.trouble.drops_answer():
            raise HangUp
        return reply

    def _do_once(self, key: str, asked: bytes, work: Callable[[str, float], Payment]) -> Reply:
        now = self.provider.now()
        books = self.provider.books
        kept = books.kept_answer(key, now) if key else None
        if kept:
            _same_request(asked, kept.request)
            replayed = (("content-type", "application/json"), ("idempotent-replayed", "true"))
            return Reply(kept.status, kept.body, replayed)
        with books.transaction():
            reply = Reply.of(self.provider.as_json(work(key, now)))
            if key:
                books.keep_answer(key, KeptAnswer(asked, reply.status, reply.body), now)
        return reply

    async def _delay(self) -> None:
        if self.provider.trouble.delay_ms:
            await asyncio.sleep(self.provider.trouble.delay_ms / 1000)

    # The buyer's page

    def _page(self, request: Request, token: str) -> Reply:
        provider = self.provider
        if request.method not in ("GET", "POST"):
            raise Refusal(405, "wrong_method", "this address takes GET and POST only")
        now = provider.now()
        with provider.books.transaction():
            payment = provider.books.payment_on_page(token)
            if payment is None:
                return page.unknown()
            payment = provider.up_to_date(payment, now=now)
            if request.method == "GET" or payment.state != "needs_action":
                return page.show(payment)
            choice = page.choice(request.body)
            after = page.decide(provider, payment, choice, now=now)
        if after.state == "needs_action":
            return page.show(after)
        return page.back_to_shop(after)

    # Practice only

    def _practice(self, request: Request, name: str) -> Reply:
        # The client's address, because the port may be published by mistake; the key, because any web
        # page open on this machine can reach loopback.
        if not request.client or not ipaddress.ip_address(request.client).is_loopback:
            raise Refusal(403, "loopback_only", "only this machine may ask for trouble")
        self._authorise(request)
        provider = self.provider
        match request.method, name:
            case "GET", "ledger":
                return Reply.of(provider.ledger())
            case "GET", "trouble":
                return Reply.of(provider.trouble.as_json())
            case "POST", "trouble":
                if provider.trouble.change(request.body):
                    provider.books.forget_keys()
                provider.news.set()
                return Reply.of(provider.trouble.as_json())
            case "POST", "reset":
                provider.trouble = Trouble(**self._first_trouble)
                with provider.books.transaction():
                    provider.books.clear()
                return Reply.of(provider.trouble.as_json())
        raise Refusal(404, "no_such_address", "there is nothing here")


def _same_request(asked: bytes, first: bytes) -> None:
    if asked != first:
        raise Refusal(422, "idempotency_key_reused", "this key was used with another request")
