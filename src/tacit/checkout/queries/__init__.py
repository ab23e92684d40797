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
from tacit.checkout.queries.orders import order_of, orders_of
from tacit.checkout.queries.parcels import carrier_label, staff_parcels
from tacit.checkout.queries.unsent import unsent_lines

__all__ = [
    "ASTRAY",
    "TROUBLED",
    "carrier_label",
    "cart_of",
    "delivery_promise",
    "delivery_tables",
    "get_ready",
    "last_contact",
    "may_withdraw",
    "order_history",
    "order_of",
    "orders_of",
    "payment_methods",
    "running_out",
    "sales_by_day",
    "shipping_methods",
    "staff_orders",
    "staff_page",
    "staff_parcels",
    "staff_row",
    "staff_rows",
    "terms",
    "unsent_lines",
]
