"""The sample shop: believable goods, so that a first start shows the product at its best."""

from tacit.connectors.sample_shop.loading import LoadedShop, load

__all__ = ["LoadedShop", "load"]
