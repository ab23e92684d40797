"""``tacit import orders``: what a person types and reads."""

from __future__ import annotations

import time
from pathlib import Path
from typing import TYPE_CHECKING

import click

from tacit.connectors.order_files.profiles import PROFILES

if TYPE_CHECKING:
    from tacit.connectors.order_files.importing import Summary

MEBIBYTE = 1024 * 1024


@click.command()
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--profile", "name", required=True, type=click.Choice(sorted(PROFILES)), help="kind of file")
@click.option(
    "--skip-bad",
    metavar="FILE",
    type=click.Path(path_type=Path),
    help="import the rest and write bad rows to FILE",
)
@click.option(
    "--stock",
    default=0,
    show_default=True,
    type=click.IntRange(0, 1_000_000),
    help="pieces on hand of each new product",
)
@click.option(
    "--unpacked-limit",
    default=2048,
    show_default=True,
    metavar="MIB",
    type=click.IntRange(1, 1024 * 1024),
    help="largest file, unpacked",
)
def orders(file: Path, name: str, skip_bad: Path | None, stock: int, unpacked_limit: int) -> None:
    """Import the order history in FILE (CSV, plain or gzip), all of it or nothing."""

    from tacit.connectors.files import reader
    from tacit.connectors.files.bars import Bars
    from tacit.connectors.files.told import told
    from tacit.connectors.order_files.importing import NotAsStaged, import_orders
    from tacit.core import clock

    started = time.monotonic()
    profile = PROFILES[name]
    with told(NotAsStaged):
        size = reader.size(file)
        with Bars() as bars:
            summary = import_orders(
                file,
                profile=profile,
                now=clock.now(),
                stock=stock,
                skip_bad=skip_bad,
                unpacked_limit=unpacked_limit * MEBIBYTE,
                reading=lambda done: bars.show("Reading", done, size),
                writing=lambda done, total: bars.show("Writing", done, total),
            )
    _say(summary, skip_bad, time.monotonic() - started)


def _say(summary: Summary, skip_bad: Path | None, seconds: float) -> None:
    totals = summary.totals
    click.echo(
        f"{totals.lines:,} lines, {totals.orders:,} invoices, {totals.cancellations:,} of them cancellations,"
        f" {totals.customers:,} customers; {seconds:.1f} s."
    )
    if summary.orders_created or summary.products_created:
        click.echo(
            f"New: {summary.orders_created:,} orders with {summary.lines_created:,} lines,"
            f" {summary.products_created:,} products."
        )
    else:
        click.echo("All of it was here already: nothing changed.")
    if summary.bad:
        click.echo(f"Bad rows left out: {summary.bad:,}, see {skip_bad}")
    elif skip_bad is not None:
        click.echo("No bad rows.")
    click.echo("\nKnown oddities")
    for oddity, count in summary.oddities:
        click.echo(f"{count:>9,}  {oddity.name}: {oddity.sentence}.\n{'':11}→ {oddity.treatment}.")
