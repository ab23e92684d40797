"""Writing the catalogue."""

from tacit.catalog.actions.products import save_category, save_product, set_currency, set_price, set_tax_rate
from tacit.catalog.actions.search import fill_search_index, note_search, rebuild_search_index
from tacit.catalog.actions.stock import claim_stock, release_stock, send_stock, set_stock, take_stock_back
from tacit.catalog.actions.taxes import replace_tax_class

__all__ = [
    "claim_stock",
    "fill_search_index",
    "note_search",
    "rebuild_search_index",
    "release_stock",
    "replace_tax_class",
    "save_category",
    "save_product",
    "send_stock",
    "set_currency",
    "set_price",
    "set_stock",
    "set_tax_rate",
    "take_stock_back",
]
