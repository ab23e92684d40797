"""What is said of buying in one tap, and of undoing it."""

from __future__ import annotations

from datetime import datetime

from django.utils.translation import gettext as _

from tacit.checkout.types.order import CartView, OrderView
from tacit.checkout.types.payment import PaymentState
from tacit.checkout.wording.orders import instrument
from tacit.checkout.wording.shown import money, time_of_day


def made_of(cart: CartView) -> str:
    """What a total is made of: ``€39.00 + €4.90 delivery, incl. VAT``."""
    parts = {"goods": money(cart.goods), "delivery": money(cart.shipping), "tax": money(cart.tax)}
    if cart.tax_included:
        if not cart.shipping:
            return _("%(goods)s, free delivery, incl. VAT") % parts
        return _("%(goods)s + %(delivery)s delivery, incl. VAT") % parts
    if not cart.shipping:
        return _("%(goods)s, free delivery, + %(tax)s tax") % parts
    return _("%(goods)s + %(delivery)s delivery + %(tax)s tax") % parts


def wait_sentence(until: datetime) -> str:
    """What staff are told of an order that its buyer can still undo."""
    return _("Its buyer can undo it until %(until)s. Send it after that.") % {"until": time_of_day(until)}


def undo_sentence(order: OrderView) -> str:
    """What undoing it does, and until when it can be done."""
    assert order.undo_until is not None
    until = time_of_day(order.undo_until)
    payment = order.payment
    known = {"until": until, "total": money(order.total)}
    if payment is None or payment.state not in {PaymentState.AUTHORISED, PaymentState.CAPTURED}:
        return _("You can undo this until %(until)s. Nothing is charged.") % known
    known["instrument"] = instrument(payment.instrument) or _("what you paid with")
    if payment.captured:
        return _("You can undo this until %(until)s. %(total)s goes back to %(instrument)s.") % known
    return (
        _("You can undo this until %(until)s. The %(total)s set aside on %(instrument)s is released.") % known
    )
