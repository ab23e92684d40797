"""How an import that failed is told at the command line: plainly, and that nothing was imported."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import click


@contextmanager
def told(*also: type[Exception]) -> Iterator[None]:
    """Errors of reading and writing, and those named, end the command with their sentence instead of a traceback."""
    import psycopg
    from django.db import Error

    from tacit.connectors.files.bad import BadRows
    from tacit.connectors.files.reader import UnusableFile

    sentences: tuple[type[Exception], ...] = (UnusableFile, *also)
    try:
        yield
    except BadRows as bad:
        listed(bad.first, bad.total)
        raise click.ClickException(
            f"{bad.total:,} bad {'row' if bad.total == 1 else 'rows'}, so nothing was imported."
            " Mend the file, or use --skip-bad FILE to write them aside and import the rest."
        ) from None
    except sentences as error:
        raise click.ClickException(str(error)) from None
    except (Error, psycopg.Error) as error:
        raise click.ClickException(
            f"The database refused ({first_line(error)}); nothing was imported."
        ) from None


def listed(first: Sequence[object], total: int) -> None:
    """The first of what is wrong, and how many more there are."""
    for each in first:
        click.echo(str(each), err=True)
    if total > len(first):
        click.echo(f"… and {total - len(first):,} more", err=True)


def first_line(error: Exception) -> str:
    """What an error says first; its kind when it says nothing."""
    return str(error).strip().splitlines()[0] if str(error).strip() else type(error).__name__
