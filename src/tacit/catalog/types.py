"""Products as the rest of the house sees them. Costs appear in no type a shopper's page gets."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any

from tacit.core.money import Money
from tacit.core.refusal import Refusal


@dataclass(frozen=True, slots=True)
class VariantView:
    """One variant on a product page. ``price`` is None when it is not sold in any offered currency."""

    id: int
    sku: str
    label: str
    options: Mapping[str, str]
    price: Money | None
    available: int
    weight: int = 0
    """Grams; 0 when it is not known."""


@dataclass(frozen=True, slots=True)
class ProductView:
    """A product page's facts. ``parents``: (slug, name) of its category from the top."""

    id: int
    slug: str
    name: str
    description: str
    picture: str
    category: tuple[tuple[str, str], ...]
    sensitive: bool
    percent: Decimal | None
    variants: tuple[VariantView, ...]
    facts: tuple[tuple[str, str], ...]
    spare_parts: tuple[tuple[str, str], ...]
    """(slug, name) of products that replace a piece of this one."""
    part_of: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class ProductRow:
    """A product in a list: its lowest price, and whether any variant is in stock."""

    slug: str
    name: str
    picture: str
    price: Money | None
    several_prices: bool
    in_stock: bool


@dataclass(frozen=True, slots=True)
class CategoryRow:
    """A shelf; ``picture``: that of its first product with one, '' when there is none."""

    slug: str
    name: str
    products: int
    picture: str = ""


@dataclass(frozen=True, slots=True)
class Offer:
    """One variant as checkout needs it. ``price`` None: not sold in the asked currency; ``percent`` None: no
    tax rate for the asked country, so it cannot be sent there."""

    variant: int
    sku: str
    slug: str
    name: str
    label: str
    active: bool
    price: Money | None
    percent: Decimal | None
    available: int
    weight: int = 0
    """Grams of one piece; 0 when it is not known."""
    tax_included: bool = True
    """Whether prices in the asked currency include tax."""


@dataclass(frozen=True, slots=True)
class StockRow:
    """One variant's stock as staff see it."""

    sku: str
    name: str
    label: str
    on_hand: int
    claimed: int

    @property
    def available(self) -> int:
        return self.on_hand - self.claimed


Translations = Mapping[str, Mapping[str, Any]]
"""Language (``de``) → field → text in it."""


@dataclass(frozen=True, slots=True)
class NewVariant:
    """A variant to be saved. ``prices`` and ``costs`` at most one a currency; ``stock`` pieces on hand.

    ``weight``: grams, packed; None when it is not known.
    """

    sku: str
    label: str = ""
    options: Mapping[str, str] = field(default_factory=dict)
    prices: tuple[Money, ...] = ()
    costs: tuple[Money, ...] = ()
    stock: int = 0
    external_id: str | None = None
    weight: int | None = None


@dataclass(frozen=True, slots=True)
class NewProduct:
    """A product to be saved, found again by (origin, slug). ``spare_parts`` are slugs of existing products.

    ``translations``: language → {"name", "description", "facts": [[name, value]], "words": {an option's name, a
    value or a label: translated}}, each as far as it is there; the other fields are in the shop's first language.
    """

    slug: str
    name: str
    variants: tuple[NewVariant, ...]
    description: str = ""
    category: str = ""
    tax_class: str = "standard"
    picture: str = ""
    facts: tuple[tuple[str, str], ...] = ()
    spare_parts: tuple[str, ...] = ()
    active: bool = True
    origin: str = "tacit"
    external_id: str | None = None
    translations: Translations = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Shelf:
    """A category with all that is kept of it. ``sensitive``: itself, whatever the shelves above are."""

    slug: str
    name: str
    parent: str
    position: int
    sensitive: bool
    translations: Translations


@dataclass(frozen=True, slots=True)
class WholeProduct:
    """A product as it stands, costs and stock included: for the shop's own files, never for a page.

    ``retired``: its variants that are no longer sold.
    """

    product: NewProduct
    retired: tuple[NewVariant, ...]


@dataclass(frozen=True, slots=True)
class ImportedProduct:
    """One product with one variant from another shop's file, for ``actions.import_products``."""

    external_id: str
    sku: str
    name: str
    price: Money | None
    since: datetime


class SortBy(StrEnum):
    """How found products stand: the best hit first, by price, or by name."""

    BEST = "best"
    CHEAPEST = "cheapest"
    DEAREST = "dearest"
    NAME = "name"


@dataclass(frozen=True, slots=True)
class Narrowed:
    """What found products must be. ``options``: values as a Choice names them, all of which one product has.

    ``least`` and ``most``: minor units of the asked currency that some variant's price lies between.
    """

    category: str = ""
    options: tuple[str, ...] = ()
    in_stock: bool = False
    least: int | None = None
    most: int | None = None

    def __bool__(self) -> bool:
        return self != Narrowed()


@dataclass(frozen=True, slots=True)
class Choice:
    """A category (``value`` its slug, ``group`` '') or option value that some of the found products have."""

    value: str
    group: str
    label: str


@dataclass(frozen=True, slots=True)
class SearchPage:
    """One page of what was found. ``found`` products in all, no more than are looked at; ``cut``: there are more.

    ``corrected``: (typed, searched for instead); ``without``: words nothing has; ``partly``: no product has all
    the words, these have most of them.
    """

    products: tuple[ProductRow, ...] = ()
    found: int = 0
    cut: bool = False
    more: bool = False
    corrected: tuple[tuple[str, str], ...] = ()
    without: tuple[str, ...] = ()
    partly: bool = False
    categories: tuple[Choice, ...] = ()
    options: tuple[Choice, ...] = ()


class NoSuchProduct(LookupError):
    """There is no such product, or it is not for sale."""


class CatalogError(Refusal):
    """A value that cannot be saved."""


class OutOfStock(Exception):
    """Not enough of these variants is left; nothing was claimed. ``missing``: variant id → pieces available."""

    def __init__(self, missing: Mapping[int, int]) -> None:
        super().__init__(f"out of stock: {dict(missing)}")
        self.missing = dict(missing)


@dataclass(frozen=True, slots=True)
class TaxRates:
    """A tax class and its percentage in each country (ISO 3166-1 alpha-2)."""

    code: str
    name: str
    percents: Mapping[str, Decimal]
