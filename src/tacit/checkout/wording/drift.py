"""What ledger, payment, order and provider disagree on, in sentences for staff."""

from __future__ import annotations

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from tacit.checkout.types.ledger import DriftRow, What
from tacit.checkout.wording.shown import money

_WORDS = {
    What.LEDGER_AUTHORISED: gettext_lazy("The ledger says %(theirs)s, the payment %(ours)s (set aside)."),
    What.LEDGER_CAPTURED: gettext_lazy("The ledger says %(theirs)s, the payment %(ours)s (taken)."),
    What.LEDGER_REFUNDED: gettext_lazy("The ledger says %(theirs)s, the payment %(ours)s (given back)."),
    What.LEDGER_RELEASED: gettext_lazy("The ledger says %(theirs)s, the payment %(ours)s (let go)."),
    What.PROMISED_CAPTURE: gettext_lazy("%(ours)s is to be taken, but only %(theirs)s is on its way."),
    What.PROMISED_REFUND: gettext_lazy("%(ours)s is to be given back, but only %(theirs)s is on its way."),
    What.PROVIDER_AMOUNT: gettext_lazy("The provider says %(theirs)s, our books %(ours)s (to be paid)."),
    What.PROVIDER_AUTHORISED: gettext_lazy("The provider says %(theirs)s, our books %(ours)s (set aside)."),
    What.PROVIDER_CAPTURED: gettext_lazy("The provider says %(theirs)s, our books %(ours)s (taken)."),
    What.PROVIDER_REFUNDED: gettext_lazy("The provider says %(theirs)s, our books %(ours)s (given back)."),
    What.PROVIDER_HELD: gettext_lazy("The provider says %(theirs)s, our books %(ours)s (still held)."),
    What.PROVIDER_MISSING: gettext_lazy("The provider does not know this payment; our books say %(ours)s."),
    What.OPENED_TWICE: gettext_lazy(
        "The provider has this payment more than once: %(theirs)s in all, our books %(ours)s."
    ),
    What.OPENED_UNKNOWN: gettext_lazy("The provider has %(theirs)s that no order here knows of."),
    What.ORDER_LINES: gettext_lazy("Its lines add up to %(theirs)s, the order says %(ours)s (goods)."),
    What.ORDER_TOTAL: gettext_lazy("The order says %(theirs)s, its payment %(ours)s (to be paid)."),
    What.ORDER_UNPAID: gettext_lazy("The order says %(theirs)s, but only %(ours)s is secured."),
    What.ORDER_WAITS: gettext_lazy("It waits for a payment of %(theirs)s, and %(ours)s is secured."),
    What.ORDER_ABOVE: gettext_lazy("The order says %(theirs)s, but %(ours)s was taken and kept."),
    What.ORDER_KEPT: gettext_lazy("Nothing came of the order, but %(ours)s is kept."),
    What.ORDER_HELD: gettext_lazy("Nothing came of the order, but %(ours)s is still held."),
}


def drift_sentence(row: DriftRow) -> str:
    """What does not agree, with both amounts."""
    return str(_WORDS[row.what]) % {"ours": money(row.ours), "theirs": money(row.theirs)}


def drift_subject(row: DriftRow) -> str:
    """What it is about: an order, or a payment that belongs to none."""
    if row.order:
        return _("Order %(number)s") % {"number": row.order}
    return _("Payment %(reference)s") % {"reference": row.reference}
