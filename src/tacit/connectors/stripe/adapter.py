"""The payment port spoken to Stripe."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import stripe

from tacit.checkout.types.payment import (
    OperationKind,
    PaymentAnswer,
    PaymentMethod,
    PaymentProvider,
    PaymentRequest,
    PaymentState,
    ProviderRefused,
    ProviderUnreachable,
)
from tacit.connectors.stripe import calls
from tacit.connectors.stripe.amounts import to_stripe
from tacit.connectors.stripe.answers import (
    CAPTURE_KEY,
    NEEDS_AUTHENTICATION,
    REFERENCE,
    REFUND_KEY,
    SHOP,
    VOID_KEY,
    of_intent,
    of_session,
)
from tacit.connectors.stripe.calls import asking
from tacit.connectors.stripe.forgetting import forget
from tacit.core.money import Money

PAGE = "page"

_METHODS = (
    PaymentMethod(
        PAGE,
        "Card and other ways to pay, on Stripe's page",
        hosted=True,
        labels={"de": "Karte und andere Zahlungsarten, auf der Seite von Stripe"},
    ),
)
_OF_INTENT = "latest_charge.refunds"
_OF_SESSION = f"payment_intent.{_OF_INTENT}"
_LISTED_AT_ONCE = 100
_SLACK = timedelta(minutes=5)
"""How far Stripe's clock may be behind ours."""
_OLDEST = timedelta(days=30)
"""How far back is searched where nobody says since when."""
_PAGE_OPEN_LONGER = timedelta(minutes=10)
"""Stripe keeps a page open for half an hour at least, which is just what the shop waits."""
_TELLING = (
    PaymentState.CAPTURED,
    PaymentState.AUTHORISED,
    PaymentState.PROCESSING,
    PaymentState.NEEDS_ACTION,
    PaymentState.CREATED,
    PaymentState.VOIDED,
    PaymentState.DECLINED,
)


class StripeProvider:
    """A PaymentProvider. May be used from many threads."""

    name = "stripe"
    keeps = True

    def __init__(
        self,
        *,
        key: str,
        webhook_secrets: Sequence[str] = (),
        shop: str = "",
        api: str = calls.API,
        read_seconds: float = calls.READ_SECONDS,
        ahead: Callable[[], timedelta] | None = None,
    ) -> None:
        """``key``: a secret or restricted API key. ``webhook_secrets``: any of them may have signed a webhook.

        ``shop``: tells this shop's payments from those of others in the same Stripe account; opaque.
        ``ahead``: how far the shop's clock is moved (demos only); Stripe's is not. Raises ValueError.
        """
        self._client = calls.client(key, api=api, read_seconds=read_seconds)
        self.webhook_secrets = tuple(webhook_secrets)
        self._shop = shop
        self._ahead = ahead or (lambda: timedelta(0))

    def methods(self) -> tuple[PaymentMethod, ...]:
        """Stripe's page, which offers what the merchant switched on at Stripe."""
        return _METHODS

    def create(self, request: PaymentRequest) -> PaymentAnswer:
        """Open a Checkout Session."""
        metadata = self._metadata(request)
        intent: dict[str, Any] = {
            "capture_method": "automatic" if request.capture else "manual",
            "description": request.description,
            "metadata": metadata,
        }
        price = {
            "currency": request.amount.currency.lower(),
            "unit_amount": to_stripe(request.amount),
            "product_data": {"name": request.description or request.reference},
        }
        params: Any = {
            "mode": "payment",
            "client_reference_id": request.reference,
            "metadata": metadata,
            "line_items": [{"quantity": 1, "price_data": price}],
            "payment_intent_data": intent,
            "success_url": request.return_url,
            "cancel_url": request.return_url,
            # The price shown in the shop is the price.
            "adaptive_pricing": {"enabled": False},
            "expand": [_OF_SESSION],
        }
        if request.keep:
            intent["setup_future_usage"] = "off_session"
            params |= {"customer": request.customer} if request.customer else {"customer_creation": "always"}
        if request.pay_by is not None:
            ends = request.pay_by - self._ahead() + _PAGE_OPEN_LONGER
            params["expires_at"] = int(ends.timestamp())
        try:
            return self._open_page(params, key=request.reference)
        except ProviderRefused as refusal:
            if refusal.code != calls.MISSING or "customer" not in params:
                raise
        # The customer was deleted at Stripe; whoever pays becomes a new one.
        del params["customer"]
        params["customer_creation"] = "always"
        return self._open_page(params, key=f"{request.reference}:new-customer")

    def _open_page(self, params: Any, *, key: str) -> PaymentAnswer:
        with asking():
            session = self._client.v1.checkout.sessions.create(params, options={"idempotency_key": key})
        return of_session(session.to_dict())

    def _metadata(self, request: PaymentRequest) -> dict[str, str]:
        return {REFERENCE: request.reference} | ({SHOP: self._shop} if self._shop else {})

    def authorise(self, request: PaymentRequest) -> PaymentAnswer:
        """Charge a kept instrument (``request.saved``) while the buyer is away; if their bank wants to see them,
        ask once more with a way for them to come back."""
        if not request.saved:
            raise ProviderRefused("unknown_method", "Stripe is paid on its page or with a kept instrument")
        params: Any = {
            "amount": to_stripe(request.amount),
            "currency": request.amount.currency.lower(),
            "customer": request.customer,
            "payment_method": request.saved,
            "confirm": True,
            "off_session": True,
            "capture_method": "automatic" if request.capture else "manual",
            "description": request.description,
            "metadata": self._metadata(request),
            "return_url": request.return_url,
            "expand": [_OF_INTENT],
        }
        again: Any = {
            "payment_method": request.saved,
            "off_session": False,
            "return_url": request.return_url,
            "expand": [_OF_INTENT],
        }
        intents = self._client.v1.payment_intents
        try:
            with asking():
                return self._of_intent(
                    intents.create(params, options={"idempotency_key": request.reference}).to_dict()
                )
        except stripe.CardError as error:
            opened, code = _opened(error), error.code
        if code == NEEDS_AUTHENTICATION:
            key = f"{request.reference}:present"
            try:
                with asking():
                    return self._of_intent(
                        intents.confirm(opened, again, options={"idempotency_key": key}).to_dict()
                    )
            except stripe.CardError as error:
                opened = _opened(error)
        answer = self._fetch(opened)
        if answer is None:
            raise ProviderUnreachable("Stripe declined a payment that it does not know")
        return answer

    def capture(self, reference: str, *, amount: Money, key: str, hint: str = "") -> PaymentAnswer:
        """Once for each payment; what is not captured is released."""
        known = self._known(reference, hint)
        if _done(known, OperationKind.CAPTURE, key, amount):
            return known
        _expect(known, "captured", PaymentState.AUTHORISED)
        _same_currency(known, amount)
        params: Any = {
            "amount_to_capture": to_stripe(amount),
            "metadata": {CAPTURE_KEY: key},
            "expand": [_OF_INTENT],
        }
        try:
            with asking():
                intent = self._client.v1.payment_intents.capture(
                    known.provider_reference, params, options={"idempotency_key": key}
                )
        except stripe.CardError as error:
            raise calls.refused(error) from error
        return self._of_intent(intent.to_dict())

    def void(self, reference: str, *, key: str, hint: str = "") -> PaymentAnswer:
        """Also ends a payment that the buyer has not finished. Refused while ``PROCESSING``."""
        known = self._known(reference, hint)
        if any(one.kind is OperationKind.VOID and one.key == key for one in known.operations):
            return known
        _expect(known, "voided", PaymentState.AUTHORISED, PaymentState.NEEDS_ACTION, PaymentState.CREATED)
        identity = known.provider_reference
        # Neither cancelling nor expiring takes our key along, so it is written down before.
        mark: Any = {"metadata": {VOID_KEY: key}}
        marked: Any = {"idempotency_key": f"{key}:mark"}
        options: Any = {"idempotency_key": key}
        try:
            with asking():
                if _is_session(identity):
                    sessions = self._client.v1.checkout.sessions
                    sessions.update(identity, mark, options=marked)
                    ended = sessions.expire(identity, {"expand": [_OF_SESSION]}, options=options)
                    return of_session(ended.to_dict())
                intents = self._client.v1.payment_intents
                intents.update(identity, mark, options=marked)
                cancelled = intents.cancel(identity, {"expand": [_OF_INTENT]}, options=options)
        except stripe.CardError as error:
            raise calls.refused(error) from error
        return self._of_intent(cancelled.to_dict())

    def refund(self, reference: str, *, amount: Money, key: str, hint: str = "") -> PaymentAnswer:
        """As often as something is left of what was captured. A refund on its way counts as done; should it fail
        later, what was refunded falls again."""
        known = self._known(reference, hint)
        if _done(known, OperationKind.REFUND, key, amount):
            return known
        _expect(known, "refunded", PaymentState.CAPTURED)
        _same_currency(known, amount)
        if amount.minor > known.captured.minor - known.refunded.minor:
            raise ProviderRefused("amount_too_large", "more than was captured and not yet refunded")
        params: Any = {
            "payment_intent": known.provider_reference,
            "amount": to_stripe(amount),
            "metadata": {REFERENCE: reference, REFUND_KEY: key},
        }
        try:
            with asking():
                refund = self._client.v1.refunds.create(params, options={"idempotency_key": key})
        except stripe.CardError as error:
            raise calls.refused(error) from error
        if refund.status in ("failed", "canceled"):
            raise ProviderRefused(refund.failure_reason or "refund_failed", "the bank did not take it back")
        return self._known(reference, known.provider_reference)

    def look_up(
        self, reference: str, *, hint: str = "", since: datetime | None = None
    ) -> PaymentAnswer | None:
        """By ``hint`` where it is known; else among everything opened ``since``, because Stripe's search is
        up to an hour behind and its lists are not."""
        if hint:
            known = self._fetch(hint)
            if known is not None and known.reference == reference:
                return known
        start = datetime.now(UTC) - _OLDEST if since is None else since - self._ahead() - _SLACK
        found = (one for one, _ in self._opened(start) if one.reference == reference)
        return min(found, key=lambda one: _TELLING.index(one.state), default=None)

    def opened_since(self, moment: datetime) -> Iterator[PaymentAnswer]:
        """Also payments of the same Stripe account that are none of this shop's."""
        for one, shop in self._opened(moment - self._ahead()):
            yield one if shop == self._shop else replace(one, reference="")

    def forget(self, token: str, *, customer: str = "") -> None:
        """Take the instrument off its customer, then delete the customer, unless something else is left on it."""
        forget(self._client, token, customer)

    def _known(self, reference: str, hint: str) -> PaymentAnswer:
        known = self.look_up(reference, hint=hint)
        if known is None:
            raise ProviderRefused("no_such_payment", f"Stripe has no payment called {reference}")
        return known

    def _fetch(self, identity: str) -> PaymentAnswer | None:
        try:
            with asking():
                if _is_session(identity):
                    params: Any = {"expand": [_OF_SESSION]}
                    return self._of_session(
                        self._client.v1.checkout.sessions.retrieve(identity, params).to_dict()
                    )
                intent = self._client.v1.payment_intents.retrieve(identity, {"expand": [_OF_INTENT]})
                return self._of_intent(intent.to_dict())
        except ProviderRefused as refusal:
            if refusal.code == calls.MISSING:
                return None
            raise

    def _opened(self, start: datetime) -> Iterator[tuple[PaymentAnswer, str]]:
        """With the shop each belongs to."""
        created = {"gte": int(start.timestamp())}
        listed: Any = {"created": created, "limit": _LISTED_AT_ONCE}
        on_pages: set[str] = set()
        with asking():
            sessions = self._client.v1.checkout.sessions.list(listed | {"expand": [f"data.{_OF_SESSION}"]})
            for session in sessions.auto_paging_iter():
                told = session.to_dict()
                if told.get("mode") != "payment":
                    continue
                if told["payment_intent"]:
                    on_pages.add(told["payment_intent"]["id"])
                yield self._of_session(told), _shop(told)
            intents = self._client.v1.payment_intents.list(listed | {"expand": [f"data.{_OF_INTENT}"]})
            for intent in intents.auto_paging_iter():
                if intent.id not in on_pages:
                    yield self._of_intent(intent.to_dict()), _shop(intent.to_dict())

    def _of_session(self, session: dict[str, Any]) -> PaymentAnswer:
        if session.get("payment_intent"):
            self._all_refunds(session["payment_intent"])
        return of_session(session)

    def _of_intent(self, intent: dict[str, Any]) -> PaymentAnswer:
        self._all_refunds(intent)
        return of_intent(intent)

    def _all_refunds(self, intent: dict[str, Any]) -> None:
        """A charge shows its newest ten refunds; the others are fetched."""
        refunds = (intent.get("latest_charge") or {}).get("refunds") or {}
        if refunds.get("has_more"):
            with asking():
                listed = self._client.v1.refunds.list(
                    {"payment_intent": intent["id"], "limit": _LISTED_AT_ONCE}
                )
                refunds["data"] = [one.to_dict() for one in listed.auto_paging_iter()]


def _shop(thing: dict[str, Any]) -> str:
    return str((thing["metadata"] or {}).get(SHOP, ""))


def _is_session(identity: str) -> bool:
    return identity.startswith("cs_")


def _opened(error: stripe.CardError) -> str:
    body: Any = error.json_body or {}
    opened = (body.get("error") or {}).get("payment_intent") or {}
    identity = opened.get("id")
    if not isinstance(identity, str):
        raise ProviderUnreachable("Stripe declined a payment without naming it") from error
    return identity


def _done(known: PaymentAnswer, kind: OperationKind, key: str, amount: Money) -> bool:
    """Whether this was done before; raises ProviderRefused if the key stands for something else."""
    for one in known.operations:
        if one.key == key:
            if (one.kind, one.amount) != (kind, amount):
                raise ProviderRefused("idempotency_key_reused", "this key was used for something else")
            return True
    return False


def _expect(known: PaymentAnswer, verb: str, *states: PaymentState) -> None:
    if known.state not in states:
        raise ProviderRefused("state_not_allowed", f"a payment that is {known.state} cannot be {verb}")


def _same_currency(known: PaymentAnswer, amount: Money) -> None:
    if amount.currency != known.amount.currency:
        raise ProviderRefused("wrong_currency", f"this payment is in {known.amount.currency}")


if TYPE_CHECKING:
    _is_a_provider: type[PaymentProvider] = StripeProvider
