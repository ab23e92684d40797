"""The messages checkout writes. Text and HTML say the same."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from django.conf import settings
from django.template.loader import render_to_string
from django.utils.translation import gettext as _

from tacit.checkout.types.order import OrderView
from tacit.checkout.wording.delivery import days, percent
from tacit.checkout.wording.shown import address_lines, long_day, money
from tacit.core.mail import Message
from tacit.core.money import Money


@dataclass(frozen=True, slots=True)
class _Letter:
    subject: str
    opening: str
    show_lines: bool = True
    show_arrival: bool = False


def confirmation(order: OrderView, link: str) -> Message:
    """The order is paid."""
    return _write(
        order,
        link,
        _Letter(
            _("Your order %(number)s") % {"number": order.number},
            _("Thank you. Your order is paid and being packed."),
            show_arrival=True,
        ),
    )


def shipped(order: OrderView, link: str, shipment: int) -> Message:
    """The parcel with this id left."""
    opening = " ".join([_("Your parcel is on its way."), _code(order, shipment)]).strip()
    return _write(order, link, _Letter(_("On its way: order %(number)s") % {"number": order.number}, opening))


def delayed(order: OrderView, link: str, shipment: int, day: date | None) -> Message:
    """The parcel with this id comes later; ``day`` is when, None when its carrier does not say."""
    if day is None:
        opening = _("Your parcel is delayed. Its carrier does not say until when; we keep asking.")
    else:
        opening = _("Your parcel is delayed. It is now expected on %(day)s.") % {"day": long_day(day)}
    subject = _("Delayed: order %(number)s") % {"number": order.number}
    return _write(order, link, _Letter(subject, f"{opening} {_code(order, shipment)}".strip()))


def lost(order: OrderView, link: str, shipment: int) -> Message:
    """The parcel with this id will not come."""
    opening = _(
        "The carrier has lost your parcel. Answer this mail: a person sends the goods again or gives your money back."
    )
    subject = _("Lost parcel: order %(number)s") % {"number": order.number}
    return _write(order, link, _Letter(subject, f"{opening} {_code(order, shipment)}".strip()))


def _code(order: OrderView, shipment: int) -> str:
    """The carrier and its tracking code, as a sentence."""
    parcel = next((one for one in order.shipments if one.id == shipment), None)
    if parcel is None or not parcel.tracking:
        return ""
    return _("%(carrier)s, tracking number %(tracking)s.") % {
        "carrier": parcel.carrier,
        "tracking": parcel.tracking,
    }


def cancelled(order: OrderView, link: str) -> Message:
    """The order is cancelled."""
    if order.payment is not None and order.payment.captured:
        opening = _("Your order is cancelled. Your money is on its way back.")
    else:
        opening = _("Your order is cancelled. Nothing was charged.")
    return _write(order, link, _Letter(_("Cancelled: order %(number)s") % {"number": order.number}, opening))


def not_paid(order: OrderView, link: str, reason: str) -> Message:
    """The order came to nothing although the buyer may think otherwise."""
    if reason == "sold_out":
        opening = _(
            "Your payment arrived after the last piece was sold. It is on its way back to you in full."
        )
    else:
        opening = _("Your payment did not reach us in time, so the order was not made. Nothing was charged.")
    return _write(order, link, _Letter(_("Not made: order %(number)s") % {"number": order.number}, opening))


def refunded(order: OrderView, link: str, amount: Money) -> Message:
    """Money went back."""
    opening = _("%(amount)s is on its way back to you. Banks take three to five days.") % {
        "amount": money(amount)
    }
    subject = _("Money back: order %(number)s") % {"number": order.number}
    return _write(order, link, _Letter(subject, opening, show_lines=False))


def _write(order: OrderView, link: str, letter: _Letter) -> Message:
    context = {
        "order": order,
        "lines": [(line, money(line.total)) for line in order.lines],
        "shipping": money(order.shipping),
        "total": money(order.total),
        "taxes": [(percent(part.percent), money(part.tax)) for part in order.taxes],
        "arrival": days(order.arrival) if order.arrival and letter.show_arrival else "",
        "address": address_lines(order.address),
        "link": link,
        "letter": letter,
        "shop_name": settings.SHOP_NAME,
        "accent": settings.SHOP_ACCENT_ON_PAPER,
    }
    return Message(
        to=order.email,
        subject=letter.subject,
        text=render_to_string("checkout/mail/letter.txt", context),
        html=render_to_string("checkout/mail/letter.html", context),
    )
