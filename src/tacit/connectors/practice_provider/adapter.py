"""The payment port spoken to the practice provider over HTTP."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, urlsplit

import urllib3

from tacit.checkout.types.payment import (
    KeptInstrument,
    Operation,
    OperationKind,
    PaymentAnswer,
    PaymentMethod,
    PaymentProvider,
    PaymentRequest,
    PaymentState,
    ProviderRefused,
    ProviderUnreachable,
)
from tacit.connectors.practice_provider import signature
from tacit.connectors.practice_provider.cards import CARDS, PAGE
from tacit.core.money import Money

CONNECT_SECONDS = 1.0
READ_SECONDS = 4.0
CONNECTIONS = 8

_METHODS = (
    *(
        PaymentMethod(
            card.code,
            f"Practice card {card.ending}: {card.meaning}",
            labels={"de": f"Übungskarte {card.ending}: {card.meaning_de}"},
        )
        for card in CARDS
    ),
    PaymentMethod(
        PAGE,
        "Choose a card on the provider's page",
        hosted=True,
        labels={"de": "Karte auf der Seite des Zahlungsanbieters wählen"},
    ),
)
# These answers say that the provider is busy, not that nothing happened.
_UNSETTLED_STATUSES = (408, 425, 429)
_UNSETTLED_CODES = ("idempotency_in_flight",)
# When a reference was created twice, the payment that holds or took money is the one to know about.
_TELLING = (
    PaymentState.CAPTURED,
    PaymentState.AUTHORISED,
    PaymentState.PROCESSING,
    PaymentState.NEEDS_ACTION,
    PaymentState.CREATED,
    PaymentState.VOIDED,
    PaymentState.DECLINED,
)


class PracticeProvider:
    """A PaymentProvider. Keeps its connections and may be used from many threads."""

    name = "practice"
    keeps = True

    def __init__(
        self,
        *,
        base_url: str,
        secret: str,
        read_seconds: float = READ_SECONDS,
        ahead: Callable[[], timedelta] | None = None,
    ) -> None:
        """``base_url`` is where the process listens, ``secret`` what both sides share; calls nobody.

        ``ahead``: how far the shop's clock is moved, told with every request so that the provider's follows.

        Raises ValueError when ``base_url`` is not an http or https address or ``secret`` is empty.
        """
        if urlsplit(base_url).scheme not in ("http", "https") or not urlsplit(base_url).hostname:
            raise ValueError(f"{base_url!r} is not the address of a provider; write http://host:port")
        if not secret:
            raise ValueError("the practice provider needs the secret it shares with the shop")
        self._base_url = base_url.rstrip("/")
        self._secret = secret
        self._ahead = ahead
        self._pool = urllib3.PoolManager(
            num_pools=1,
            maxsize=CONNECTIONS,
            timeout=urllib3.Timeout(connect=CONNECT_SECONDS, read=read_seconds),
            # Never again by itself: what was lost may have been done, and only the caller may look.
            retries=False,
            headers={
                "Authorization": f"Bearer {signature.api_key(secret)}",
                "Content-Type": "application/json",
            },
        )

    def methods(self) -> tuple[PaymentMethod, ...]:
        """Every practice card, the approving one first, and the provider's page."""
        return _METHODS

    def create(self, request: PaymentRequest) -> PaymentAnswer:
        """Open a payment that the buyer finishes on the provider's page."""
        return self._new(request, confirm=False)

    def authorise(self, request: PaymentRequest) -> PaymentAnswer:
        """Pay at once with the card named by ``request.method``, or the kept one (``request.saved``)."""
        return self._new(request, confirm=True)

    def told(self, body: bytes) -> PaymentAnswer | None:
        """What a verified webhook says of its payment, or None when that cannot be read."""
        try:
            return _answer(json.loads(body)["payment"])
        except (ProviderUnreachable, ValueError, KeyError, TypeError):
            return None

    def capture(self, reference: str, *, amount: Money, key: str, hint: str = "") -> PaymentAnswer:
        """Once for each payment; what is not captured is released."""
        return self._operate(reference, "capture", _money(amount), key, hint)

    def void(self, reference: str, *, key: str, hint: str = "") -> PaymentAnswer:
        """Also ends a payment that the buyer has not finished. Refused while ``PROCESSING``."""
        return self._operate(reference, "void", {}, key, hint)

    def refund(self, reference: str, *, amount: Money, key: str, hint: str = "") -> PaymentAnswer:
        """As often as something is left of what was captured."""
        return self._operate(reference, "refund", _money(amount), key, hint)

    def look_up(
        self, reference: str, *, hint: str = "", since: datetime | None = None
    ) -> PaymentAnswer | None:
        """An operation with an empty key was not asked for by us: the authorisation lapsed."""
        data = self._call("GET", "/v1/payments", query={"reference": reference})
        try:
            found = [_answer(one) for one in data["payments"]]
        except (KeyError, TypeError) as error:
            raise ProviderUnreachable("the answer cannot be read") from error
        return min(found, key=lambda one: _TELLING.index(one.state), default=None)

    def opened_since(self, moment: datetime) -> Iterator[PaymentAnswer]:
        """Page by page, oldest first."""
        query = {"opened_since": moment.isoformat()}
        more = True
        while more:
            data = self._call("GET", "/v1/payments", query=query)
            try:
                answers, more = [_answer(one) for one in data["payments"]], bool(data["more"])
            except (KeyError, TypeError) as error:
                raise ProviderUnreachable("the answer cannot be read") from error
            query["after"] = str(data["more"])
            yield from answers

    def forget(self, token: str, *, customer: str = "") -> None:
        """As often as one likes. Of customers nothing is held but their ids."""
        self._call("POST", f"/v1/kept/{quote(token, safe='')}/forget")

    def verify(self, header: str, body: bytes, *, now: datetime) -> None:
        """Raises BadSignature unless ``body`` is a fresh webhook from the provider, signed by ``header``."""
        signature.verify(self._secret, header, body, now=now)

    def switches(self) -> dict[str, Any]:
        """The provider's trouble switches as they stand, by name (``process/trouble.py``)."""
        return dict(self._call("GET", "/_practice/trouble"))

    def switch(self, **changes: Any) -> dict[str, Any]:
        """Set some of them; all as they stand then. Also tells the provider the shop's time."""
        return dict(self._call("POST", "/_practice/trouble", body=changes))

    def _new(self, request: PaymentRequest, *, confirm: bool) -> PaymentAnswer:
        body = {
            **_money(request.amount),
            "reference": request.reference,
            "method": request.method,
            "return_url": request.return_url,
            "description": request.description,
            "confirm": confirm,
            "capture": request.capture,
            "keep": request.keep,
            "saved": request.saved,
            "customer": request.customer,
        }
        # What is new is new once for each reference, so the reference is the key.
        return _answer(self._call("POST", "/v1/payments", body=body, key=request.reference))

    def _operate(self, reference: str, verb: str, body: dict[str, Any], key: str, hint: str) -> PaymentAnswer:
        if not hint:
            payment = self.look_up(reference)
            if payment is None:
                raise ProviderRefused("no_such_payment", f"the provider has no payment called {reference}")
            hint = payment.provider_reference
        path = f"/v1/payments/{quote(hint, safe='')}/{verb}"
        return _answer(self._call("POST", path, body=body, key=key))

    def _call(
        self,
        method: str,
        path: str,
        *,
        query: dict[str, str] | None = None,
        body: dict[str, Any] | None = None,
        key: str = "",
    ) -> Any:
        headers = dict(self._pool.headers)
        if key:
            headers["Idempotency-Key"] = key
        if self._ahead is not None:
            headers[signature.AHEAD_HEADER] = str(int(self._ahead().total_seconds()))
        try:
            response = self._pool.request(
                method,
                self._base_url + path,
                fields=query,
                body=None if body is None else json.dumps(body).encode(),
                headers=headers,
                redirect=False,
            )
            status, raw = response.status, response.data
        except urllib3.exceptions.HTTPError as error:
            raise ProviderUnreachable(f"no answer from the practice provider: {error}") from error
        try:
            data = json.loads(raw)
        except (ValueError, RecursionError) as error:
            raise ProviderUnreachable(f"status {status} with an unreadable answer") from error
        if 200 <= status < 300:
            return data
        code, message = _error(data)
        if (
            400 <= status < 500
            and code
            and status not in _UNSETTLED_STATUSES
            and code not in _UNSETTLED_CODES
        ):
            raise ProviderRefused(code, message)
        raise ProviderUnreachable(f"the practice provider answered {status} {code}")


def _money(amount: Money) -> dict[str, Any]:
    return {"amount_minor": amount.minor, "currency": amount.currency}


def _error(data: Any) -> tuple[str, str]:
    """Code and message; empty when the answer does not come from the provider (a proxy's page)."""
    error = data.get("error") if isinstance(data, dict) else None
    if not isinstance(error, dict):
        return "", ""
    return str(error.get("code", "")), str(error.get("message", ""))


def _answer(data: Any) -> PaymentAnswer:
    """Raises ProviderUnreachable on anything that is not a whole payment."""
    try:
        currency = data["currency"]
        deadline = data["capture_by"]
        return PaymentAnswer(
            reference=data["reference"],
            provider_reference=data["id"],
            state=PaymentState(data["state"]),
            amount=Money(data["amount_minor"], currency),
            authorised=Money(data["authorised_minor"], currency),
            captured=Money(data["captured_minor"], currency),
            refunded=Money(data["refunded_minor"], currency),
            operations=tuple(
                Operation(one["key"], OperationKind(one["kind"]), Money(one["amount_minor"], currency))
                for one in data["operations"]
            ),
            fingerprint=data["fingerprint"],
            instrument=data["instrument"],
            capture_by=None if deadline is None else datetime.fromisoformat(deadline),
            action_url=data["action_url"],
            decline_code=data["decline_code"],
            kept=_kept(data.get("kept")),
        )
    except (KeyError, TypeError, ValueError) as error:
        raise ProviderUnreachable("the answer cannot be read") from error


def _kept(data: Any) -> KeptInstrument | None:
    if data is None:
        return None
    return KeptInstrument(data["token"], data["customer"], data["label"], date.fromisoformat(data["expires"]))


if TYPE_CHECKING:
    _is_a_provider: type[PaymentProvider] = PracticeProvider
