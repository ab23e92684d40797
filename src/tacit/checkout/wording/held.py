"""What checkout holds about people, as they would call it."""

from __future__ import annotations

from django.utils.translation import gettext as _


def name(what: str) -> str:
    """What a ``Column.what`` of checkout is called (``core.personal``)."""
    return {
        "cart": _("what lies in your cart"),
        "order_address": _("name and address on your orders"),
        "order_customer": _("your customer number at another shop"),
        "order_email": _("the e-mail address on your orders"),
        "orders": _("your orders"),
        "order_traces": _("technical traces of ordering"),
        "order_notes": _("notes on refunds"),
        "payment_means": _("what you paid with, such as the last digits of a card"),
        "methods": _("ways to pay you keep here"),
        "parcel_numbers": _("tracking numbers of your parcels"),
    }[what]
