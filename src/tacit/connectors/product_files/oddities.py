"""What is odd about a Shopify export, what becomes of it, and how often it occurs. No Django."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Oddity:
    """Something a file may contain that is no error: what it is and what becomes of it."""

    name: str
    sentence: str
    treatment: str


SHOPIFY = (
    Oddity("no SKU", "variants without a SKU", "one is made from the handle and the option values"),
    Oddity("image rows", "rows that only add a picture", "they make no variant"),
    Oddity("pictures", "addresses of pictures", "fetched with --images only, the first of each product"),
    Oddity("further pictures", "pictures beyond a product's first", "left out: a product shows one"),
    Oddity("variant pictures", "pictures of single variants", "left out"),
    Oddity("no price", "variants without a price", "kept; they cannot be bought until they have one"),
    Oddity(
        "compare-at prices",
        "crossed-out prices",
        "left out: a price before must be one that was asked, and the price history knows those",
    ),
    Oddity("bodies with markup", "descriptions in HTML", "kept as plain text in paragraphs"),
    Oddity("unpublished", "products not published, drafts and archived ones", "kept, not for sale"),
    Oddity("gift cards", "products that are gift cards", "kept, not for sale: no goods are behind them"),
    Oddity("not taxable", "variants sold without tax", "taxed by --tax-class like the rest"),
    Oddity("not sent", "variants that need no parcel", "kept; sold as goods"),
    Oddity("sold beyond stock", "variants sold when none are left", "sold as far as the stock goes"),
    Oddity("oversold", "stock below 0", "0 pieces"),
    Oddity("other handles", "handles that make no address as they stand", "written with plain letters"),
    Oddity("columns left out", "cells of columns without a place here", "left out"),
)


class Counts:
    """How often each oddity occurs, and in which other columns cells were left out."""

    def __init__(self) -> None:
        self._found: Counter[str] = Counter()
        self.columns: Counter[str] = Counter()

    def add(self, name: str, times: int = 1) -> None:
        self._found[name] += times

    def leave_out(self, column: str) -> None:
        self.columns[column] += 1
        self._found["columns left out"] += 1

    def all(self) -> tuple[tuple[Oddity, int], ...]:
        """Those that occur."""
        return tuple((each, self._found[each.name]) for each in SHOPIFY if self._found[each.name])
