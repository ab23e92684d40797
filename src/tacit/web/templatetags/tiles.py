"""Products in lists, made ready here: a list has dozens, and each word looked up in a template costs."""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache
from typing import NamedTuple

from django import template
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from tacit.catalog.types import ProductRow
from tacit.core.money import Money
from tacit.web.templatetags.shown import money, static_file

register = template.Library()

_ANY = "any"


class Tile(NamedTuple):
    """``price``: ``€39.00``, ``from €39.00``, ``€39.00 · sold out``; ``soft``: sold out; ``source``: the picture,
    '' without; ``photo``: it came with an import."""

    address: str
    name: str
    price: str
    soft: bool
    source: str
    photo: bool


@register.filter
def tiles(rows: Iterable[ProductRow]) -> list[Tile]:
    """What a list shows of each product."""
    language = get_language()
    shelf = reverse("product", args=[_ANY]).removesuffix(_ANY)
    made = []
    for row in rows:
        price = _price(row.price, row.several_prices, row.in_stock, language)
        source = static_file(row.picture)
        photo = source.startswith("/media/")
        made.append(Tile(shelf + row.slug, row.name, price, not row.in_stock, source, photo))
    return made


@lru_cache(maxsize=8192)
def _price(price: Money | None, several: bool, in_stock: bool, language: str | None) -> str:
    del language  # part of what is remembered
    said = [from_price(price) if several else money(price)] if price else []
    return " · ".join(said if in_stock else [*said, _("sold out")])


@register.filter
def from_price(price: Money) -> str:
    """``from €39.00``."""
    return _("from %(price)s") % {"price": money(price)}
