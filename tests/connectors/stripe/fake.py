"""A local Stripe: its documented HTTP (forms with nested names, Idempotency-Key, errors as JSON, cursors) over
`Books`. What it is sent is held against the official library's own list of parameters."""

from __future__ import annotations

import json
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import stripe
from stripe import params as known

from tests.connectors.stripe.books import MISSING, Books, Data, Refusal, listed

KEY = "sk_test_of_the_tests"
RESTRICTED = "rk_test_of_the_tests"
SECRET = "whsec_of_the_tests"
_WHOLE = frozenset(("amount", "unit_amount", "amount_to_capture", "quantity", "expires_at", "limit", "gte"))
_FLAGS = frozenset(("confirm", "off_session", "enabled"))


class FakeStripe:
    """`url`, and trouble: `forbidden` (parts of paths the key may not touch),
    `down`, `drop` (how many changing requests lose their answer, after `drop_after` that do
    not), `forget_keys()`. `requests` are those that arrived: method and path."""

    def __init__(self) -> None:
        self.books = Books()
        self.lock = threading.Lock()
        self.answers: dict[str, tuple[str, int, bytes]] = {}
        self.requests: list[str] = []
        self.down = ""
        self.drop = self.drop_after = 0
        self.account_status = 200
        self.forbidden: set[str] = set()
        self.endpoints: list[Data] = []
        fake = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self) -> None:
                fake.serve(self, "GET", b"")

            def do_POST(self) -> None:
                fake.serve(self, "POST", self.rfile.read(int(self.headers.get("Content-Length", 0))))

            def do_DELETE(self) -> None:
                fake.serve(self, "DELETE", b"")

            def log_message(self, *_: object) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self.url = self.books.base = f"http://127.0.0.1:{self._server.server_port}"
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True)
        self._thread.start()

    def stop(self) -> None:
        self._server.shutdown()
        self._server.server_close()

    def forget_keys(self) -> None:
        self.answers.clear()

    def sign(self, event: Data, *, secret: str = SECRET, at: float | None = None) -> tuple[bytes, str]:
        """The webhook as it is sent: body and Stripe-Signature."""
        body = json.dumps(event)
        stamp = int(time.time() if at is None else at)
        return body.encode(), stripe.WebhookSignature.generate_signature_header(body, secret, stamp)

    def serve(self, handler: BaseHTTPRequestHandler, method: str, raw: bytes) -> None:
        """One request."""
        with self.lock:
            path = urlsplit(handler.path).path
            self.requests.append(f"{method} {path}")
            if self.down == "close":
                handler.close_connection = True
                return
            status, body = self._reply(handler, method, path, raw)
            lost = False
            if method == "POST" and self.drop:
                self.drop_after -= 1
                lost = self.drop_after < 0
                self.drop -= lost
        if lost:
            handler.close_connection = True
            return
        handler.send_response(status)
        handler.send_header("Content-Type", "application/json")
        handler.send_header("Content-Length", str(len(body)))
        handler.end_headers()
        handler.wfile.write(body)

    def _reply(
        self, handler: BaseHTTPRequestHandler, method: str, path: str, raw: bytes
    ) -> tuple[int, bytes]:
        try:
            if self.down:
                raise Refusal(int(self.down), "", "Something went wrong on Stripe's end.", kind="api_error")
            if handler.headers.get("Authorization") not in (f"Bearer {KEY}", f"Bearer {RESTRICTED}"):
                raise Refusal(401, "", "Invalid API Key provided")
            for name in self.forbidden:
                if name in path:
                    raise Refusal(
                        403,
                        "",
                        f"The provided key 'rk_test_*****ests' does not have the required permissions for this "
                        f"endpoint. Having the 'rak_{name.removesuffix('s')}_write' permission would allow this "
                        "request to continue.",
                    )
            query = urlsplit(handler.path).query
            given = _nested(raw.decode() if method == "POST" else query)
            if method == "DELETE":
                return 200, json.dumps(self._delete(path)).encode()
            if method == "GET":
                return 200, json.dumps(self._get(path, given)).encode()
            return self._once(handler.headers.get("Idempotency-Key", ""), path, raw, given)
        except Refusal as refusal:
            return refusal.status, json.dumps(refusal.body).encode()

    def _once(self, key: str, path: str, raw: bytes, given: Data) -> tuple[int, bytes]:
        asked = f"{path}\n{raw.decode()}"
        assert key, f"POST {path} without an Idempotency-Key"
        if key in self.answers:
            first, status, body = self.answers[key]
            if first != asked:
                raise Refusal(
                    400, "", "Keys can only be used with the same parameters", kind="idempotency_error"
                )
            return status, body
        try:
            status, body = 200, json.dumps(self._post(path, given)).encode()
        except Refusal as refusal:
            status, body = refusal.status, json.dumps(refusal.body).encode()
        self.answers[key] = (asked, status, body)
        return status, body

    def _get(self, path: str, given: Data) -> Data:
        books, expand = self.books, tuple(given.get("expand", ()))
        match path.strip("/").split("/")[1:]:
            case ["account"]:
                if self.account_status != 200:
                    raise Refusal(self.account_status, "", "The provided key does not have access")
                return {"id": "acct_1", "object": "account", "charges_enabled": True, "country": "DE"}
            case ["webhook_endpoints"]:
                return listed(self.endpoints, more=False, url=path)
            case ["checkout", "sessions"]:
                _check(known.checkout.SessionListParams, given)
                return self._page(list(books.sessions.values()), path, given, expand)
            case ["checkout", "sessions", identity]:
                return books.shown(_named(books.sessions, identity), expand)
            case ["payment_intents"]:
                _check(known.PaymentIntentListParams, given)
                return self._page(list(books.intents.values()), path, given, expand)
            case ["payment_intents", identity]:
                return books.shown(_named(books.intents, identity), expand)
            case ["payment_methods", identity]:
                return books.shown(_named(books.methods, identity))
            case ["refunds"]:
                _check(known.RefundListParams, given)
                return self._page(list(books.refunds.values()), path, given, ())
            case ["customers"]:
                return listed(list(books.customers.values()), more=False, url=path)
            case ["customers", identity]:
                return _named(books.customers, identity)
            case ["customers", identity, "payment_methods"]:
                _check(known.CustomerPaymentMethodListParams, given)
                mine = [one for one in books.methods.values() if one["customer"] == identity]
                return listed([books.shown(one) for one in mine], more=False, url=path)
            case ["payment_methods"]:
                return listed([books.shown(one) for one in books.methods.values()], more=False, url=path)
        raise Refusal(404, "", f"Unrecognized request URL {path}")

    def _page(self, things: list[Data], path: str, given: Data, expand: tuple[str, ...]) -> Data:
        newest = [one for one in reversed(things) if one["created"] >= given.get("created", {}).get("gte", 0)]
        for name in {"customer", "status", "payment_intent"} & given.keys():
            newest = [one for one in newest if one[name] == given[name]]
        after = given.get("starting_after")
        places = [place for place, one in enumerate(newest, 1) if one["id"] == after]
        rest = newest[places[0] if places else 0 :]
        limit = min(given.get("limit", 10), self.page_size)
        deeper = tuple(one.removeprefix("data.") for one in expand)
        shown = [self.books.shown(one, deeper) for one in rest[:limit]]
        return listed(shown, more=len(rest) > limit, url=path)

    page_size = 100

    def _delete(self, path: str) -> Data:
        match path.strip("/").split("/")[1:]:
            case ["customers", identity]:
                return self.books.delete_customer(_named(self.books.customers, identity))
        raise Refusal(404, "", f"Unrecognized request URL {path}")

    def _post(self, path: str, given: Data) -> Data:
        books, expand = self.books, tuple(given.get("expand", ()))
        match path.strip("/").split("/")[1:]:
            case ["checkout", "sessions"]:
                _check(known.checkout.SessionCreateParams, given)
                return books.shown(books.open_session(given), expand)
            case ["checkout", "sessions", identity]:
                _check(known.checkout.SessionUpdateParams, given)
                return books.shown(_marked(_named(books.sessions, identity), given))
            case ["checkout", "sessions", identity, "expire"]:
                return books.shown(books.expire(_named(books.sessions, identity)), expand)
            case ["payment_intents"]:
                _check(known.PaymentIntentCreateParams, given)
                intent = books.open_intent(given)
                books.confirm(intent, given["payment_method"], off_session=given.get("off_session", False))
                return books.shown(intent, expand)
            case ["payment_intents", identity]:
                _check(known.PaymentIntentUpdateParams, given)
                return books.shown(_marked(_named(books.intents, identity), given))
            case ["payment_intents", identity, "confirm"]:
                _check(known.PaymentIntentConfirmParams, given)
                intent = _named(books.intents, identity)
                books.confirm(intent, given["payment_method"], off_session=given.get("off_session", False))
                return books.shown(intent, expand)
            case ["payment_intents", identity, "capture"]:
                _check(known.PaymentIntentCaptureParams, given)
                return books.shown(books.capture(_named(books.intents, identity), given), expand)
            case ["payment_intents", identity, "cancel"]:
                _check(known.PaymentIntentCancelParams, given)
                return books.shown(books.cancel(_named(books.intents, identity)), expand)
            case ["refunds"]:
                _check(known.RefundCreateParams, given)
                return books.refund(given)
            case ["payment_methods", identity, "detach"]:
                method = _named(books.methods, identity)
                if method["customer"] is None:
                    raise Refusal(400, "", "The payment method is not attached to a customer")
                method["customer"] = None
                return books.shown(method)
        raise Refusal(404, "", f"Unrecognized request URL {path}")


def _named(things: dict[str, Data], identity: str) -> Data:
    if identity not in things:
        raise Refusal(404, MISSING, f"No such object: '{identity}'")
    return things[identity]


def _marked(thing: Data, given: Data) -> Data:
    thing["metadata"] = {**thing["metadata"], **given.get("metadata", {})}
    return thing


def _check(shape: Any, given: Data) -> None:
    for name in given:
        if name not in shape.__annotations__:
            raise Refusal(400, "parameter_unknown", f"Received unknown parameter: {name}", param=name)


def _nested(form: str) -> Data:
    """`a[b][0][c]=1` as {"a": {"b": [{"c": 1}]}}."""
    tree: Data = {}
    for name, value in parse_qsl(form, keep_blank_values=True):
        steps = name.replace("]", "").split("[")
        branch = tree
        for step in steps[:-1]:
            branch = branch.setdefault(step, {})
        branch[steps[-1]] = _read(steps[-1], value)
    listed_tree: Data = _lists(tree)
    return listed_tree


def _read(name: str, value: str) -> object:
    if name in _WHOLE:
        return int(value)
    if name in _FLAGS:
        return {"true": True, "false": False}[value.lower()]
    return value


def _lists(tree: Any) -> Any:
    if not isinstance(tree, dict):
        return tree
    if tree and all(key.isdigit() for key in tree):
        return [_lists(tree[key]) for key in sorted(tree, key=int)]
    return {key: _lists(value) for key, value in tree.items()}
