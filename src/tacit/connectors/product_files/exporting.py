"""The whole catalogue into one file, in a format that import reads back."""

from __future__ import annotations

import contextlib
import csv
import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from tacit.accounts.types import Visitor
from tacit.catalog.queries import whole
from tacit.catalog.types import NewProduct, NewVariant
from tacit.connectors.files.reader import UnusableFile
from tacit.connectors.product_files import cells, html
from tacit.connectors.product_files.plain import IN_LANGUAGES, OF_PRODUCT
from tacit.connectors.product_files.shelves import Shelves
from tacit.connectors.product_files.shopify import FACTS, ONLY, SEPARATOR

_STAFF = Visitor(staff=True)

Rows = Iterator[list[str]]

SHOPIFY = (
    *("Handle", "Title", "Body (HTML)", "Vendor", "Type", "Tags", "Published"),
    *(f"Option{number} {what}" for number in (1, 2, 3) for what in ("Name", "Value")),
    *(
        "Variant SKU",
        "Variant Grams",
        "Variant Inventory Tracker",
        "Variant Inventory Qty",
        "Variant Inventory Policy",
    ),
    *("Variant Fulfillment Service", "Variant Price", "Variant Requires Shipping", "Variant Taxable"),
    *("Image Src", "Gift Card", "Cost per item", "Status"),
)


@dataclass(frozen=True, slots=True)
class Exported:
    products: int
    variants: int


def export_products(
    path: Path, *, form: str, currency: str, writing: Callable[[int], None] = lambda _done: None
) -> Exported:
    """Write every product that has a variant for sale, as one moment shows them; ``path`` changes only when all
    is written. ``currency``: of Shopify's prices. ``writing`` hears how many products. Raises UnusableFile.
    """
    if path.is_dir():
        raise UnusableFile(f"{path} is a folder, not a file.")
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    products = variants = 0
    try:
        with whole.one_moment(), draft.open("w", encoding="utf-8", newline="") as file:
            writer = csv.writer(file, lineterminator="\n")
            shelves = Shelves(_STAFF)
            plain = _Plain(shelves) if form == "plain" else None
            writer.writerow(plain.header if plain else SHOPIFY)
            for each in whole.whole_catalogue(_STAFF):
                rows = plain.rows(each.product) if plain else _shopify(each.product, shelves, currency)
                writer.writerows(rows)
                products += 1
                variants += len(each.product.variants)
                writing(products)
        draft.replace(path)
    except OSError as error:
        raise UnusableFile(f"{path} cannot be written: {error.strerror or error}.") from None
    finally:
        with contextlib.suppress(OSError):
            draft.unlink(missing_ok=True)
    return Exported(products, variants)


class _Plain:
    """Rows in the plain format; its columns are those the catalogue has something for."""

    def __init__(self, shelves: Shelves) -> None:
        self._shelves = shelves
        self._prices, self._costs, self._languages, self._options = whole.in_use(_STAFF)
        self.header = [
            *OF_PRODUCT,
            "sku",
            "label",
            *(cells.guarded(f"option:{name}") for name in self._options),
            *(f"price {currency}" for currency in self._prices),
            *(f"cost {currency}" for currency in self._costs),
            "stock",
            "weight",
            *(f"{name}:{language}" for language in self._languages for name in IN_LANGUAGES),
        ]

    def rows(self, product: NewProduct) -> Rows:
        """The first row tells of the product, all of them of a variant."""
        about = [cells.guarded(text) for text in self._product(product)]
        translated = [cells.guarded(text) for text in self._translated(product)]
        for number, variant in enumerate(product.variants):
            first = number == 0
            yield [
                product.slug,
                *(about if first else [""] * len(about)),
                *(cells.guarded(text) for text in self._variant(variant)),
                *(translated if first else [""] * len(translated)),
            ]

    def _product(self, product: NewProduct) -> list[str]:
        return [
            cells.folded(product.name),
            cells.paragraphs_text(product.description),
            cells.path_text(self._shelves.steps(product.category)),
            "yes" if self._shelves.is_sensitive(product.category) else "",
            product.tax_class,
            "yes" if product.active else "no",
            cells.pairs_text(product.facts),
            " ".join(sorted(product.spare_parts)),
            product.picture,
        ]

    def _variant(self, variant: NewVariant) -> list[str]:
        prices = {money.currency: cells.amount_text(money) for money in variant.prices}
        costs = {money.currency: cells.amount_text(money) for money in variant.costs}
        return [
            cells.folded(variant.sku),
            cells.folded(variant.label),
            *(cells.folded(variant.options.get(name, "")) for name in self._options),
            *(prices.get(currency, "") for currency in self._prices),
            *(costs.get(currency, "") for currency in self._costs),
            str(variant.stock),
            "" if variant.weight is None else str(variant.weight),
        ]

    def _translated(self, product: NewProduct) -> list[str]:
        found = []
        for language in self._languages:
            texts = product.translations.get(language, {})
            path = [
                cells.Step(str(shelf.translations.get(language, {}).get("name", "")))
                for shelf in self._shelves.path(product.category)
            ]
            found += [
                cells.folded(texts.get("name", "")),
                cells.paragraphs_text(texts.get("description", "")),
                cells.path_text(path) if any(step.name for step in path) else "",
                cells.pairs_text(texts.get("facts", ())),
                cells.pairs_text(texts.get("words", {}).items()),
            ]
        return found


def _shopify(product: NewProduct, shelves: Shelves, currency: str) -> Rows:
    facts = dict(product.facts)
    names = _option_names(product)
    steps = [cells.Step(shelf.name) for shelf in shelves.path(product.category)]
    for number, variant in enumerate(product.variants):
        first = number == 0
        values = [variant.options[name] for name in names] if names else [variant.label or ONLY[1]]
        options = [
            (name if first else "", value) for name, value in zip(names or [ONLY[0]], values, strict=True)
        ]
        options += [("", "")] * (3 - len(options))
        price = next((each for each in variant.prices if each.currency == currency), None)
        cost = next((each for each in variant.costs if each.currency == currency), None)
        row = {
            "Handle": product.slug,
            "Title": cells.folded(product.name) if first else "",
            "Body (HTML)": html.html_of(product.description) if first else "",
            "Type": cells.path_text(steps) if first else "",
            "Published": ("true" if product.active else "false") if first else "",
            "Variant SKU": cells.folded(variant.sku),
            "Variant Grams": str(variant.weight or 0),
            "Variant Inventory Tracker": "shopify",
            "Variant Inventory Qty": str(variant.stock),
            "Variant Inventory Policy": "deny",
            "Variant Fulfillment Service": "manual",
            "Variant Price": cells.amount_text(price) if price else "",
            "Variant Requires Shipping": "true",
            "Variant Taxable": "true",
            "Gift Card": "false" if first else "",
            "Cost per item": cells.amount_text(cost) if cost else "",
            "Status": ("active" if product.active else "draft") if first else "",
        }
        row |= {name: cells.folded(facts.get(name, "")) for name in FACTS if first}
        for place, (name, value) in enumerate(options, start=1):
            row |= {f"Option{place} Name": cells.folded(name), f"Option{place} Value": cells.folded(value)}
        yield [cells.guarded(row.get(column, "")) for column in SHOPIFY]


def _option_names(product: NewProduct) -> list[str]:
    """The options, when Shopify can tell the variants apart by them; else none, and labels stand in for them."""
    names = list(product.variants[0].options)
    values = [tuple(variant.options.get(name, "") for name in names) for variant in product.variants]
    fits = (
        0 < len(names) <= 3
        and names != [ONLY[0]]
        and all(set(variant.options) == set(names) for variant in product.variants)
        and all(all(each) and len(SEPARATOR.join(each)) <= 120 for each in values)
        and len(set(values)) == len(values)
    )
    return names if fits else []
