"""Reading carts and orders. Every row is reached through the person asking."""

from tacit.checkout.queries.carts import cart_of, last_contact, payment_methods
from tacit.checkout.queries.delivery import (
    delivery_promise,
    delivery_tables,
    get_ready,
    may_withdraw,
    shipping_methods,
    terms,
)
from tacit.checkout.queries.desk import (
    ASTRAY,
    TROUBLED,
    order_history,
    running_out,
    sales_by_day,
    staff_orders,
    staff_page,
    staff_row,
    staff_rows,
)
from tacit.checkout.queries.drift import open_drift
from tacit.checkout.queries.feed import order_feed
from tacit.checkout.queries.links import is_order_signature, order_signature
from tacit.checkout.queries.methods import may_keep, saved_methods, usable_methods
from tacit.checkout.queries.one_tap import one_tap_contact, one_tap_of, one_taps
from tacit.checkout.queries.orders import order_of, orders_of
from tacit.checkout.queries.parcels import carrier_label, staff_parcels
from tacit.checkout.queries.personal import address_of, was_erased
from tacit.checkout.queries.unsent import unsent_lines

__all__ = [
    "ASTRAY",
    "TROUBLED",
    "address_of",
    "carrier_label",
    "cart_of",
    "delivery_promise",
    "delivery_tables",
    "get_ready",
    "is_order_signature",
    "last_contact",
    "may_keep",
    "may_withdraw",
    "one_tap_contact",
    "one_tap_of",
    "one_taps",
    "open_drift",
    "order_feed",
    "order_history",
    "order_of",
    "order_signature",
    "orders_of",
    "payment_methods",
    "running_out",
    "sales_by_day",
    "saved_methods",
    "shipping_methods",
    "staff_orders",
    "staff_page",
    "staff_parcels",
    "staff_row",
    "staff_rows",
    "terms",
    "unsent_lines",
    "usable_methods",
    "was_erased",
]
