"""Webhooks in words: what can be told, how it stands, what went wrong."""

from __future__ import annotations

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from tacit.core.webhooks import LONGEST_URL, OFFERED, DeliveryRow, EndpointRow, WebhookRefusal


def kind_words() -> dict[str, str]:
    """Every kind on offer, in its order."""
    words = {
        "order.placed": _("An order is placed"),
        "order.paid": _("An order is paid: it can be sent"),
        "order.failed": _("No money came for an order"),
        "order.changed": _("An order's address changes"),
        "order.cancelled": _("An order is cancelled"),
        "order.shipped": _("A parcel leaves the house"),
        "order.price_lowered": _("The price of an order is lowered"),
        "parcel.delivered": _("A parcel arrives"),
        "parcel.delayed": _("A parcel will be later"),
        "parcel.lost": _("A parcel is lost"),
        "payment.captured": _("Money is taken"),
        "payment.refunded": _("Money is given back"),
        "stock.set": _("Somebody sets how many pieces are there"),
        "orders.imported": _("Orders are imported"),
        "person.erased": _("Somebody is erased: erase what you hold of them"),
    }
    return {kind: words.get(kind, kind) for kind in OFFERED}


def kind_word(kind: str) -> str:
    return _("A test") if kind == "webhook.test" else kind_words().get(kind, kind)


def status_words() -> dict[str, str]:
    return {
        "failed": _("given up"),
        "queued": _("waiting"),
        "sending": _("being sent"),
        "sent": _("sent"),
    }


def off_sentence(row: EndpointRow) -> str:
    """Why nothing is sent there; '' while it is on."""
    return {
        "staff": _("Switched off."),
        "gone": _("Switched off: it answered that it is gone (410)."),
        "failing": _("Switched off: for days nothing arrived there."),
    }.get(row.off, "")


def trouble(row: DeliveryRow) -> str:
    """What went wrong at the last try; '' when nothing did."""
    return {
        "": "",
        "name": _("Its name leads nowhere."),
        "not_public": _("Its name leads to an address that is not public; nothing was sent."),
        "connection": _("It could not be reached."),
        "tls": _("Its certificate does not hold, or it speaks no TLS."),
        "timeout": _("It did not answer in time."),
        "status": _("It answered %(code)s.") % {"code": row.code},
        "redirect": _("It answered %(code)s and named another address; redirects are not followed.")
        % {"code": row.code},
        "gone": _("It answered 410: it is gone and wants nothing more."),
    }.get(row.error, _("It could not be sent."))


def refusal(error: WebhookRefusal) -> str:
    """What to write instead."""
    most = error.parameters.get("most", LONGEST_URL)
    assert isinstance(most, int)
    return {
        "too_many": _("There are %(n)s receivers, which is the most there can be. Remove one first.")
        % {"n": most},
        "taken": _("This address is a receiver already. Change that one instead."),
        "unreadable": _(
            "This is no address. Write it like https://example.com/hooks; a name with other letters in its "
            "xn-- form."
        ),
        "scheme": _("The address must begin with https://."),
        "host": _("The address names no machine. Write it like https://example.com/hooks."),
        "port": _("This port is none. Leave it out, or write one from 1 to 65535."),
        "userinfo": _("Leave name and password out; what is sent is signed instead."),
        "fragment": _("Leave out what follows the #; it is never sent."),
        "not_public": _("This address cannot be reached from the internet. Write one that can."),
        "none": _("Choose at least one thing to tell."),
        "unknown": _("There is no such thing to tell. Reload the page."),
        "off": _("It is switched off. Switch it on first."),
    }.get(
        error.code,
        ngettext("At most %(n)s character fits here.", "At most %(n)s characters fit here.", most)
        % {"n": most},
    )
