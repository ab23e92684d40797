"""Products and shelves, for everybody."""

from __future__ import annotations

from typing import Annotated

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from ninja import Query, Router
from pydantic import BaseModel, Field

from tacit.api import answers, cursors
from tacit.api.explaining import Refused
from tacit.api.shapes.catalogue import (
    Categories,
    Category,
    ChoiceShown,
    Correction,
    Found,
    Product,
    ProductInList,
    Products,
)
from tacit.api.shapes.money import PLAIN, CurrencyCode
from tacit.catalog import queries
from tacit.catalog.types import Narrowed, SearchPage, SortBy
from tacit.core.money import LARGEST_MINOR

router = Router(tags=["Catalogue"])
_Word = Annotated[str, Field(max_length=130, pattern=PLAIN)]
LAST_PAGE = 1000


class AskedProducts(BaseModel):
    q: str = Field(default="", max_length=100, pattern=PLAIN, description="words to search for")
    category: str = Field(default="", max_length=130, pattern=PLAIN, description="slug of a shelf")
    option: list[_Word] = Field(
        default=[],
        max_length=6,
        description="`value` of an option choice; several must all fit. For a search",
    )
    in_stock: bool = Field(default=False, description="only what can be had now. For a search")
    least: int | None = Field(
        default=None, ge=0, le=LARGEST_MINOR, description="lowest price, minor units. For a search"
    )
    most: int | None = Field(
        default=None, ge=0, le=LARGEST_MINOR, description="highest price, minor units. For a search"
    )
    sort: SortBy = Field(default=SortBy.BEST, description="For a search")
    currency: CurrencyCode | None = Field(default=None, description="the shop's first when left out")
    limit: int = Field(default=24, ge=1, le=100)
    cursor: str = Field(default="", max_length=cursors.LONGEST, description="`next` of the page before")


@router.get("/products", response=Products, summary="List or search products", operation_id="listProducts")
def products(request: HttpRequest, asked: Query[AskedProducts]) -> HttpResponse:
    """All products in the order they were made, or with `q` those that fit best, as the shop's search finds them.

    Go on with `cursor`. A list never skips a product or tells it twice; a search is ranked anew for every page.
    """
    shown = _search(asked) if asked.q.strip() else _list(asked)
    return answers.read(request, shown, everybody=True)


@router.get("/products/{slug:slug}", response=Product, summary="Read a product", operation_id="readProduct")
def product(request: HttpRequest, slug: str, currency: CurrencyCode | None = None) -> HttpResponse:
    """One product with its variants, prices and what can be ordered of each."""
    found = queries.product_page(
        slug, currency=sold_in(currency), country=settings.SHOP_COUNTRY, language=language()
    )
    return answers.read(request, Product.of(found), everybody=True)


@router.get("/categories", response=Categories, summary="List the shelves", operation_id="listCategories")
def categories(request: HttpRequest) -> HttpResponse:
    """The shelves with something on them, in the shop's order."""
    rows = queries.categories(language())
    return answers.read(request, Categories(categories=[Category.of(row) for row in rows]), everybody=True)


def language() -> str:
    return get_language() or settings.LANGUAGE_CODE


def sold_in(currency: str | None) -> str:
    """A currency the shop sells in. Raises Refused."""
    if currency is None:
        return settings.SHOP_CURRENCY
    if currency not in settings.SHOP_CURRENCIES:
        raise Refused(
            "currency", "unknown", _("This shop does not sell in it. Choose a currency from the list.")
        )
    return currency


def _list(asked: AskedProducts) -> Products:
    narrowed = {"option": asked.option, "in_stock": asked.in_stock, "least": asked.least, "most": asked.most}
    for field, value in {**narrowed, "sort": asked.sort is not SortBy.BEST}.items():
        if value not in ([], False, None):
            raise Refused(field, "for_a_search", _("This is for a search. Ask with q, or leave it out."))
    currency = sold_in(asked.currency)
    of = ["products", asked.category]
    after = int(cursors.place(of, asked.cursor)[0]) if asked.cursor else 0
    rows, more = queries.product_feed(
        currency=currency, category=asked.category, language=language(), after=after, limit=asked.limit
    )
    if not rows and asked.category and queries.category(asked.category) is None:
        raise Refused("category", "unknown", _("There is no such choice."))
    return Products(
        products=[ProductInList.of(row) for row in rows],
        next=None if more is None else cursors.cursor(of, [more]),
        found=None,
    )


def _search(asked: AskedProducts) -> Products:
    if asked.least is not None and asked.most is not None and asked.least > asked.most:
        raise Refused("most", "below_least", _("The highest price cannot be below the lowest."))
    currency = sold_in(asked.currency)
    narrowed = Narrowed(
        category=asked.category,
        options=tuple(dict.fromkeys(each for each in asked.option if each)),
        in_stock=asked.in_stock,
        least=asked.least,
        most=asked.most,
    )
    of = ["search", asked.q, asked.category, list(narrowed.options), asked.in_stock, asked.least, asked.most]
    of += [asked.sort.value, currency, asked.limit]
    page = int(cursors.place(of, asked.cursor)[0]) if asked.cursor else 1
    found = queries.search(
        asked.q,
        language=language(),
        currency=currency,
        narrowed=narrowed,
        order=asked.sort,
        page=page,
        per_page=asked.limit,
    )
    return Products(
        products=[ProductInList.of(row) for row in found.products],
        next=cursors.cursor(of, [page + 1]) if found.more and page < LAST_PAGE else None,
        found=_found(found),
    )


def _found(page: SearchPage) -> Found:
    return Found(
        products=page.found,
        at_least=page.cut,
        corrected=[Correction(typed=typed, instead=instead) for typed, instead in page.corrected],
        without=list(page.without),
        partly=page.partly,
        categories=[ChoiceShown.of(choice) for choice in page.categories],
        options=[ChoiceShown.of(choice) for choice in page.options],
    )
