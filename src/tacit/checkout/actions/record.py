"""The one completion function: whatever brought a provider's answer, it is recorded here, once.

The browser's return, the webhook, the worker and the request that bought all call ``record_answer``. It
locks the order and its payment, takes over only what is news, and does what that means for the order.
"""

from __future__ import annotations

from datetime import datetime

from django.conf import settings
from django.db import transaction
from django.db.models import Sum

from tacit.catalog import actions as catalog
from tacit.catalog.types import OutOfStock
from tacit.checkout.actions.close import close_cart, give_back_goods, unsent
from tacit.checkout.actions.gate import once
from tacit.checkout.actions.grant import use_limit
from tacit.checkout.actions.ledger import move, totals
from tacit.checkout.actions.methods import keep_instrument
from tacit.checkout.actions.money import give_money_back, refund_above, want_capture
from tacit.checkout.models import LIVE, Cart, MoneyIntent, Order, Payment, Placing
from tacit.checkout.rules.ledger import movements, released
from tacit.checkout.rules.moves import (
    LOST,
    SECURED,
    Consequence,
    Standing,
    consequence,
    newer,
)
from tacit.checkout.types.order import Bought, OrderStatus, Outcome
from tacit.checkout.types.payment import OperationKind, PaymentAnswer, PaymentState, ProviderUnreachable
from tacit.core import crash, journal
from tacit.core.events import OrderFailed, OrderPaid, PaymentCaptured, PaymentRefunded


class AnswerMismatch(ProviderUnreachable):
    """The provider's payment is not the one we asked for; nothing is recorded, a person must look."""


def record_answer(answer: PaymentAnswer, *, now: datetime) -> Bought:
    """Take over the provider's view of one payment. Idempotent; late and repeated answers change nothing.

    Raises Payment.DoesNotExist for a reference that is not ours, AnswerMismatch.
    """
    with transaction.atomic():
        # The order's row first, as everywhere: whoever holds it may change the order and its payments.
        payment = (
            Payment.objects.select_for_update(of=("order", "self"))
            .select_related("order")
            .get(reference=answer.reference)
        )
        crash.point("record.locked")
        if (answer.amount.minor, answer.amount.currency) != (payment.amount_minor, payment.currency):
            raise AnswerMismatch(f"payment {payment.reference} is over {answer.amount} at the provider")
        _check_totals(payment, answer)
        stray = _is_stray(payment, answer)
        _update_payment(payment, answer, now, stray=stray)
        crash.point("record.moved")
        _settle_order(payment, payment.order, now, stray=stray)
        keep_instrument(payment, answer, now=now)
        bought = standing(payment)
        crash.point("record.settled")
    crash.point("record.committed")
    return bought


def _check_totals(payment: Payment, answer: PaymentAnswer) -> None:
    """Totals that cannot be are no answer; taken over, the database would refuse them in other words."""
    authorised, captured, refunded = answer.authorised.minor, answer.captured.minor, answer.refunded.minor
    if not 0 <= refunded <= captured <= authorised <= answer.amount.minor:
        raise AnswerMismatch(
            f"payment {answer.reference}: {refunded} of {captured} of {authorised} of {answer.amount.minor}"
        )
    if captured + payment.released_minor > max(authorised, payment.authorised_minor):
        raise AnswerMismatch(f"payment {answer.reference}: {captured} was taken of what was let go")


def standing(payment: Payment) -> Bought:
    """What the purchase has come to, from its rows."""
    order = payment.order
    state = PaymentState(payment.state)
    if order.status in {OrderStatus.PAID, OrderStatus.SHIPPED}:
        outcome = Outcome.PAID
    elif order.status == OrderStatus.CANCELLED:
        outcome = Outcome.CANCELLED
    elif order.status == OrderStatus.FAILED or state in LOST:
        outcome = Outcome.DECLINED
    elif state is PaymentState.NEEDS_ACTION:
        outcome = Outcome.NEEDS_ACTION
    else:
        outcome = Outcome.PENDING
    return Bought(order.number, payment.reference, outcome, payment.action_url, payment.decline_code)


_TAKEN_OVER = (
    "state",
    "action_url",
    "decline_code",
    "provider_reference",
    "fingerprint",
    "instrument",
    "capture_by",
    "authorised_minor",
    "captured_minor",
    "capturing_minor",
    "refunded_minor",
    "refunding_minor",
    "released_minor",
)


def _is_stray(payment: Payment, answer: PaymentAnswer) -> bool:
    """Whether money comes for a payment that was given up while another one has taken its place."""
    state = PaymentState(payment.state)
    if state not in LOST or answer.state not in SECURED:
        return False
    if not newer(state, answer.state, unheard=not payment.provider_reference):
        return False
    others = Payment.objects.filter(order=payment.order_id).exclude(pk=payment.pk)
    return others.exclude(state__in=LOST).exists()


def _update_payment(payment: Payment, answer: PaymentAnswer, now: datetime, *, stray: bool) -> None:
    before = {field: getattr(payment, field) for field in _TAKEN_OVER}
    moved_before = totals(payment)
    if stray:
        # An order has one payment; the money of this one is only on its way back.
        payment.state = PaymentState.DECLINED
    elif newer(PaymentState(payment.state), answer.state, unheard=not payment.provider_reference):
        payment.state = answer.state
        payment.action_url = answer.action_url
        payment.decline_code = answer.decline_code
    payment.provider_reference = answer.provider_reference or payment.provider_reference
    payment.fingerprint = answer.fingerprint or payment.fingerprint
    payment.instrument = answer.instrument or payment.instrument
    payment.capture_by = answer.capture_by or payment.capture_by
    payment.authorised_minor = max(payment.authorised_minor, answer.authorised.minor)
    payment.captured_minor = max(payment.captured_minor, answer.captured.minor)
    payment.refunded_minor = max(payment.refunded_minor, answer.refunded.minor)
    payment.released_minor = max(
        payment.released_minor,
        released(
            answer.state if stray else PaymentState(payment.state),
            authorised=payment.authorised_minor,
            captured=payment.captured_minor,
        ),
    )
    if answer.operations or payment.capturing_minor or payment.refunding_minor:
        _mark_done(payment, answer, now)
    changed = {
        field: getattr(payment, field) for field in _TAKEN_OVER if getattr(payment, field) != before[field]
    }
    move(payment, changed, movements(moved_before, totals(payment), answer.operations), now=now)
    order = payment.order.number
    captured = payment.captured_minor - before["captured_minor"]
    refunded = payment.refunded_minor - before["refunded_minor"]
    if captured:
        journal.record(PaymentCaptured(order, captured, payment.currency), at=now)
    if refunded:
        journal.record(PaymentRefunded(order, refunded, payment.currency), at=now)


def _mark_done(payment: Payment, answer: PaymentAnswer, now: datetime) -> None:
    """Intents the provider names as done are done; what the others promise is added up anew."""
    keys = [operation.key for operation in answer.operations]
    pending = MoneyIntent.objects.filter(payment=payment, state=MoneyIntent.State.PENDING)
    pending.filter(key__in=keys).update(state=MoneyIntent.State.DONE, done_at=now, error="")
    _mark_overtaken(payment, now)
    promised = dict(pending.values_list("kind").annotate(Sum("amount_minor")).order_by())
    payment.capturing_minor = promised.get(OperationKind.CAPTURE, 0)
    payment.refunding_minor = promised.get(OperationKind.REFUND, 0)


def _mark_overtaken(payment: Payment, now: datetime) -> None:
    """What somebody did in the provider's own console leaves no room for what we wanted to do."""
    pending = MoneyIntent.objects.filter(payment=payment, state=MoneyIntent.State.PENDING)
    room = {
        OperationKind.CAPTURE: payment.authorised_minor - payment.captured_minor,
        OperationKind.REFUND: payment.captured_minor - payment.refunded_minor,
    }
    for intent in pending.exclude(kind=OperationKind.VOID).order_by("id"):
        kind = OperationKind(intent.kind)
        if intent.amount_minor <= room[kind]:
            room[kind] -= intent.amount_minor
            continue
        taken = kind is OperationKind.CAPTURE and intent.amount_minor <= payment.captured_minor
        MoneyIntent.objects.filter(pk=intent.pk).update(
            state=MoneyIntent.State.DONE if taken else MoneyIntent.State.REFUSED,
            error="" if taken else MoneyIntent.OVERTAKEN,
            done_at=now,
        )


def _settle_order(payment: Payment, order: Order, now: datetime, *, stray: bool) -> None:
    gone = _released(payment, order, stray=stray)
    match consequence(Standing(OrderStatus(order.status), PaymentState(payment.state), gone, stray)):
        case Consequence.PAY:
            _pay(payment, order, now)
        case Consequence.FAIL:
            fail_order(order, reason="declined", now=now)
        case Consequence.REVIVE:
            _revive(payment, order, now)
        case Consequence.GIVE_BACK:
            give_money_back(payment, reason="paid otherwise" if stray else "cancelled", now=now, stray=stray)
        case Consequence.NOTHING:
            if order.status in {OrderStatus.PAID, OrderStatus.SHIPPED}:
                refund_above(payment, order.total_minor, now=now)


def _released(payment: Payment, order: Order, *, stray: bool) -> bool:
    """Whether the money of an order that came to nothing, or was paid otherwise, is already on its way back."""
    if not stray and order.status not in {OrderStatus.FAILED, OrderStatus.CANCELLED}:
        return False
    if payment.captured_minor:
        return payment.captured_minor <= payment.refunded_minor + payment.refunding_minor
    return MoneyIntent.objects.filter(
        payment=payment, kind=OperationKind.VOID, state=MoneyIntent.State.PENDING
    ).exists()


def _pay(payment: Payment, order: Order, now: datetime) -> None:
    order.status = OrderStatus.PAID
    cart, order.cart = order.cart, None
    Order.objects.filter(pk=order.pk).update(status=order.status, cart=None)
    close_cart(cart, order.pk)
    journal.record(OrderPaid(order.number, _person(order), order.total_minor, order.currency), at=now)
    if settings.PAYMENT_CAPTURE == "at_once" and payment.state == PaymentState.AUTHORISED:
        want_capture(payment, order.total_minor, now=now)


def fail_order(order: Order, *, reason: str, now: datetime) -> None:
    """An order that will not be paid: goods back on the shelf. The caller holds its row locked."""
    order.status = OrderStatus.FAILED
    order.save(update_fields=["status"])
    give_back_goods(order.pk)
    journal.record(OrderFailed(order.number, _person(order), reason), at=now)


def _revive(payment: Payment, order: Order, now: datetime) -> None:
    """Money came after the shop gave up waiting: send the goods if they are there, else give it back."""
    pieces, limits = unsent(order.pk)
    # Nobody may be placing the same cart anew meanwhile.
    list(Cart.objects.select_for_update().filter(token=order.cart))
    try:
        with transaction.atomic():
            if _ordered_anew(order):
                raise OutOfStock({})
            catalog.claim_stock(pieces)
            if not all(use_limit(key, units) for key, units in limits.items()):
                raise OutOfStock({})
    except OutOfStock:
        give_money_back(payment, reason="sold out", now=now)
        if once(order, "revive", "sold_out", by="late money", at=now):
            journal.record(OrderFailed(order.number, _person(order), "sold_out"), at=now)
        return
    _pay(payment, order, now)


def _ordered_anew(order: Order) -> bool:
    """Whether the buyer has ordered the same cart since. Once that is paid it says so no longer by its cart."""
    since = Placing.objects.filter(cart=order.cart, order_id__gt=order.pk).values("order_id")
    return Order.objects.filter(pk__in=since, status__in=LIVE).exists()


def _person(order: Order) -> str | None:
    return str(order.person_id) if order.person_id else None
