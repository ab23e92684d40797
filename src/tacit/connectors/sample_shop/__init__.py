"""The sample shop: believable goods, people and orders, so that a first start shows the product at its best."""

from tacit.connectors.sample_shop.loading import LoadedShop, load
from tacit.connectors.sample_shop.orders import NotPaid, has_orders, load_orders

__all__ = ["LoadedShop", "NotPaid", "has_orders", "load", "load_orders"]
