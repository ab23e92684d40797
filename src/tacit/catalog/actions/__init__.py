"""Writing the catalogue."""

from tacit.catalog.actions.products import save_category, save_product, set_price, set_tax_rate
from tacit.catalog.actions.stock import claim_stock, release_stock, send_stock, set_stock

__all__ = [
    "claim_stock",
    "release_stock",
    "save_category",
    "save_product",
    "send_stock",
    "set_price",
    "set_stock",
    "set_tax_rate",
]
