"""Reading the catalogue. One statement a call."""

from tacit.catalog.queries.addresses import product_slugs, products_count, shelf_slugs
from tacit.catalog.queries.feed import product_feed
from tacit.catalog.queries.offers import (
    countries,
    currencies,
    currencies_of,
    offers,
    prices_include_tax,
    variants_by_sku,
    without_price,
)
from tacit.catalog.queries.pages import also_in_category, categories, category, product_list, product_page
from tacit.catalog.queries.search import search
from tacit.catalog.queries.skus import stock_by_sku, variant_of
from tacit.catalog.queries.stock import has_products, scarce, stock_list, stock_row
from tacit.catalog.queries.taxes import tax_classes, tax_modes

__all__ = [
    "also_in_category",
    "categories",
    "category",
    "countries",
    "currencies",
    "currencies_of",
    "has_products",
    "offers",
    "prices_include_tax",
    "product_feed",
    "product_list",
    "product_page",
    "product_slugs",
    "products_count",
    "scarce",
    "search",
    "shelf_slugs",
    "stock_by_sku",
    "stock_list",
    "stock_row",
    "tax_classes",
    "tax_modes",
    "variant_of",
    "variants_by_sku",
    "without_price",
]
