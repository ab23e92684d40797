"""What the provider is asked to open a payment with, from the payment's row: the same at every retry."""

from __future__ import annotations

from django.conf import settings

from tacit.accounts.types import Visitor
from tacit.checkout.models import Payment
from tacit.checkout.queries.methods import customer_of
from tacit.checkout.types.methods import SAVED
from tacit.checkout.types.payment import PaymentRequest
from tacit.core.money import Money


def request_of(payment: Payment, *, token: str = "", customer: str = "") -> PaymentRequest:
    """``token``, ``customer``: of the kept instrument, or of the person who asked to keep this one.

    The payment comes with its order. No statement.
    """
    return PaymentRequest(
        reference=payment.reference,
        amount=Money(payment.amount_minor, payment.currency),
        method="" if token else payment.method,
        return_url=payment.return_url,
        description=payment.order.number,
        capture=settings.PAYMENT_CAPTURE == "at_once",
        keep=payment.keep,
        saved=token,
        customer=customer,
        pay_by=payment.order.pay_by,
    )


def request_again(payment: Payment) -> PaymentRequest | None:
    """The same for a retry; None when the kept instrument was removed meanwhile: then nobody may be charged.

    The payment comes with its order and ``saved``.
    """
    if payment.method.startswith(SAVED):
        saved = payment.saved
        if saved is None or saved.removed_at is not None:
            return None
        return request_of(payment, token=saved.token, customer=saved.customer)
    owner = Visitor(person=payment.order.person_id)
    customer = customer_of(owner, payment.provider) if payment.keep else ""
    return request_of(payment, customer=customer)
