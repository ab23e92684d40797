"""The `tacit` command. Each command loads what it needs only when it runs."""

import contextlib
import functools
import importlib
import os
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import click

IMPORTERS = {"orders": "tacit.connectors.order_files.command:orders"}
WORKER_GRACE_SECONDS = 5
WEB_THREADS = 4  # the most connections a worker's pool holds; more threads would only wait


class LazyGroup(click.Group):
    """A group whose commands live elsewhere: name → "module:attribute", loaded when it is asked for.

    They run with Django set up; their modules are imported before that, so they import Django inside.
    """

    def __init__(self, *args: Any, elsewhere: dict[str, str] | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._elsewhere = elsewhere or {}

    def list_commands(self, ctx: click.Context) -> list[str]:
        return sorted({*super().list_commands(ctx), *self._elsewhere})

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        address = self._elsewhere.get(cmd_name)
        if address is None:
            return super().get_command(ctx, cmd_name)
        return load(address)


@functools.cache
def load(address: str) -> click.Command:
    module, _, attribute = address.partition(":")
    found = getattr(importlib.import_module(module), attribute)
    if not isinstance(found, click.Command) or found.callback is None:
        raise TypeError(f"{address} is not a command")
    found.callback = with_django(found.callback)
    return found


def with_django(act: Callable[..., Any]) -> Callable[..., Any]:
    @functools.wraps(act)
    def acting(*args: Any, **kwargs: Any) -> Any:
        with django():
            return act(*args, **kwargs)

    return acting


@contextlib.contextmanager
def stated_errors() -> Iterator[None]:
    """Errors meant for a person end the program with their text, not with a traceback."""
    from tacit.config.environment import SettingError
    from tacit.config.postgres import PostgresError
    from tacit.config.processes import ProcessError

    try:
        yield
    except (PostgresError, ProcessError, SettingError) as error:
        raise click.ClickException(str(error)) from None


@contextlib.contextmanager
def database() -> Iterator[str]:
    """The database for the time of one command: DATABASE_URL, else the embedded server."""
    from tacit.config import postgres

    with stated_errors(), postgres.database(postgres.home()) as url:
        yield url


@contextlib.contextmanager
def django() -> Iterator[None]:
    """Django set up, with a database."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tacit.config.settings")
    with database():
        import django as framework

        framework.setup()
        try:
            yield
        finally:
            from django.db import connections

            for connection in connections.all(initialized_only=True):
                connection.close()
                if close_pool := getattr(connection, "close_pool", None):
                    close_pool()


@click.group()
@click.version_option(package_name="tacit")
def main() -> None:
    """Tacit: a shop for customers who would rather not talk to a business."""


@main.command()
@click.option(
    "--port", default=8000, show_default=True, type=click.IntRange(1, 65535), help="where to listen"
)
def demo(port: int) -> None:
    """Run the whole shop with sample data on this machine, until Ctrl-C."""
    from tacit.config.demo import run

    with stated_errors():
        run(port=port, say=click.echo)


@main.command()
@click.option("--host", default="127.0.0.1", show_default=True)
@click.option("--port", default=8000, show_default=True, type=click.IntRange(1, 65535))
@click.option("--workers", default=2, show_default=True, type=click.IntRange(1, 64), help="processes")
def serve(host: str, port: int, workers: int) -> None:
    """Run the web server for pages and API."""
    from granian import Granian
    from granian.constants import Interfaces

    with database():
        Granian(
            "tacit.config.served:application",
            address=host,
            port=port,
            interface=Interfaces.WSGI,
            workers=workers,
            blocking_threads=WEB_THREADS,
            websockets=False,
            log_access=False,
            respawn_failed_workers=True,
            workers_kill_timeout=5,
        ).serve()


@main.command()
@click.option(
    "--concurrency", default=2, show_default=True, type=click.IntRange(1, 64), help="jobs at a time"
)
def work(concurrency: int) -> None:
    """Run background jobs."""
    with django():
        from django.core.management import call_command

        call_command(
            "procrastinate",
            "worker",
            "--name=tacit",
            f"--concurrency={concurrency}",
            f"--shutdown-graceful-timeout={WORKER_GRACE_SECONDS}",
            "--delete-jobs=successful",
        )


@main.command()
def migrate() -> None:
    """Bring the database up to this version's tables."""
    with django():
        from django.core.management import call_command

        call_command("migrate", interactive=False)


@main.command()
def prepare() -> None:
    """All that a start needs: tables, static files, the staff and, with TACIT_DEMO=1, the sample shop."""
    with django():
        from django.conf import settings
        from django.core.management import call_command

        from tacit.accounts import actions as accounts
        from tacit.core import clock

        call_command("migrate", interactive=False, verbosity=0)
        call_command("collectstatic", interactive=False, verbosity=0)
        for email in settings.STAFF_MAILS:
            accounts.make_staff(email=email, now=clock.now())
        if settings.DEMO:
            from tacit.connectors import sample_shop

            sample_shop.load()


@main.command(
    "django",
    context_settings={"ignore_unknown_options": True, "help_option_names": []},
    add_help_option=False,
)
@click.argument("arguments", nargs=-1, type=click.UNPROCESSED)
def manage(arguments: tuple[str, ...]) -> None:
    """Django's management commands."""
    with django():
        from django.core.management import execute_from_command_line

        execute_from_command_line(["tacit django", *arguments])


@main.command()
@click.option(
    "--port", default=8000, show_default=True, type=click.IntRange(1, 65535), help="the shop's port"
)
def doctor(port: int) -> None:
    """Say in plain words what is wrong with this machine."""
    from tacit.config import doctor as checks

    findings = checks.examine(port=port)
    for finding in findings:
        click.echo(finding.line())
    if any(finding.wrong for finding in findings):
        sys.exit(1)


@main.group("import", cls=LazyGroup, elsewhere=IMPORTERS)
def import_() -> None:
    """Bring in what another shop or file knows."""


@main.group("postgres")
def postgres_group() -> None:
    """The embedded PostgreSQL."""


@postgres_group.command("url")
def postgres_url() -> None:
    """Print the address of the database."""
    from tacit.config import postgres

    with stated_errors():
        click.echo(os.environ.get("DATABASE_URL") or postgres.url(postgres.home()))


@postgres_group.command("psql", context_settings={"ignore_unknown_options": True})
@click.argument("arguments", nargs=-1, type=click.UNPROCESSED)
def postgres_psql(arguments: tuple[str, ...]) -> None:
    """Open psql on the database; the server runs as long as it is open."""
    import subprocess

    from tacit.config.postgres import binaries

    with database() as url:
        program: Path = binaries.package() / binaries.FOLDER / "bin" / "psql"
        sys.exit(subprocess.run([program, url, *arguments], check=False).returncode)


if __name__ == "__main__":
    main()
