"""Shopify's product export: rows of a handle are its variants and pictures. No Django."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from functools import partial

from tacit.connectors.files.bad import bad_row
from tacit.connectors.files.reader import UnusableFile
from tacit.connectors.product_files import cells, html
from tacit.connectors.product_files.drafts import Draft, DraftVariant, Spoiled
from tacit.connectors.product_files.oddities import Counts
from tacit.connectors.product_files.plain import ProductCells
from tacit.connectors.product_files.table import Record, Table, grouped
from tacit.core.money import Money

ORIGIN = "shopify"
NEEDED = ("Handle", "Title", "Option1 Name", "Option1 Value", "Variant Price")
ONLY = ("Title", "Default Title")
"""Option name and value Shopify writes where there is no choice."""
FACTS = ("Vendor", "Tags")
SEPARATOR = ", "
_NOT_SOLD = frozenset(["draft", "archived"])
_READ = frozenset(
    [
        *NEEDED,
        "Body (HTML)",
        "Type",
        "Product Category",
        "Published",
        "Status",
        "Gift Card",
        "Image Src",
        "Image Position",
        "Variant Image",
        "Variant SKU",
        "Variant Grams",
        "Variant Inventory Qty",
        "Variant Inventory Policy",
        "Variant Compare At Price",
        "Variant Requires Shipping",
        "Variant Taxable",
        "Cost per item",
        *FACTS,
        *(f"Option{n} {what}" for n in (1, 2, 3) for what in ("Name", "Value")),
    ]
)
_SAY_NOTHING = frozenset(
    ["Variant Inventory Tracker", "Variant Fulfillment Service", "Variant Weight Unit", "Image Alt Text"]
)
_ADDRESS = re.compile(r"https?://[^\s\x00-\x20]{1,2000}", re.I)


class ShopifyFile:
    """Reads products out of a Shopify export. ``counts`` hears of every oddity."""

    def __init__(self, table: Table, *, slug_of: Callable[[str], str], currency: str, counts: Counts) -> None:
        """Raises UnusableFile for another kind of file."""
        missing = [name for name in NEEDED if name not in table.header]
        if missing:
            raise UnusableFile(
                f"{table.path} lacks the column {', '.join(missing)}; it is no Shopify export."
            )
        self._table = table
        self._slug_of = slug_of
        self._currency = currency
        self._counts = counts
        self._others = [name for name in table.header if name not in _READ and name not in _SAY_NOTHING]

    def products(self) -> Iterator[Draft | Spoiled]:
        """Each product, or what is wrong with its rows."""
        for handle, records in grouped(self._table, lambda record: record.cells["Handle"].strip()):
            product = ProductCells(self._slug_of(handle), records)
            draft = self._product(product, handle)
            yield Spoiled(records, tuple(product.found)) if product.found or draft is None else draft

    def _product(self, product: ProductCells, handle: str) -> Draft | None:
        if not product.slug:
            product.complain("Handle", "it makes no address", product.first)
        for record in product.records:
            if record.wrong:
                product.found.append(bad_row(record.line, "row", record.wrong, record.text, record.text))
        if product.found:
            return None
        if product.slug != handle:
            self._counts.add("other handles")
        self._count_others(product)
        names = self._option_names(product)
        variants = tuple(
            self._variant(product, record, names)
            for record in product.records
            if record is product.first or not _is_picture_row(record)
        )
        self._counts.add("image rows", len(product.records) - len(variants))
        body = product.read("Body (HTML)", lambda text: text, "")
        if html.has_markup(body):
            self._counts.add("bodies with markup")
        draft = Draft(
            slug=product.slug,
            name=product.read("Title", partial(cells.line_of_text, longest=200), ""),
            origin=ORIGIN,
            external_id=handle[:120],
            records=product.records,
            variants=variants,
            description=html.text_of(body),
            path=product.read("Type", cells.path, None) or product.read("Product Category", cells.path, None),
            active=self._is_active(product),
            facts=tuple((name, text) for name in FACTS if (text := product.read(name, _fact, ""))),
            only_facts=FACTS,
            image=self._image(product),
        )
        if len(draft.description or "") > cells.LONGEST_TEXT:
            product.complain(
                "Body (HTML)", f"it is longer than {cells.LONGEST_TEXT:,} characters", product.first
            )
        return draft

    def _is_active(self, product: ProductCells) -> bool:
        published = product.read("Published", cells.yes_or_no, True)
        status = product.first.cells.get("Status", "").strip().lower()
        gift = product.read("Gift Card", cells.yes_or_no, False)
        if gift:
            self._counts.add("gift cards")
        elif not published or status in _NOT_SOLD:
            self._counts.add("unpublished")
        return published and not gift and status not in _NOT_SOLD

    def _option_names(self, product: ProductCells) -> list[tuple[str, str]]:
        """(name, column of the value) of the options there are; none where there is no choice."""
        found: list[tuple[str, str]] = []
        for number in (1, 2, 3):
            name = product.read(f"Option{number} Name", partial(cells.line_of_text, longest=60), "")
            if name and name in (taken for taken, _ in found):
                product.complain(f"Option{number} Name", "another option has this name", product.first)
            if name:
                found.append((name, f"Option{number} Value"))
        return found

    def _variant(self, product: ProductCells, record: Record, names: list[tuple[str, str]]) -> DraftVariant:
        placeholder = [name for name, _ in names] == [ONLY[0]]
        longest = 120 if placeholder else 60
        options = {
            name: value
            for name, column in names
            if (value := product.cell(record, column, partial(cells.line_of_text, longest=longest)))
        }
        label = SEPARATOR.join(options.values())
        if placeholder:
            label = "" if label == ONLY[1] else label
        if len(label) > 120:
            product.complain(
                "Option1 Value", "the option values together are longer than 120 characters", record
            )
        self._count(record)
        text = record.cells["Variant Price"].strip()
        price = product.cell(record, "Variant Price", self._amount) if text else None
        cost = product.cell(record, "Cost per item", self._amount) if _cell(record, "Cost per item") else None
        quantity = product.cell(record, "Variant Inventory Qty", _pieces) or 0
        sku = product.cell(record, "Variant SKU", partial(cells.line_of_text, longest=64)) or ""
        if quantity < 0:
            self._counts.add("oversold")
        return DraftVariant(
            record=record,
            sku=sku,
            label=label if placeholder else None,
            options=None if placeholder else options,
            prices=(price,) if price else (),
            costs=(cost,) if cost else (),
            stock=max(quantity, 0),
            weight=product.cell(record, "Variant Grams", _grams),
            made_from=(product.slug, label),
        )

    def _amount(self, text: str) -> Money:
        return cells.amount(text, self._currency)

    def _count(self, record: Record) -> None:
        for name, column, odd in (
            ("no SKU", "Variant SKU", ("",)),
            ("no price", "Variant Price", ("",)),
            ("not taxable", "Variant Taxable", ("false",)),
            ("not sent", "Variant Requires Shipping", ("false",)),
            ("sold beyond stock", "Variant Inventory Policy", ("continue",)),
        ):
            if _cell(record, column).lower() in odd and (column in record.cells or odd == ("",)):
                self._counts.add(name)
        if _cell(record, "Variant Compare At Price"):
            self._counts.add("compare-at prices")

    def _count_others(self, product: ProductCells) -> None:
        for record in product.records:
            for column in self._others:
                text = record.cells[column].strip()
                if text and text not in {"0", "0.0"}:
                    self._counts.leave_out(column)
            if _cell(record, "Variant Image"):
                self._counts.add("variant pictures")

    def _image(self, product: ProductCells) -> str:
        """The address of the picture in the first place."""
        found = []
        for record in product.records:
            address = _cell(record, "Image Src")
            if not address:
                continue
            if not _ADDRESS.fullmatch(address):
                product.complain("Image Src", "it is no address such as https://example.com/a.jpg", record)
            place = _cell(record, "Image Position")
            found.append((int(place) if place.isascii() and place.isdigit() else 10**6, record.line, address))
        self._counts.add("pictures", len(found))
        self._counts.add("further pictures", max(len(found) - 1, 0))
        return min(found)[2] if found else ""


def _cell(record: Record, column: str) -> str:
    return record.cells.get(column, "").strip()


def _is_picture_row(record: Record) -> bool:
    """A row without a variant: no option value, price or SKU."""
    return not any(_cell(record, name) for name in ("Option1 Value", "Variant Price", "Variant SKU"))


def _fact(text: str) -> str:
    return cells.line_of_text(text, longest=300)


def _grams(text: str) -> int | None:
    """Shopify writes 0 for what was never weighed, and sometimes a fraction."""
    given = text.strip()
    if given.replace(".", "", 1).isdecimal() and given.isascii():
        given = str(round(float(given)))
    return cells.grams(given) or None if given else None


def _pieces(text: str) -> int:
    """Empty: 0; below 0: sold more than there was."""
    number = cells.whole_number(text) if text.strip() else 0
    return number if number < 0 else cells.pieces(str(number))
