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

IMPORTERS = {
    "delivery": "tacit.connectors.files.delivery.command:import_delivery",
    "orders": "tacit.connectors.order_files.command:orders",
    "products": "tacit.connectors.product_files.command:import_products",
}
EXPORTERS = {
    "delivery": "tacit.connectors.files.delivery.command:export_delivery",
    "products": "tacit.connectors.product_files.command:export_products",
}
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
    from tacit.config.backup import BackupError
    from tacit.config.environment import SettingError
    from tacit.config.erasures import ErasuresWait
    from tacit.config.pgtools import ToolError
    from tacit.config.postgres import PostgresError
    from tacit.config.processes import ProcessError

    try:
        yield
    except (BackupError, ErasuresWait, PostgresError, ProcessError, SettingError, ToolError) as error:
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
@click.pass_context
def main(ctx: click.Context) -> None:
    """Tacit: a shop for customers who would rather not talk to a business."""
    if ctx.invoked_subcommand not in {"doctor", "init"}:  # these say themselves what is wrong with the file
        from tacit.config import environment, settings_file

        with stated_errors():
            settings_file.load(environment.home())


@main.command()
@click.option("--yes", is_flag=True, help="ask nothing: keep what is set, take the defaults for the rest")
def init(*, yes: bool) -> None:
    """Ask for the shop's name, address, colours and mark, and keep them in TACIT_HOME/settings.env."""
    from tacit.config import environment
    from tacit.config import init as questions

    home = environment.home()
    with stated_errors():
        answers = questions.taken(home) if yes else questions.ask(home)
        file = questions.keep(home, answers)
    click.echo(f"Kept in {file}. The shop shows it from its next start on.")
    for name in questions.overridden(answers):
        click.echo(f"The environment sets {name}={os.environ[name]}, which wins.")


@main.command()
@click.option(
    "--port", default=8000, show_default=True, type=click.IntRange(1, 65535), help="where to listen"
)
@click.option("--fresh", is_flag=True, help="destroy this home's shop first, after asking")
@click.option("--yes", is_flag=True, help="do not ask")
def demo(port: int, *, fresh: bool, yes: bool) -> None:
    """Run the whole shop with sample data on this machine, until Ctrl-C."""
    from tacit.config import afresh, environment
    from tacit.config.demo import run

    def agree(doomed: list[Path]) -> bool:
        click.echo("This will be destroyed:\n  " + "\n  ".join(str(each) for each in doomed))
        if yes:
            return True
        if not sys.stdin.isatty():
            raise click.ClickException(
                "Nobody is there to be asked. Add --yes to destroy it, or leave out --fresh."
            )
        return click.confirm("Destroy it and begin anew?")

    with stated_errors():
        if fresh and not afresh.clear(environment.home(), agree=agree):
            raise click.Abort
        run(port=port, say=click.echo)


@main.command()
@click.option("--host", default="127.0.0.1", show_default=True)
@click.option("--port", default=8000, show_default=True, type=click.IntRange(1, 65535))
@click.option("--workers", default=2, show_default=True, type=click.IntRange(1, 64), help="processes")
@click.option("--metrics-port", type=click.IntRange(1, 65535), help="serve figures for Prometheus there")
@click.option("--metrics-host", default="127.0.0.1", show_default=True, help="never a public address")
def serve(host: str, port: int, workers: int, metrics_port: int | None, metrics_host: str) -> None:
    """Run the web server for pages and API."""
    from granian import Granian
    from granian.constants import Interfaces

    from tacit.config import collected, environment, erasures, logs, metrics

    with database() as url, metrics.beside(metrics_host, metrics_port):
        erasures.refuse_while_due(url)
        if collected.are_missing(home := environment.home()):
            raise click.ClickException(collected.sentence(home))
        kind = environment.choice("TACIT_LOG", logs.FORMATS, "lines")
        Granian(
            "tacit.config.served:application",
            address=host,
            port=port,
            interface=Interfaces.WSGI,
            workers=workers,
            blocking_threads=WEB_THREADS,
            websockets=False,
            log_access=False,
            log_dictconfig=logs.config(kind),
            respawn_failed_workers=True,
            workers_kill_timeout=5,
        ).serve()


@main.command()
@click.option(
    "--concurrency", default=2, show_default=True, type=click.IntRange(1, 64), help="jobs at a time"
)
def work(concurrency: int) -> None:
    """Run background jobs."""
    from tacit.config import erasures

    with database() as url:
        erasures.refuse_while_due(url)
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

        from tacit.catalog.actions import fill_search_index
        from tacit.config import erasures
        from tacit.core import clock

        call_command("migrate", interactive=False)
        fill_search_index()
        erasures.replay(now=clock.now())


@main.command()
@click.option("--orders/--no-orders", default=True, help="with the sample shop, sample orders too")
def prepare(*, orders: bool) -> None:
    """All that a start needs: tables, static files, the staff and, with TACIT_DEMO=1, the sample shop."""
    with django():
        from django.conf import settings
        from django.core.management import call_command

        from tacit.accounts import actions as accounts
        from tacit.catalog.actions import fill_search_index
        from tacit.config import erasures
        from tacit.core import clock

        call_command("migrate", interactive=False, verbosity=0)
        erasures.replay(now=clock.now())
        fill_search_index()
        call_command("collectstatic", interactive=False, verbosity=0)
        if settings.STAFF_MAILS:  # unset, whoever is staff stays so
            accounts.set_staff(emails=settings.STAFF_MAILS, now=clock.now())
        if settings.DEMO:
            from tacit.config import sample

            sample.fill(orders=orders)


@main.command()
@click.argument("file", type=click.Path(path_type=Path))
def backup(file: Path) -> None:
    """Write the whole shop to FILE while it runs: database, secret, pictures. Who was erased is noted beside it."""
    from datetime import UTC, datetime

    from tacit.config import backup as backups
    from tacit.config import environment

    with database() as url:
        erased = environment.erasures()
        backups.write(
            file, url=url, home=environment.home(), erased=erased, now=datetime.now(UTC), say=click.echo
        )


@main.command()
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--replace", is_flag=True, help="destroy the shop that is there, after asking")
@click.option("--yes", is_flag=True, help="do not ask")
@click.option(
    "--erasures", "named", type=click.Path(path_type=Path), help="who was erased, if not beside FILE"
)
def restore(file: Path, *, replace: bool, yes: bool, named: Path | None) -> None:
    """Make the shop of a backup FILE again, in an empty database and home. The shop must not run."""
    from tacit.config import collected, environment
    from tacit.config import restore as restores

    def agree(present: restores.Present) -> bool:
        click.echo("This will be destroyed:\n  " + "\n  ".join(present.lines()))
        return yes or click.confirm("Destroy it and restore the backup?")

    home = environment.home()
    with stated_errors():
        if not os.environ.get("DATABASE_URL", "").strip():
            restores.check_alone(home)
        with database() as url:
            known = restores.own_migrations()
            done = restores.restore(
                file,
                url=url,
                home=home,
                known=known,
                erased=environment.erasures(),
                named=named,
                agree=agree if replace else None,
                say=click.echo,
            )
    if done is None:
        raise click.Abort
    click.echo(f"Restored what was backed up at {done.made_at}.")
    if known - set(done.migrations):
        click.echo("This version has newer tables: run `tacit prepare` before you start the shop.")
    else:
        with django():
            from tacit.config import erasures
            from tacit.core import clock

            if again := erasures.replay(now=clock.now()):
                click.echo(f"Erased again, as since that backup: {again} people and orders of guests.")
    click.echo(restores.ENDED)
    if collected.are_missing(home):
        click.echo("Run `tacit prepare` before you start the shop: its style sheets are no part of a backup.")
    if os.environ.get("TACIT_SECRET_KEY"):
        click.echo("TACIT_SECRET_KEY is set: order links work only if it is the one the shop had before.")


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


@main.group("export", cls=LazyGroup, elsewhere=EXPORTERS)
def export() -> None:
    """Write what the shop knows to a file."""


@main.group("staff", cls=LazyGroup, elsewhere={"reset": "tacit.config.staff:reset"})
def staff() -> None:
    """Who works at the desk. TACIT_STAFF says who; this helps those who are locked out."""


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
