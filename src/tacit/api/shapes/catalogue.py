"""Products and shelves."""

from __future__ import annotations

from typing import Self

from django.conf import settings
from django.contrib.staticfiles.storage import staticfiles_storage
from pydantic import Field

from tacit.api.shapes.money import Amount, Shown, amount_or_none, percent
from tacit.catalog.types import CategoryRow, Choice, ProductRow, ProductView, VariantView
from tacit.core import ports
from tacit.core.mail import Links


class ProductInList(Shown):
    slug: str
    name: str
    price: Amount | None = Field(description="the lowest of its variants; null: not sold in this currency")
    several_prices: bool
    in_stock: bool
    picture: str = Field(description="address of a picture, '' when there is none")
    page: str = Field(description="the page people read")

    @classmethod
    def of(cls, row: ProductRow) -> Self:
        return cls(
            slug=row.slug,
            name=row.name,
            price=amount_or_none(row.price),
            several_prices=row.several_prices,
            in_stock=row.in_stock,
            picture=picture(row.picture),
            page=ports.get(Links).product(row.slug),
        )


class ChoiceShown(Shown):
    """Something the found products can be narrowed to; ``value`` is what to ask for."""

    value: str
    group: str
    label: str

    @classmethod
    def of(cls, choice: Choice) -> Self:
        return cls(value=choice.value, group=choice.group, label=choice.label)


class Correction(Shown):
    typed: str
    instead: str


class Found(Shown):
    """What a search came to. ``at_least``: more were found than are ranked."""

    products: int
    at_least: bool
    corrected: list[Correction]
    without: list[str] = Field(description="words that nothing has")
    partly: bool = Field(description="no product has all the words; these have most of them")
    categories: list[ChoiceShown]
    options: list[ChoiceShown]


class Products(Shown):
    products: list[ProductInList]
    next: str | None = Field(description="`cursor` of the next page; null: this is the last")
    found: Found | None = Field(description="only for a search")


class Variant(Shown):
    sku: str
    label: str
    options: dict[str, str]
    price: Amount | None
    available: int = Field(description="pieces that can be ordered now")
    weight: int = Field(description="grams; 0: not known")

    @classmethod
    def of(cls, variant: VariantView) -> Self:
        return cls(
            sku=variant.sku,
            label=variant.label,
            options=dict(variant.options),
            price=amount_or_none(variant.price),
            available=variant.available,
            weight=variant.weight,
        )


class Named(Shown):
    slug: str
    name: str


class Fact(Shown):
    name: str
    value: str


class Product(Shown):
    slug: str
    name: str
    description: str
    picture: str
    page: str
    category: list[Named] = Field(description="its shelf, from the top")
    tax_percent: str | None = Field(description="in the shop's own country", examples=["19"])
    variants: list[Variant]
    facts: list[Fact]
    spare_parts: list[Named]
    part_of: list[Named]

    @classmethod
    def of(cls, product: ProductView) -> Self:
        return cls(
            slug=product.slug,
            name=product.name,
            description=product.description,
            picture=picture(product.picture),
            page=ports.get(Links).product(product.slug),
            category=_named(product.category),
            tax_percent=None if product.percent is None else percent(product.percent),
            variants=[Variant.of(variant) for variant in product.variants],
            facts=[Fact(name=name, value=value) for name, value in product.facts],
            spare_parts=_named(product.spare_parts),
            part_of=_named(product.part_of),
        )


class Category(Shown):
    slug: str
    name: str
    products: int
    picture: str

    @classmethod
    def of(cls, row: CategoryRow) -> Self:
        return cls(slug=row.slug, name=row.name, products=row.products, picture=picture(row.picture))


class Categories(Shown):
    categories: list[Category]


def picture(path: str) -> str:
    """The absolute address of a product's picture; '' when there is none."""
    if not path:
        return ""
    if path.startswith("media/"):
        return f"{settings.SHOP_URL}/{path}"
    try:
        return settings.SHOP_URL + str(staticfiles_storage.url(path))
    except ValueError:
        return ""


def _named(pairs: tuple[tuple[str, str], ...]) -> list[Named]:
    return [Named(slug=slug, name=name) for slug, name in pairs]
