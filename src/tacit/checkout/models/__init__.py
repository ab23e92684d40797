"""Carts, orders, parcels and payments. What must never happen is refused here, not only in code."""

from tacit.checkout.models.carts import LARGEST_QUANTITY, Cart, CartLine, PriceGrant, PriceLimit
from tacit.checkout.models.delivery import EVERYWHERE, ShippingDestination, ShippingMethod, ShippingRate
from tacit.checkout.models.ledger import MoneyDrift, MoneyMovement
from tacit.checkout.models.methods import SavedMethod
from tacit.checkout.models.orders import LIVE, Order, OrderChange, OrderLine, Placing
from tacit.checkout.models.parcels import Shipment, ShipmentEvent, ShipmentLine
from tacit.checkout.models.payments import MoneyIntent, Payment

__all__ = [
    "EVERYWHERE",
    "LARGEST_QUANTITY",
    "LIVE",
    "Cart",
    "CartLine",
    "MoneyDrift",
    "MoneyIntent",
    "MoneyMovement",
    "Order",
    "OrderChange",
    "OrderLine",
    "Payment",
    "Placing",
    "PriceGrant",
    "PriceLimit",
    "SavedMethod",
    "Shipment",
    "ShipmentEvent",
    "ShipmentLine",
    "ShippingDestination",
    "ShippingMethod",
    "ShippingRate",
]
