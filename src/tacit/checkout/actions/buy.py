"""Buying: place the order, ask the provider outside any transaction, record what it says."""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import datetime

from tacit.accounts.types import Visitor
from tacit.checkout.actions.place import Placement, place
from tacit.checkout.actions.record import AnswerMismatch, record_answer, standing
from tacit.checkout.models import Payment
from tacit.checkout.rules.moves import newer
from tacit.checkout.types.order import Bought, CheckoutError, Contact, Outcome, StillInFlight
from tacit.checkout.types.payment import (
    PaymentAnswer,
    PaymentProvider,
    PaymentRequest,
    PaymentState,
    ProviderRefused,
    ProviderUnreachable,
)
from tacit.core import crash, ports
from tacit.core.money import Money

log = logging.getLogger(__name__)


def buy(
    visitor: Visitor,
    *,
    contact: Contact,
    shipping: str,
    method: str,
    key: str,
    total_seen: Money,
    return_url: Callable[[str], str],
    now: datetime,
    keep: bool = False,
) -> Bought:
    """Order the visitor's cart and pay for it. ``return_url`` gets the order number.

    ``keep``: the signed-in buyer wants the instrument kept for next time; nothing is kept otherwise. An answer of
    PENDING means that the provider could not be asked or is not sure yet: the worker goes on.
    Raises what ``place`` raises.
    """
    placement = place(
        visitor,
        contact=contact,
        shipping=shipping,
        method=method,
        key=key,
        total_seen=total_seen,
        return_url=return_url,
        now=now,
        keep=keep,
    )
    return pay(placement, now=now)


def pay(placement: Placement, *, now: datetime) -> Bought:
    """Ask the provider for what was placed; for an order placed earlier, what that came to.

    Called outside any transaction. Raises StillInFlight.
    """
    if not placement.payment:
        return Bought(placement.number, "", Outcome.PAID, replayed=placement.replayed)
    if placement.ask is None:
        return _first_answer(placement, now)
    return _ask(placement, placement.ask, now)


def _first_answer(placement: Placement, now: datetime) -> Bought:
    """What the first request under this key was answered, or is about to be."""
    payment = Payment.objects.select_related("order").get(reference=placement.payment)
    if payment.state == PaymentState.CREATED and now < payment.look_at:
        raise StillInFlight("key", "in_flight")
    first = standing(payment)
    return Bought(
        first.number, first.reference, first.outcome, first.action_url, first.decline_code, replayed=True
    )


def _ask(placement: Placement, request: PaymentRequest, now: datetime) -> Bought:
    provider = ports.get(PaymentProvider, placement.provider)
    pending = Bought(placement.number, placement.payment, Outcome.PENDING)
    crash.point("buy.placed")
    try:
        ask = provider.create if placement.hosted else provider.authorise
        answer = ask(request)
        crash.point("buy.answered")
        bought = record_answer(answer, now=now)
        crash.point("buy.recorded")
        return bought
    except AnswerMismatch as mismatch:
        log.error("%s", mismatch)
        return pending
    except ProviderUnreachable:
        return pending
    except ProviderRefused as refusal:
        crash.point("buy.refused")
        try:
            return complete_payment(reference=placement.payment, now=now, refused=refusal.code)
        except (ProviderUnreachable, ProviderRefused):
            return pending


def complete_payment(
    *, reference: str, now: datetime, refused: str = "", told: PaymentAnswer | None = None
) -> Bought:
    """Look the payment up at its provider and record what it says; what the purchase has come to.

    ``told``: what a signed webhook says; when that is no news, nobody is asked.
    ``refused``: the provider just refused to open it, so if it has never heard of it, it is declined.
    Raises CheckoutError for a reference that is not ours, ProviderUnreachable, ProviderRefused.
    """
    payment = Payment.objects.select_related("order").filter(reference=reference).first()
    if payment is None:
        raise CheckoutError("reference", "unknown")
    if told is not None and _is_old_news(payment, told, now):
        return standing(payment)
    crash.point("complete.known")
    answer = ports.get(PaymentProvider, payment.provider).look_up(
        reference, hint=payment.provider_reference, since=payment.created_at
    )
    crash.point("complete.looked_up")
    if answer is None and refused:
        log.warning("payment for order %s was refused: %s", payment.order.number, refused)
        answer = _declined(payment, refused)
    if answer is None:
        return standing(payment)
    bought = record_answer(answer, now=now)
    crash.point("complete.recorded")
    return bought


def _is_old_news(payment: Payment, told: PaymentAnswer, now: datetime) -> bool:
    """The row says as much already, or the request that opened the payment is still at work on it.

    So a doubled or late message costs no question once the first was answered. Should that request die, the
    worker looks at ``look_at``.
    """
    if payment.state == PaymentState.CREATED:
        return now < payment.look_at
    before = PaymentState(payment.state)
    money = (payment.authorised_minor, payment.captured_minor, payment.refunded_minor)
    more = zip((told.authorised, told.captured, told.refunded), money, strict=True)
    return all(new.minor <= old for new, old in more) and (
        before == told.state or not newer(before, told.state)
    )


def _declined(payment: Payment, code: str) -> PaymentAnswer:
    nothing = Money(0, payment.currency)
    return PaymentAnswer(
        reference=payment.reference,
        provider_reference="",
        state=PaymentState.DECLINED,
        amount=Money(payment.amount_minor, payment.currency),
        authorised=nothing,
        captured=nothing,
        refunded=nothing,
        decline_code=code,
    )
