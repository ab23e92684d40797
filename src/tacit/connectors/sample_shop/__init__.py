"""The sample shop: believable goods, people and orders, so that a first start shows the product at its best."""

from tacit.connectors.sample_shop.loading import LoadedShop, load
from tacit.connectors.sample_shop.orders import NotPaid, Tell, has_orders, load_orders
from tacit.connectors.sample_shop.people import Customer, cast

__all__ = ["Customer", "LoadedShop", "NotPaid", "Tell", "cast", "has_orders", "load", "load_orders"]
