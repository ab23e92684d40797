"""Reading carts and orders. Every row is reached through the person asking."""

from tacit.checkout.queries.carts import cart_of, last_contact, payment_methods
from tacit.checkout.queries.orders import TROUBLED, order_of, orders_of, staff_orders

__all__ = ["TROUBLED", "cart_of", "last_contact", "order_of", "orders_of", "payment_methods", "staff_orders"]
