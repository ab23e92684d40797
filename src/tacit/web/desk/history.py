"""What happened to an order, as rows people can read."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from tacit.accounts.types import Visitor
from tacit.checkout import queries
from tacit.checkout import wording as checkout_wording
from tacit.checkout.types.desk import Happening
from tacit.core.money import Money


@dataclass(frozen=True, slots=True)
class Row:
    """``is_bad``: it went wrong. ``href``: where more about it stands, or ''."""

    at: datetime
    what: str
    note: str = ""
    amount: Money | None = None
    is_bad: bool = False
    href: str = ""


def of_order(visitor: Visitor, number: str) -> list[Row]:
    """Orders, money, parcels and mails in the order they happened. Raises NotAllowed."""
    return [_row(each) for each in queries.order_history(visitor, number)]


def _row(each: Happening) -> Row:
    note = checkout_wording.instrument(each.note) if each.what == "payment" else each.note
    if each.by.startswith("staff:"):
        note = _("by staff")
    elif each.by.startswith("program:"):
        note = _("by a program")
    return Row(
        each.at,
        _word(each),
        note=note,
        amount=each.amount,
        is_bad=each.state in {"refused", "declined", "failed"} or each.what == "parcel:lost",
        href="" if each.mail is None else reverse("desk-message", args=[each.mail]),
    )


def _word(each: Happening) -> str:
    match each.what, each.state:
        case "placed", _state:
            return pgettext("order", "Placed")
        case "payment", state:
            return _payments().get(state, _("Payment asked for"))
        case "capture" | "refund" | "void" as kind, state:
            return _money()[kind, state]
        case "parcel", _state:
            return _("Parcel packed")
        case "mail", "failed":
            return _("Mail given up")
        case "mail", _state:
            return _("Mail written")
        case "cancel", _state:
            return _("Cancelled")
        case "address", _state:
            return _("Address changed")
        case "lower_price", _state:
            return _("Price lowered")
        case "send_by_hand", _state:
            return _("Parcel sent with another carrier")
        case "send_again", _state:
            return _("Lost parcel sent again")
        case "take_back", _state:
            return _("Parcel taken back")
        case "settle", _state:
            return _("Parcel settled")
    return _parcels().get(each.what, each.what)


def _payments() -> dict[str, str]:
    return {
        "created": _("Payment asked for; no answer yet"),
        "needs_action": _("Payment asked for; the buyer must confirm it"),
        "processing": _("Payment asked for; being confirmed"),
        "authorised": _("Payment asked for; set aside"),
        "captured": _("Payment asked for; taken since"),
        "declined": _("Payment declined"),
        "voided": _("Payment asked for; released since"),
    }


def _money() -> dict[tuple[str, str], str]:
    return {
        ("capture", "pending"): _("Being taken"),
        ("capture", "done"): _("Taken"),
        ("capture", "refused"): _("Taking refused"),
        ("refund", "pending"): _("On its way back"),
        ("refund", "done"): _("Given back"),
        ("refund", "refused"): _("Giving back refused"),
        ("void", "pending"): _("Being released"),
        ("void", "done"): _("Released"),
        ("void", "refused"): _("Releasing refused"),
    }


def _parcels() -> dict[str, str]:
    return {
        "parcel:waiting": _("Parcel waits for its carrier"),
        "parcel:handed_over": _("Parcel handed over"),
        "parcel:on_its_way": _("Parcel on its way"),
        "parcel:delayed": _("Parcel delayed"),
        "parcel:delivered": _("Parcel delivered"),
        "parcel:lost": _("Parcel lost"),
    }
