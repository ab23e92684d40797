"""``tacit import products`` and ``tacit export products``: what a person types and reads."""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from tacit.connectors.product_files.images import Fetched
    from tacit.connectors.product_files.importing import Summary

MEBIBYTE = 1024 * 1024
_RATE = re.compile(r"([a-z0-9-]{1,40}):([A-Z]{2}):([0-9]{1,2}(?:\.[0-9]{1,3})?)")
_FORMAT = click.Choice(["plain", "shopify"])


@click.command()
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--format", "form", default="plain", show_default=True, type=_FORMAT, help="kind of file")
@click.option("--currency", default=None, metavar="CODE", help="of Shopify's prices; the shop's unless said")
@click.option("--tax-class", default="standard", show_default=True, help="of new products that name none")
@click.option(
    "--tax-rate",
    "rates",
    multiple=True,
    metavar="CLASS:COUNTRY:PERCENT",
    help="make this rate where there is none yet, as standard:DE:19",
)
@click.option("--stock", is_flag=True, help="set the stock of variants that are there already, too")
@click.option("--images", is_flag=True, help="fetch the pictures the file names by address")
@click.option("--dry-run", is_flag=True, help="say what would change, and change nothing")
@click.option(
    "--skip-bad",
    metavar="FILE",
    type=click.Path(path_type=Path),
    help="import the rest and write bad rows to FILE",
)
@click.option(
    "--unpacked-limit",
    default=2048,
    show_default=True,
    metavar="MIB",
    type=click.IntRange(1, 1024 * 1024),
    help="largest file, unpacked",
)
def import_products(
    file: Path,
    *,
    form: str,
    currency: str | None,
    tax_class: str,
    rates: tuple[str, ...],
    stock: bool,
    images: bool,
    dry_run: bool,
    skip_bad: Path | None,
    unpacked_limit: int,
) -> None:
    """Import the products in FILE (CSV, plain or gzip), all of it or nothing."""
    from django.conf import settings

    from tacit.connectors.files import reader
    from tacit.connectors.files.bars import Bars
    from tacit.connectors.files.told import told
    from tacit.connectors.product_files import importing
    from tacit.core import clock

    started = time.monotonic()
    money = _currency(currency or settings.SHOP_CURRENCY)
    wanted_rates = tuple(_rate(each) for each in rates)
    limit = unpacked_limit * MEBIBYTE
    fetched: list[Fetched] = []
    with told():
        size = reader.size(file)
        with Bars() as bars:
            if images and not dry_run:
                fetched = _fetch(list(importing.addresses(file, form=form, unpacked_limit=limit)), bars.show)
            summary = importing.import_products(
                file,
                form=form,
                currency=money,
                tax_class=tax_class,
                rates=wanted_rates,
                now=clock.now(),
                stock=stock,
                images={each.address: each.picture for each in fetched if each.picture},
                skip_bad=skip_bad,
                dry_run=dry_run,
                unpacked_limit=limit,
                reading=lambda done: bars.show("Reading", done, size),
            )
    _say(summary, dry_run, skip_bad, time.monotonic() - started)
    _say_pictures(summary, fetched)


def _fetch(addresses: list[str], show: Callable[[str, int, int], None]) -> list[Fetched]:
    from django.conf import settings

    from tacit.connectors.product_files.images import Fetcher

    fetcher = Fetcher(settings.HOME)
    return list(fetcher.fetch_all(addresses, told=lambda done: show("Pictures", done, len(addresses))))


def _currency(code: str) -> str:
    from tacit.core.money import MoneyError, exponent

    try:
        exponent(code)
    except MoneyError as error:
        raise click.UsageError(f"--currency: {error}") from None
    return code


def _rate(text: str) -> tuple[str, str, str]:
    found = _RATE.fullmatch(text)
    if found is None:
        raise click.UsageError(f"--tax-rate: {text[:40]!r} is not written like standard:DE:19")
    return found[1], found[2], found[3]


def _say(summary: Summary, dry_run: bool, skip_bad: Path | None, seconds: float) -> None:
    if dry_run:
        click.echo("A dry run: nothing was changed. An import would do this.")
    click.echo(
        f"Products: {summary.created:,} new, {summary.changed:,} changed, {summary.unchanged:,} as they were;"
        f" {seconds:.1f} s."
    )
    parts = (
        (summary.variants_created, "new variants"),
        (summary.variants_retired, "variants no longer sold"),
        (summary.prices_changed, "changed prices"),
        (summary.stocks_changed, "changed stocks"),
        (summary.categories_created, "new categories"),
        (summary.categories_changed, "changed categories"),
    )
    if said := [f"{number:,} {what}" for number, what in parts if number]:
        click.echo(f"With {', '.join(said)}.")
    for slug, what in summary.changes:
        click.echo(f"  {slug}: {what}")
    if (more := summary.created + summary.changed - len(summary.changes)) > 0:
        click.echo(f"  … and {more:,} more")
    if summary.bad:
        click.echo(f"Bad rows left out, with their products: {summary.bad:,}, see {skip_bad}")
    elif skip_bad is not None:
        click.echo("No bad rows.")
    for number, (oddity, count) in enumerate(summary.counts.all()):
        if not number:
            click.echo("\nKnown oddities")
        click.echo(f"{count:>9,}  {oddity.name}: {oddity.sentence}.\n{'':11}→ {oddity.treatment}.")
    if summary.counts.columns:
        columns = ", ".join(f"{name} ({count:,})" for name, count in summary.counts.columns.most_common())
        click.echo(f"Columns left out: {columns}")


def _say_pictures(summary: Summary, fetched: list[Fetched]) -> None:
    if had := sum(bool(each.picture) for each in fetched):
        click.echo(f"Pictures fetched: {had:,}")
    for each in fetched:
        if each.why:
            click.echo(f"No picture from {each.address[:200]}: {each.why}.", err=True)
    if summary.images_left and not fetched:
        click.echo(f"Pictures not fetched: {summary.images_left:,}; --images fetches them.")


@click.command()
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--format", "form", default="plain", show_default=True, type=_FORMAT, help="kind of file")
@click.option("--currency", default=None, metavar="CODE", help="of Shopify's prices; the shop's unless said")
def export_products(file: Path, form: str, currency: str | None) -> None:
    """Write every product that is sold to FILE (CSV), as import reads it."""
    from django.conf import settings

    from tacit.connectors.files.reader import UnusableFile
    from tacit.connectors.product_files import exporting

    try:
        done = exporting.export_products(
            file, form=form, currency=_currency(currency or settings.SHOP_CURRENCY)
        )
    except UnusableFile as error:
        raise click.ClickException(str(error)) from None
    click.echo(f"{done.products:,} products with {done.variants:,} variants are in {file}.")
