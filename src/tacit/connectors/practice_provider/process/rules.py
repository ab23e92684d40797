"""What may happen to a payment at the provider. Pure: the time is passed in, nothing is stored."""

from __future__ import annotations

from dataclasses import dataclass, replace

from tacit.checkout.types.payment import OperationKind, PaymentState
from tacit.connectors.practice_provider.cards import Card, Outcome

CAPTURE_WITHIN_SECONDS = 7 * 24 * 3600
AUTHORISE = "authorise"


class Refusal(Exception):
    """The provider says no; ``status`` is the HTTP status, ``field`` the field at fault or ''."""

    def __init__(self, status: int, code: str, message: str, field: str = "") -> None:
        super().__init__(message)
        self.status = status
        self.code = code
        self.message = message
        self.field = field


@dataclass(frozen=True, slots=True)
class Payment:
    """One payment as the provider keeps it. Amounts are minor units of ``currency``, times are seconds
    since 1970. ``card`` is a card's code, '' until one is known. ``key`` is the one it was created under.
    ``at_once``: the money is taken as soon as it is held. ``kept`` names the card for next time, once money was
    held; '' where that was not asked for or was taken back. ``customer`` is whom it was kept for.
    ``authorised``, ``captured`` and ``refunded`` are totals that never fall."""

    id: str
    page_token: str
    reference: str
    amount: int
    currency: str
    return_url: str
    description: str
    key: str
    created_at: float
    state: PaymentState = PaymentState.NEEDS_ACTION
    card: str = ""
    authorised: int = 0
    captured: int = 0
    refunded: int = 0
    decline_code: str = ""
    capture_by: float | None = None
    succeeds_at: float | None = None
    at_once: bool = False
    kept: str = ""
    customer: str = ""


@dataclass(frozen=True, slots=True)
class Movement:
    """One line in the provider's books. ``kind`` is ``authorise`` or an OperationKind."""

    kind: str
    amount: int
    key: str
    at: float


@dataclass(frozen=True, slots=True)
class Change:
    """What a decision leads to: the payment as it becomes, the line for the books, the news for the shop."""

    payment: Payment
    movement: Movement | None = None
    event: str = ""


def pay(payment: Payment, card: Card, outcome: Outcome, *, now: float, late_seconds: float) -> Change:
    """The buyer pays with ``card``."""
    _expect(payment, PaymentState.NEEDS_ACTION, "paid")
    payment = replace(payment, card=card.code)
    match outcome:
        case Outcome.APPROVES:
            return _authorised(payment, now=now)
        case Outcome.DECLINES:
            return decline(payment, card.decline_code or "card_declined")
        case Outcome.NEEDS_ACTION:
            return Change(payment)
        case Outcome.LATE:
            waiting = replace(payment, state=PaymentState.PROCESSING, succeeds_at=now + late_seconds)
            return Change(waiting)


def approve(payment: Payment, *, now: float) -> Change:
    """The buyer approves what the card asked for."""
    _expect(payment, PaymentState.NEEDS_ACTION, "approved")
    if not payment.card:
        raise Refusal(400, "card_missing", "choose a card first", "card")
    return _authorised(payment, now=now)


def decline(payment: Payment, code: str) -> Change:
    """The payment fails for good; nothing is held."""
    _expect(payment, PaymentState.NEEDS_ACTION, "declined")
    return Change(replace(payment, state=PaymentState.DECLINED, decline_code=code), event="payment.declined")


def fall_due(payment: Payment, *, now: float) -> Change | None:
    """What time alone does: late payments succeed, authorisations lapse after their deadline."""
    if payment.state is PaymentState.PROCESSING and payment.succeeds_at and now >= payment.succeeds_at:
        return _authorised(payment, now=payment.succeeds_at)
    if payment.state is PaymentState.AUTHORISED and payment.capture_by and now >= payment.capture_by:
        return _voided(payment, payment.authorised, key="", now=payment.capture_by)
    return None


def capture(payment: Payment, amount: int, currency: str, *, key: str, now: float) -> Change:
    """Take ``amount``, once; the rest of the authorisation is released."""
    _same_currency(payment, currency)
    _expect(payment, PaymentState.AUTHORISED, "captured")
    _at_most(amount, payment.authorised, "authorised")
    taken = replace(payment, state=PaymentState.CAPTURED, captured=amount)
    return Change(taken, Movement(OperationKind.CAPTURE, amount, key, now), "payment.captured")


def void(payment: Payment, *, key: str, now: float) -> Change:
    """Release the authorisation, or end a payment the buyer has not finished."""
    if payment.state is PaymentState.NEEDS_ACTION:
        return _voided(payment, 0, key=key, now=now)
    _expect(payment, PaymentState.AUTHORISED, "voided")
    return _voided(payment, payment.authorised, key=key, now=now)


def refund(payment: Payment, amount: int, currency: str, *, key: str, now: float) -> Change:
    """Give back ``amount``; as often as something is left."""
    _same_currency(payment, currency)
    _expect(payment, PaymentState.CAPTURED, "refunded")
    _at_most(amount, payment.captured - payment.refunded, "captured and not yet refunded")
    returned = replace(payment, refunded=payment.refunded + amount)
    return Change(returned, Movement(OperationKind.REFUND, amount, key, now), "payment.refunded")


def _authorised(payment: Payment, *, now: float) -> Change:
    held = replace(
        payment,
        state=PaymentState.AUTHORISED,
        authorised=payment.amount,
        capture_by=now + CAPTURE_WITHIN_SECONDS,
    )
    return Change(held, Movement(AUTHORISE, payment.amount, payment.key, now), "payment.authorised")


def _voided(payment: Payment, released: int, *, key: str, now: float) -> Change:
    movement = Movement(OperationKind.VOID, released, key, now)
    return Change(replace(payment, state=PaymentState.VOIDED), movement, "payment.voided")


def _expect(payment: Payment, state: PaymentState, verb: str) -> None:
    if payment.state is not state:
        raise Refusal(409, "state_not_allowed", f"a payment that is {payment.state} cannot be {verb}")


def _same_currency(payment: Payment, currency: str) -> None:
    if currency != payment.currency:
        raise Refusal(400, "wrong_currency", f"this payment is in {payment.currency}", "currency")


def _at_most(amount: int, limit: int, what: str) -> None:
    if amount > limit:
        raise Refusal(400, "amount_too_large", f"only {limit} is {what}", "amount_minor")
