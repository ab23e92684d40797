"""A product as a file tells of it, whatever the file's format. No Django, no I/O."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from tacit.catalog.types import Translations
from tacit.connectors.files.bad import BadRow, bad_row
from tacit.connectors.product_files.cells import Step
from tacit.connectors.product_files.table import Record
from tacit.core.money import Money


@dataclass(frozen=True, slots=True)
class DraftVariant:
    """None: the file does not say, so what is there stays. ``sku`` '': made from ``made_from``."""

    record: Record
    sku: str
    label: str | None
    options: Mapping[str, str] | None
    prices: tuple[Money, ...] = ()
    costs: tuple[Money, ...] = ()
    stock: int | None = None
    weight: int | None = None
    """Grams."""
    made_from: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Draft:
    """One product. None: the file does not say, so what is there stays.

    ``picture``: the path of a picture the shop has; ``image``: the address of one it could fetch.
    ``translations``: language → field → text; '' takes a text away. ``shelf_names``: language → names of the
    categories in ``path``.
    """

    slug: str
    name: str
    origin: str
    records: tuple[Record, ...]
    variants: tuple[DraftVariant, ...]
    external_id: str | None = None
    description: str | None = None
    path: tuple[Step, ...] | None = None
    shelf_names: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    sensitive: bool = False
    tax_class: str | None = None
    active: bool | None = None
    facts: tuple[tuple[str, str], ...] | None = None
    only_facts: tuple[str, ...] = ()
    """Names of the only facts its format can tell of; others stay."""
    spare_parts: tuple[str, ...] | None = None
    picture: str | None = None
    image: str = ""
    translations: Translations = field(default_factory=dict)

    def bad(self, column: str, reason: str, value: str, record: Record | None = None) -> BadRow:
        """Something wrong with it, in ``record`` or else its first row."""
        row = record or self.records[0]
        return bad_row(row.line, column, reason, value, row.text)


@dataclass(frozen=True, slots=True)
class Spoiled:
    """A product of which some rows are bad: ``found`` names them, ``records`` are all its rows."""

    records: tuple[Record, ...]
    found: tuple[BadRow, ...]

    def every_row(self) -> Sequence[BadRow]:
        """What is wrong, and that the product's other rows stay out with it."""
        named = {bad.line for bad in self.found}
        rest = [
            bad_row(record.line, "row", "another row of its product is bad", "", record.text)
            for record in self.records
            if record.line not in named
        ]
        return [*self.found, *rest]
