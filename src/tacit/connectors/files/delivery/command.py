"""``tacit import delivery`` and ``tacit export delivery``: what a person types and reads."""

from __future__ import annotations

from pathlib import Path

import click

PROBLEMS_SHOWN = 20


@click.command()
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--dry-run", is_flag=True, help="say what would change, and change nothing")
def import_delivery(file: Path, *, dry_run: bool) -> None:
    """Take ways of sending and tax rates from FILE (TOML), all of it or nothing."""
    from tacit.catalog.types import CatalogError
    from tacit.checkout.types.order import CheckoutError
    from tacit.connectors.files.delivery.applying import apply
    from tacit.connectors.files.delivery.reading import read_path
    from tacit.connectors.files.delivery.shape import BadEntries
    from tacit.connectors.files.told import first_line, listed, told

    with told():
        try:
            changes = apply(read_path(file), dry_run=dry_run)
        except BadEntries as bad:
            count = len(bad.problems)
            listed(bad.problems[:PROBLEMS_SHOWN], count)
            raise click.ClickException(
                f"{count:,} {'problem' if count == 1 else 'problems'}, so nothing was imported. Mend the file."
            ) from None
        except (CatalogError, CheckoutError) as error:
            raise click.ClickException(
                f"The shop refused ({first_line(error)}); nothing was imported."
            ) from None
    if not changes:
        click.echo("All of it was so already: nothing changed.")
        return
    if dry_run:
        click.echo("A dry run: nothing was changed. An import would do this.")
    for each in changes:
        click.echo(each)


@click.command()
@click.argument("file", type=click.Path(path_type=Path))
def export_delivery(file: Path) -> None:
    """Write ways of sending and tax rates to FILE (TOML), as import reads it."""
    from tacit.connectors.files.delivery.applying import present
    from tacit.connectors.files.delivery.writing import write

    found = present()
    try:
        file.write_text(write(found), encoding="utf-8")
    except OSError as error:
        raise click.ClickException(f"{file} cannot be written: {error.strerror or error}.") from None
    click.echo(f"{len(found.methods)} ways of sending and {len(found.taxes)} tax classes are in {file}.")
