"""The plain format: one row a variant. docs/import-products.md describes it. No Django."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from typing import Any, TypeVar

from tacit.connectors.files.bad import BadRow, bad_row
from tacit.connectors.files.reader import UnusableFile
from tacit.connectors.product_files import cells
from tacit.connectors.product_files.cells import Unusable
from tacit.connectors.product_files.drafts import Draft, DraftVariant, Spoiled
from tacit.connectors.product_files.table import Record, Table, grouped
from tacit.core.money import Money, MoneyError, exponent

OF_PRODUCT = (
    "slug",
    "name",
    "description",
    "category",
    "sensitive",
    "tax class",
    "active",
    "facts",
    "spare parts",
    "picture",
)
OF_VARIANT = ("sku", "label", "stock", "weight")
IN_LANGUAGES = ("name", "description", "category", "facts", "words")
ORIGIN = "tacit"
_LANGUAGE = re.compile(r"[a-z]{2,3}(-[a-z]{2,8})?")
_PICTURE = re.compile(r"(?!.*\.\.)[A-Za-z0-9][A-Za-z0-9_./-]{0,199}")
_ADDRESS = re.compile(r"https?://[^\s\x00-\x20]{1,2000}", re.I)
_SLUG = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")

T = TypeVar("T")
E = TypeVar("E")


class PlainFile:
    """Reads products out of a table in the plain format."""

    def __init__(self, table: Table, *, slug_of: Callable[[str], str]) -> None:
        """Raises UnusableFile for a header with unknown or missing columns."""
        self._table = table
        self._slug_of = slug_of
        header = table.header
        self._has = set(header)
        if "sku" not in header or not {"slug", "name"} & self._has:
            raise UnusableFile(f"{table.path} lacks the column sku, or both slug and name.")
        self._prices, self._costs = self._money("price"), self._money("cost")
        self._options = [name for name in header if name.startswith("option:")]
        self._languages = sorted(
            {
                name.partition(":")[2]
                for name in header
                if name.partition(":")[0] in IN_LANGUAGES and ":" in name
            }
        )
        known = {*OF_PRODUCT, *OF_VARIANT, *self._prices, *self._costs, *self._options}
        known |= {f"{name}:{language}" for language in self._languages for name in IN_LANGUAGES}
        for name in header:
            language = name.partition(":")[2]
            if name not in known or (
                name.partition(":")[0] in IN_LANGUAGES and language and not _fits(language)
            ):
                raise UnusableFile(
                    f"{table.path} has a column {name!r}, which the plain format does not know."
                )
        if any(not name.partition(":")[2] or len(name) > 67 for name in self._options):
            raise UnusableFile(
                f"{table.path} has an option column whose name is empty or above 60 characters."
            )

    def _money(self, kind: str) -> dict[str, str]:
        found = {name: name.partition(" ")[2] for name in self._table.header if name.startswith(f"{kind} ")}
        for name, currency in found.items():
            try:
                exponent(currency)
            except MoneyError as error:
                raise UnusableFile(f"{self._table.path} has the column {name!r}: {error}.") from None
        return found

    def products(self) -> Iterator[Draft | Spoiled]:
        """Each product, or what is wrong with its rows."""
        for slug, records in grouped(self._table, self._key):
            product = ProductCells(slug, records)
            draft = self._product(product)
            yield Spoiled(records, tuple(product.found)) if product.found or draft is None else draft

    def _key(self, record: Record) -> str:
        """The slug of its row; a row that names none belongs to the product of the row's name."""
        return record.cells.get("slug", "").strip() or self._slug_of(record.cells.get("name", ""))

    def _product(self, product: ProductCells) -> Draft | None:
        if not _SLUG.fullmatch(product.slug) or len(product.slug) > 100:
            column = "slug" if "slug" in self._has else "name"
            product.complain(column, "it is no address such as enamel-kettle", product.first)
        for record in product.records:
            if record.wrong:
                product.found.append(bad_row(record.line, "row", record.wrong, record.text, record.text))
        if product.found:
            return None
        variants = tuple(self._variant(product, record) for record in product.records)
        picture, image = product.read("picture", _picture, ("", ""))
        category = product.read("category", cells.path, ()) if "category" in self._has else None
        return Draft(
            slug=product.slug,
            name=product.read("name", lambda text: cells.line_of_text(text, longest=200), "") or "",
            origin=ORIGIN,
            records=product.records,
            variants=variants,
            description=self._given(product, "description", cells.paragraphs, ""),
            path=category,
            shelf_names=self._shelf_names(product, category),
            sensitive=product.read("sensitive", cells.yes_or_no, False) or False,
            tax_class=product.read("tax class", lambda text: cells.line_of_text(text, longest=40), None),
            active=product.read("active", cells.yes_or_no, None),
            facts=self._given(product, "facts", _facts, ()),
            spare_parts=self._given(product, "spare parts", _slugs, ()),
            picture=picture if "picture" in self._has else None,
            image=image,
            translations={language: self._texts(product, language) for language in self._languages},
        )

    def _given(self, product: ProductCells, column: str, parse: Callable[[str], T], empty: E) -> T | E | None:
        return product.read(column, parse, empty) if column in self._has else None

    def _shelf_names(self, product: ProductCells, path: tuple[Any, ...] | None) -> dict[str, tuple[str, ...]]:
        found: dict[str, tuple[str, ...]] = {}
        for language in self._languages:
            column = f"category:{language}"
            names = product.read(column, cells.names, ())
            if not names:
                continue
            if len(names) != len(path or ()):
                product.complain(column, "it has not as many steps as category", product.first)
            found[language] = names
        return found

    def _texts(self, product: ProductCells, language: str) -> dict[str, Any]:
        readers: list[tuple[str, Callable[[str], Any]]] = [
            ("name", lambda text: cells.line_of_text(text, longest=200)),
            ("description", cells.paragraphs),
            ("facts", lambda text: [list(pair) for pair in _facts(text)]),
            ("words", lambda text: dict(cells.pairs(text, longest_name=120, longest_value=120))),
        ]
        return {
            name: product.read(f"{name}:{language}", parse, "")
            for name, parse in readers
            if f"{name}:{language}" in self._has
        }

    def _variant(self, product: ProductCells, record: Record) -> DraftVariant:
        options = {
            column.partition(":")[2]: value
            for column in self._options
            if (value := product.cell(record, column, lambda text: cells.line_of_text(text, longest=60)))
        }
        return DraftVariant(
            record=record,
            sku=product.cell(record, "sku", lambda t: cells.line_of_text(t, longest=64, required=True)) or "",
            label=product.cell(record, "label", lambda text: cells.line_of_text(text, longest=120)),
            options=options if self._options else None,
            prices=self._amounts(product, record, self._prices),
            costs=self._amounts(product, record, self._costs),
            stock=product.cell(record, "stock", cells.pieces)
            if record.cells.get("stock", "").strip()
            else None,
            weight=product.cell(record, "weight", cells.grams)
            if record.cells.get("weight", "").strip()
            else None,
        )

    def _amounts(
        self, product: ProductCells, record: Record, columns: Mapping[str, str]
    ) -> tuple[Money, ...]:
        found = []
        for column, currency in columns.items():
            if record.cells[column].strip():
                money = product.cell(record, column, partial(cells.amount, currency=currency))
                if money is not None:
                    found.append(money)
        return tuple(found)


class ProductCells:
    """Reads the cells of one product's records and keeps what is wrong with them."""

    def __init__(self, slug: str, records: tuple[Record, ...]) -> None:
        self.slug = slug
        self.records = records
        self.first = records[0]
        self.found: list[BadRow] = []

    def complain(self, column: str, reason: str, record: Record) -> None:
        self.found.append(bad_row(record.line, column, reason, record.cells.get(column, ""), record.text))

    def cell(self, record: Record, column: str, parse: Callable[[str], T]) -> T | None:
        """The cell of this row; None when there is no such column, or it is bad."""
        text = record.cells.get(column)
        if text is None:
            return None
        try:
            return parse(cells.unguarded(text))
        except Unusable as why:
            self.complain(column, str(why), record)
            return None

    def read(self, column: str, parse: Callable[[str], T], empty: E) -> T | E:
        """A cell about the product: the first row says it; later rows repeat it or are empty."""
        text = self.first.cells.get(column, "")
        for record in self.records[1:]:
            again = record.cells.get(column, "")
            if again.strip() and again != text:
                self.complain(
                    column, f"line {self.first.line} says something else of the same product", record
                )
        if not text.strip():
            return empty
        value = self.cell(self.first, column, parse)
        return empty if value is None else value


def _fits(language: str) -> bool:
    return _LANGUAGE.fullmatch(language) is not None


def _facts(text: str) -> tuple[tuple[str, str], ...]:
    return cells.pairs(text, longest_name=80, longest_value=300)


def _slugs(text: str) -> tuple[str, ...]:
    found = tuple(sorted(set(text.split())))
    for slug in found:
        if not _SLUG.fullmatch(slug):
            raise Unusable(f"it holds {slug[:30]!r}, which is no slug")
    return found


def _picture(text: str) -> tuple[str | None, str]:
    """(path of one the shop has, address of one to fetch): one of them."""
    given = text.strip()
    if _ADDRESS.fullmatch(given):
        return None, given
    if not _PICTURE.fullmatch(given):
        raise Unusable("it is neither an address nor the path of a picture the shop has")
    return given, ""
