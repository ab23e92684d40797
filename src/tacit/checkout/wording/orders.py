"""Where an order stands, in plain words."""

from __future__ import annotations

import re

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext

from tacit.checkout.types.carrier import ParcelState
from tacit.checkout.types.order import OrderStatus, OrderView
from tacit.checkout.wording.parcels import parcels_sentence

_WORDS = {
    OrderStatus.AWAITING_PAYMENT: gettext_lazy("awaiting payment"),
    OrderStatus.PAID: gettext_lazy("paid"),
    OrderStatus.SHIPPED: gettext_lazy("shipped"),
    OrderStatus.CANCELLED: gettext_lazy("cancelled"),
    OrderStatus.FAILED: gettext_lazy("not paid"),
    OrderStatus.CLOSED: gettext_lazy("closed"),
}


def status_word(status: OrderStatus) -> str:
    """One word or two for lists."""
    return str(_WORDS[status])


def status_sentence(order: OrderView) -> str:
    """Where the order stands and what happens next."""
    payment = order.payment
    match order.status:
        case OrderStatus.PAID if order.lapsed and not order.shipments:
            return _(
                "The money set aside for this order was released. Nothing was taken, and nothing is being sent."
                " We will get in touch; or simply order again."
            )
        case OrderStatus.PAID | OrderStatus.SHIPPED if news := parcels_sentence(order):
            return news
        case OrderStatus.AWAITING_PAYMENT:
            return _(
                "We are waiting for your payment to be confirmed. Nothing is lost if you close this page."
            )
        case OrderStatus.PAID if {parcel.state for parcel in order.shipments} == {ParcelState.DELIVERED}:
            return _("Part of your order is delivered. The rest follows.")
        case OrderStatus.PAID if order.shipments:
            return _("Part of your order is on its way. The rest follows.")
        case OrderStatus.PAID:
            return _("Thank you. Your order is paid and being packed.")
        case OrderStatus.SHIPPED:
            return _("Your order is on its way.")
        case OrderStatus.CANCELLED if payment is not None and payment.captured:
            return _("This order is cancelled. Your money is on its way back.")
        case OrderStatus.CANCELLED:
            return _("This order is cancelled. Nothing was charged.")
        case OrderStatus.FAILED:
            return _("This order was not paid, so it was not made. Nothing was charged.")
        case OrderStatus.CLOSED:
            return _("This order is closed.")
    raise AssertionError(order.status)


_BY_THE_BUYER = frozenset({"cancelled_by_buyer", "declined_by_buyer"})


def decline_sentence(code: str) -> str:
    """Why the payment did not go through, and the way out."""
    if code in _BY_THE_BUYER:
        return _("You cancelled; nothing was charged.")
    if code == "insufficient_funds":
        return _("Your bank says the account has too little. Nothing was charged; choose another way to pay.")
    return pgettext("payment", "Your bank declined. Nothing was charged; choose another way to pay.")


_ENDING = re.compile(r"(.+?)( ending)? (\d{2,4})\Z")
_CARDS = {"Practice card": gettext_lazy("Practice card"), "card": gettext_lazy("card")}


def instrument(known: str) -> str:
    """What was paid with as readers say it, from the provider's words: ``Visa ending 4242``, ``Visa 4242``.

    Others are said as they are.
    """
    found = _ENDING.match(known)
    if found is None:
        return known
    card = _CARDS.get(found[1], found[1])
    if not found[2]:
        return f"{card} {found[3]}"
    return _("%(card)s ending %(digits)s") % {"card": card, "digits": found[3]}
