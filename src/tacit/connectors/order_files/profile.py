"""What there is to know about one kind of order file, as data. No Django."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

from tacit.checkout.types.order import OrderKind
from tacit.core.money import Money


@dataclass(frozen=True, slots=True)
class Columns:
    """What the file calls each thing we read. One row of the file is one order line."""

    invoice: str
    code: str
    description: str
    quantity: str
    time: str
    price: str
    customer: str
    country: str


@dataclass(frozen=True, slots=True)
class Oddity:
    """Something the file is known to contain that is no error: what it is and what becomes of it.

    ``count`` is one SELECT over the staged tables (see staging.py) that says how often it occurs.
    """

    name: str
    sentence: str
    treatment: str
    count: str


@dataclass(frozen=True, slots=True)
class Selling:
    """The tax rate and the way of sending a shop gets that has none yet, so that the goods can be bought."""

    tax_class: str
    tax_name: str
    country: str
    percent: Decimal
    shipping_code: str
    shipping_name: str
    shipping_price: Money
    shipping_free_over: Money | None


@dataclass(frozen=True, slots=True)
class Profile:
    """A kind of file. Its ``name`` becomes the ``origin`` of everything that is imported.

    ``header``: the columns in their order, exactly. ``encoding`` must keep ASCII as it is. ``zone``: of the
    file's clock. ``kinds``: first letter of the invoice → kind; '' for none. ``countries``: the file's
    names → ISO 3166-1 alpha-2, '' where there is no one country. ``goods``: a regular expression for codes,
    written in capitals, of things that can be bought; all other codes get no product.
    """

    name: str
    title: str
    published: str
    licence: str
    header: tuple[str, ...]
    columns: Columns
    currency: str
    zone: str
    kinds: Mapping[str, OrderKind]
    countries: Mapping[str, str]
    goods: str
    selling: Selling
    oddities: tuple[Oddity, ...]
    encoding: str = "utf-8"
