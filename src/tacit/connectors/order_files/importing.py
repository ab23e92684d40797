"""The import from end to end: read, stage, check, then write everything in one transaction."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

from django.db import transaction

from tacit.catalog.actions import importing as catalog
from tacit.catalog.types import ImportedProduct
from tacit.checkout.actions import importing as checkout
from tacit.checkout.types.importing import ImportedLine, ImportedOrder, ImportResult
from tacit.checkout.types.order import OrderKind
from tacit.connectors.files import reader
from tacit.connectors.files.bad import Aside, BadRow, aside
from tacit.connectors.files.reader import UnusableFile
from tacit.connectors.order_files.profile import Oddity, Profile
from tacit.connectors.order_files.rows import Row, RowParser, check_header
from tacit.connectors.order_files.staging import StagedProduct, Staging, Totals, staged
from tacit.core.money import Money

_TOLD_EVERY = 500


@dataclass(frozen=True, slots=True)
class Summary:
    """What an import found and wrote. ``bad``: rows written aside. ``oddities``: each with its count."""

    totals: Totals
    oddities: tuple[tuple[Oddity, int], ...]
    orders_created: int
    orders_kept: int
    lines_created: int
    products_created: int
    products_kept: int
    bad: int


class NotAsStaged(Exception):
    """What would be written is not what the file says, so nothing was; the message says why."""


def import_orders(
    path: Path,
    *,
    profile: Profile,
    now: datetime,
    stock: int = 0,
    skip_bad: Path | None = None,
    unpacked_limit: int = reader.UNPACKED_LIMIT,
    reading: Callable[[int], None] = lambda _bytes: None,
    writing: Callable[[int, int], None] = lambda _orders, _of: None,
) -> Summary:
    """Import the file, all of it or nothing; bad rows only stay out when ``skip_bad`` names a file for them.

    ``reading`` hears the bytes of the file read so far, ``writing`` the orders written so far and how many
    there are. Raises UnusableFile, BadRows or NotAsStaged.
    """
    with aside(skip_bad, source=path) as bad, staged() as staging:
        parser = RowParser(profile)
        lines = reader.lines(path, encoding=profile.encoding, unpacked_limit=unpacked_limit, progress=reading)
        staging.fill(_rows(path, lines, parser, bad))
        bad.complain()
        staging.gather_orders()
        _check_invoices(path, profile, staging, bad, unpacked_limit)
        totals = staging.totals()
        if not totals.lines:
            raise UnusableFile(f"{path} has no usable row below its header.")
        staging.match_returns()
        oddities = tuple((oddity, staging.count(oddity)) for oddity in profile.oddities)
        with transaction.atomic():
            products, result = _write(profile, staging, stock, now, lambda done: writing(done, totals.orders))
            _compare(totals, result)
        return Summary(
            totals=totals,
            oddities=oddities,
            orders_created=result.created,
            orders_kept=result.kept,
            lines_created=result.created_lines,
            products_created=products.created,
            products_kept=products.kept,
            bad=bad.total,
        )


def _rows(path: Path, lines: Iterator[tuple[int, str]], parser: RowParser, bad: Aside) -> Iterator[Row]:
    _, header = next(lines, (1, None))
    if header is None:
        raise UnusableFile(f"{path} is empty.")
    if wrong := check_header(parser.profile, header):
        raise UnusableFile(f"{path} cannot be imported: {wrong}")
    for number, text in lines:
        row = parser.parse(number, text)
        if isinstance(row, BadRow):
            bad.add(row)
        elif bad.skipping or not bad.total:
            yield row


def _check_invoices(path: Path, profile: Profile, staging: Staging, bad: Aside, unpacked_limit: int) -> None:
    while found := staging.bad_invoices(profile):
        if not bad.skipping:
            for each in found:
                bad.add(each)
            bad.complain()
        by_line = {each.line: each for each in found}
        for number, text in reader.lines(path, encoding=profile.encoding, unpacked_limit=unpacked_limit):
            if number in by_line:
                bad.add(replace(by_line[number], text=text))
        staging.drop_lines(list(by_line))
        staging.gather_orders()


def _write(
    profile: Profile, staging: Staging, stock: int, now: datetime, writing: Callable[[int], None]
) -> tuple[catalog.ProductsImported, ImportResult]:
    selling = profile.selling
    catalog.offer_tax_rate(
        code=selling.tax_class, name=selling.tax_name, country=selling.country, percent=selling.percent
    )
    checkout.offer_shipping(
        code=selling.shipping_code,
        name=selling.shipping_name,
        price=selling.shipping_price,
        free_over=selling.shipping_free_over,
    )
    names: dict[str, str] = {}
    products = catalog.import_products(
        origin=profile.name,
        products=_products(profile, staging.products(), names),
        stock=stock,
        tax_class=selling.tax_class,
        now=now,
    )
    orders = _orders(profile, staging, names, products.variants, writing)
    return products, checkout.import_orders(origin=profile.name, orders=orders, now=now)


def _products(
    profile: Profile, found: Iterator[StagedProduct], names: dict[str, str]
) -> Iterator[ImportedProduct]:
    for product in found:
        names[product.code] = product.name
        yield ImportedProduct(
            external_id=product.code,
            sku=product.code,
            name=product.name,
            price=Money(product.unit_minor, profile.currency),
            since=product.since,
        )


def _orders(
    profile: Profile,
    staging: Staging,
    names: dict[str, str],
    variants: Mapping[str, int],
    writing: Callable[[int], None],
) -> Iterator[ImportedOrder]:
    for number, order in enumerate(staging.orders(), start=1):
        yield ImportedOrder(
            external_id=order.invoice,
            kind=OrderKind(order.kind),
            placed_at=order.at,
            customer=order.customer,
            country=order.country,
            currency=profile.currency,
            lines=tuple(
                ImportedLine(
                    sku=line.code,
                    name=line.name or names.get(line.code) or line.code,
                    quantity=line.quantity,
                    unit_minor=line.unit_minor,
                    variant=variants.get(line.code) if line.goods else None,
                    returned=line.returned,
                )
                for line in order.lines
            ),
        )
        if number % _TOLD_EVERY == 0:
            writing(number)


def _compare(totals: Totals, result: ImportResult) -> None:
    if result.differing:
        raise NotAsStaged(
            f"Invoices that were imported before have other lines in this file ({', '.join(result.differing)}"
            f"{' …' if len(result.differing) >= checkout.DIFFERING_SHOWN else ''}); nothing was imported."
        )
    pairs = {
        "lines": (totals.lines, result.lines),
        "orders": (totals.orders, result.orders),
        "pieces": (totals.pieces, result.pieces),
        "amount in minor units": (totals.amount, result.amount_minor),
    }
    wrong = [
        f"{what}: {ours:,} instead of {theirs:,}" for what, (theirs, ours) in pairs.items() if ours != theirs
    ]
    if wrong:
        raise NotAsStaged(
            f"What was written is not what the file says ({'; '.join(wrong)}); nothing was imported."
        )
