"""Reading the catalogue. One statement a call."""

from tacit.catalog.queries.offers import countries, currencies, offers, variants_by_sku
from tacit.catalog.queries.pages import categories, category, product_list, product_page
from tacit.catalog.queries.search import search
from tacit.catalog.queries.skus import stock_by_sku
from tacit.catalog.queries.stock import has_products, stock_list

__all__ = [
    "categories",
    "category",
    "countries",
    "currencies",
    "has_products",
    "offers",
    "product_list",
    "product_page",
    "search",
    "stock_by_sku",
    "stock_list",
    "variants_by_sku",
]
