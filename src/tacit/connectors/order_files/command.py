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
    import psycopg
    from django.db import Error

    from tacit.connectors.files import reader
    from tacit.connectors.files.bad import BadRows
    from tacit.connectors.files.bars import Bars
    from tacit.connectors.order_files.importing import NotAsStaged, import_orders
    from tacit.core import clock

    started = time.monotonic()
    profile = PROFILES[name]
    try:
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
    except (reader.UnusableFile, NotAsStaged) as error:
        raise click.ClickException(str(error)) from None
    except BadRows as bad:
        for each in bad.first:
            click.echo(each, err=True)
        if bad.total > len(bad.first):
            click.echo(f"… and {bad.total - len(bad.first):,} more", err=True)
        raise click.ClickException(
            f"{bad.total:,} bad {'row' if bad.total == 1 else 'rows'}, so nothing was imported."
            " Mend the file, or use --skip-bad FILE to write them aside and import the rest."
        ) from None
    except (Error, psycopg.Error) as error:
        reason = str(error).strip().splitlines()[0] if str(error).strip() else type(error).__name__
        raise click.ClickException(f"The database refused ({reason}); nothing was imported.") from None
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
