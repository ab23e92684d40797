"""What checkout's tables hold about people, and until when. Docs: docs/privacy.md.

Of an order that is not over, what it takes to deliver it stays until it is (``ON_ITS_WAY``); of one that money was
promised or moved for, name and address stay as long as tax law asks for them (``TAX_RECORDS``). Everything else goes
at once.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from tacit.checkout.types.order import OrderStatus
from tacit.core.personal import NOT_PERSONAL, OPAQUE, How, Reason, RetentionMap, columns, erased, kept

ORDER_OVER_FOR = timedelta(days=30)
"""So long after the last thing that happened to an order it counts as over: parcels come late, buyers write back."""
NEVER_SENT_FOR = timedelta(days=365)
"""A paid order that nobody sent or cancelled is over after this."""

_ON_ITS_WAY = Reason.ON_ITS_WAY
_TAX = Reason.TAX_RECORDS

MAP: RetentionMap = {
    "checkout_cart": columns(erased("cart"), "token person_id") | columns(NOT_PERSONAL, "currency"),
    "checkout_cartline": columns(erased("cart"), "cart_id"),
    "checkout_pricegrant": columns(OPAQUE, "key limit_id") | columns(NOT_PERSONAL, "currency reason"),
    "checkout_pricelimit": columns(OPAQUE, "key"),
    "checkout_order": {
        **columns(NOT_PERSONAL, "kind status origin country language currency shipping_code shipping_name"),
        **columns(OPAQUE, "number external_id person_id cart"),
        **columns(kept("order_address", _TAX), "name line1 line2 postcode city"),
        **columns(kept("order_customer", _TAX), "customer"),
        **columns(kept("order_email", _ON_ITS_WAY), "email"),
    },
    "checkout_orderline": columns(NOT_PERSONAL, "sku name label") | columns(OPAQUE, "limit_id"),
    "checkout_orderchange": {
        **columns(OPAQUE, "key by"),
        **columns(NOT_PERSONAL, "what"),
        # A hash of what was asked for, also of an address: whoever guesses it could tell that it was it.
        "body": kept("order_traces", _ON_ITS_WAY, How.BLANK),
    },
    "checkout_placing": columns(kept("order_traces", _ON_ITS_WAY, How.ROW), "cart key body_hash"),
    "checkout_payment": {
        **columns(NOT_PERSONAL, "provider method state currency decline_code"),
        **columns(OPAQUE, "reference provider_reference return_url saved_id"),
        **columns(kept("payment_means", _ON_ITS_WAY), "fingerprint instrument action_url"),
    },
    "checkout_savedmethod": {
        **columns(NOT_PERSONAL, "provider"),
        # The provider's ids stay until the provider has forgotten them; then the row goes.
        **columns(OPAQUE, "reference token customer"),
        **columns(erased("methods", How.NULL), "person_id"),
        **columns(erased("methods", How.BLANK), "label fingerprint"),
    },
    "checkout_moneyintent": {
        **columns(OPAQUE, "key"),
        **columns(NOT_PERSONAL, "kind state"),
        **columns(kept("order_notes", _ON_ITS_WAY), "reason error"),
    },
    "checkout_shipment": {
        **columns(OPAQUE, "key reference"),
        **columns(NOT_PERSONAL, "carrier through state settled"),
        **columns(kept("parcel_numbers", _ON_ITS_WAY, How.REPLACED), "tracking error"),
    },
    "checkout_moneymovement": columns(NOT_PERSONAL, "kind currency") | columns(OPAQUE, "key"),
    "checkout_moneydrift": columns(NOT_PERSONAL, "what currency") | columns(OPAQUE, "reference"),
    "checkout_shipmentevent": columns(NOT_PERSONAL, "state"),
    "checkout_shippingdestination": columns(NOT_PERSONAL, "country"),
    "checkout_shippingmethod": columns(NOT_PERSONAL, "code name translations"),
    "checkout_shippingrate": columns(NOT_PERSONAL, "currency"),
}


@dataclass(frozen=True, slots=True)
class Standing:
    """What decides how long an order of somebody erased is kept.

    ``money_open``: money may still move (a payment not settled, a capture or refund on its way). ``money_moved``:
    something was taken, also if it went back. ``last``: the last thing that happened to the order, its parcels, its
    money.
    """

    status: OrderStatus
    money_open: bool
    money_moved: bool
    placed_at: datetime
    last: datetime


@dataclass(frozen=True, slots=True)
class Due:
    """What is to be erased of an order now, and when it is looked at again (None: nothing is left).

    ``contact``: e-mail and all that was needed to deliver it; ``address``: name and address.
    """

    contact: bool
    address: bool
    again: date | None


def due(standing: Standing, *, tax_years: int, now: datetime) -> Due:
    """What of an erased buyer's order goes now. Tax law knows orders that were paid and imported history."""
    if not is_over(standing, now=now):
        return Due(contact=False, address=False, again=now.date() + timedelta(days=1))
    if not taxed(standing):
        return Due(contact=True, address=True, again=None)
    until = tax_until(standing.placed_at, tax_years)
    if now.date() <= until:
        return Due(contact=True, address=False, again=until + timedelta(days=1))
    return Due(contact=True, address=True, again=None)


def is_over(standing: Standing, *, now: datetime) -> bool:
    """Whether nothing more is to happen to an order for which its buyer's contact would be needed."""
    silent = now - standing.last
    match standing.status:
        case OrderStatus.CLOSED:
            return True
        case OrderStatus.FAILED | OrderStatus.CANCELLED:
            return not standing.money_open or silent >= ORDER_OVER_FOR
        case OrderStatus.SHIPPED:
            return not standing.money_open and silent >= ORDER_OVER_FOR
    return silent >= NEVER_SENT_FOR


def taxed(standing: Standing) -> bool:
    """Whether tax law wants to see it."""
    sold = standing.status in {OrderStatus.PAID, OrderStatus.SHIPPED, OrderStatus.CLOSED}
    return standing.money_moved or sold


def tax_until(placed_at: datetime, years: int) -> date:
    """The last day tax law wants to see an order of ``placed_at``: 31 December, ``years`` years later."""
    return date(placed_at.year + years, 12, 31)
