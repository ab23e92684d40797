"""A whole shop on fresh data: embedded PostgreSQL, web, worker and practice provider, each its own process."""

from __future__ import annotations

import contextlib
import os
import secrets
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import LiteralString

import psycopg
from benchmarks.harness.browser import HOST, PRODUCT
from benchmarks.harness.cpu import Seconds, seconds_of

from tacit.config import demo, free_port, postgres
from tacit.config.processes import Supervisor

ROOT = Path(__file__).resolve().parents[2]
FIRST_PORT, FIRST_PROVIDER_PORT = 8300, 8400
PLENTY = 1_000_000
SETTLE_SECONDS = 30.0
FOREIGN = ("TACIT_", "DJANGO_", "PG", "DATABASE_URL")
"""Environment variables of the caller that must not get in."""

IN_STOCK = (
    "UPDATE catalog_stock SET on_hand = claimed + %(pieces)s WHERE variant_id IN ("
    " SELECT v.id FROM catalog_variant v JOIN catalog_product p ON p.id = v.product_id"
    " WHERE p.slug = %(slug)s)"
)
PRODUCTS = "SELECT slug FROM catalog_product WHERE active ORDER BY slug"
ORDERS = "SELECT status, count(*) FROM checkout_order GROUP BY 1 ORDER BY 1"
SOLD = (
    "SELECT coalesce(sum(l.quantity), 0) FROM checkout_orderline l JOIN checkout_order o ON o.id = l.order_id"
    " WHERE l.variant_id = %(variant)s AND o.status IN ('paid', 'shipped')"
)
LEFT = "SELECT on_hand - claimed FROM catalog_stock WHERE variant_id = %(variant)s"
VARIANT = (
    "SELECT v.id FROM catalog_variant v JOIN catalog_product p ON p.id = v.product_id"
    " WHERE p.slug = %(slug)s ORDER BY v.position LIMIT 1"
)
WORK_LEFT = (
    "SELECT (SELECT count(*) FROM checkout_order WHERE status = 'paid')"
    " > (SELECT count(*) FROM core_outboxmail WHERE status = 'sent')"
    " OR EXISTS (SELECT 1 FROM core_outboxmail WHERE status IN ('queued', 'sending'))"
    " OR EXISTS (SELECT 1 FROM procrastinate_jobs WHERE status = 'doing')"
)
"""Each paid order is followed by a mail: until that is sent, jobs have work."""


@dataclass(frozen=True)
class House:
    """A running shop. ``pids``: name → process; the process trees below them are the program."""

    port: int
    database: str
    log: Path
    pids: Mapping[str, int]

    def cpu(self) -> Seconds:
        """CPU seconds used so far by each program and its children, also by those that have ended."""
        return {name: seconds_of(pid) for name, pid in self.pids.items()}

    def ask(self, statement: LiteralString, **parameters: object) -> list[tuple[object, ...]]:
        """Rows of one statement, over a connection of its own."""
        with psycopg.connect(self.database) as connection:
            cursor = connection.execute(statement, parameters)
            return cursor.fetchall() if cursor.description else []

    def stock(self, pieces: int, slug: str = PRODUCT) -> None:
        """Let exactly ``pieces`` be left of each variant."""
        self.ask(IN_STOCK, pieces=pieces, slug=slug)

    def first_variant(self, slug: str = PRODUCT) -> int:
        """The id of the variant a product's page offers first."""
        return int(str(self.ask(VARIANT, slug=slug)[0][0]))

    def products(self) -> list[str]:
        """The slugs of all products for sale."""
        return [str(slug) for (slug,) in self.ask(PRODUCTS)]

    def orders(self) -> dict[str, int]:
        """How many orders are in each status."""
        return {str(status): int(str(count)) for status, count in self.ask(ORDERS)}

    def settle(self) -> float:
        """Wait until mails and jobs are done, at most SETTLE_SECONDS; the seconds it took."""
        begin = time.monotonic()
        while time.monotonic() - begin < SETTLE_SECONDS and self.ask(WORK_LEFT) != [(False,)]:
            time.sleep(0.5)
        return time.monotonic() - begin


@contextlib.contextmanager
def ground() -> Iterator[Path]:
    """A fresh folder for the data of a shop, reachable for PostgreSQL's own user, gone afterwards."""
    folder = Path(tempfile.mkdtemp(prefix="tacit-bench-"))
    folder.chmod(0o755)
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@contextlib.contextmanager
def opened(
    home: Path,
    *,
    options: Mapping[str, str] | None = None,
    settings: str = "tacit.config.settings",
    workers: int = demo.WEB_WORKERS,
    extra: Mapping[str, str] | None = None,
) -> Iterator[House]:
    """The shop of ``home``, filled with sample data at its first opening, in production settings.

    ``options`` are PostgreSQL's settings, ``extra`` the shop's own. The provider sends each webhook once, in order.
    """
    port = free_port.free(HOST, FIRST_PORT)
    provider_port = free_port.free(HOST, FIRST_PROVIDER_PORT, besides={port})
    with (
        clean_environment(home, port, provider_port, settings),
        postgres.lease(home, options=options or {}) as url,
    ):
        environment = {**os.environ, **(extra or {}), "DATABASE_URL": url}
        prepare(environment)
        web, worker, provider = demo.commands(home, port, provider_port)
        web = replace(web, arguments=("serve", f"--host={HOST}", f"--port={port}", f"--workers={workers}"))
        provider = replace(provider, arguments=(*provider.arguments, "--calm"))
        # Two supervisors, so that the server's log tells whose statement it was.
        houses = [
            Supervisor([web], environment=named(environment, "web"), logs=home / "logs", say=complain),
            Supervisor(
                [worker, provider], environment=named(environment, "worker"), logs=home / "logs", say=complain
            ),
        ]
        try:
            for house in reversed(houses):
                house.start()
            houses[0].await_ready(HOST, port, path="/healthz")
            pids = {**houses[0].pids(), **houses[1].pids(), "postgres": postmaster(url)}
            yield House(port=port, database=url, log=log_of(home), pids=pids)
        finally:
            for house in houses:
                house.stop()


@contextlib.contextmanager
def clean_environment(home: Path, port: int, provider_port: int, settings: str) -> Iterator[None]:
    """Nothing of the caller's own settings gets in; restored afterwards."""
    before = dict(os.environ)
    for name in list(os.environ):
        if name.startswith(FOREIGN) and name != "TACIT_SOCKET_DIR":
            del os.environ[name]
    address = f"http://{HOST}:{port}"
    os.environ.update(
        TACIT_HOME=str(home),
        TACIT_URL=address,
        TACIT_PAYMENT_PROVIDER="practice",
        TACIT_PRACTICE_ALLOWED="1",
        TACIT_PRACTICE_SECRET=secrets.token_hex(16),
        TACIT_PRACTICE_URL=f"http://{HOST}:{provider_port}",
        TACIT_PRACTICE_WEBHOOK=f"{address}/hooks/practice",
        DJANGO_SETTINGS_MODULE=settings,
        PYTHONPATH=os.pathsep.join([str(ROOT / "src"), str(ROOT)]),
    )
    try:
        yield
    finally:
        os.environ.clear()
        os.environ.update(before)


def prepare(environment: Mapping[str, str]) -> None:
    """Tables, static files and the sample shop: what `tacit demo` does at its start."""
    subprocess.run(
        [sys.executable, "-m", "tacit.config.cli", "prepare", "--no-orders"],
        env={**environment, "TACIT_DEMO": "1"},
        cwd=ROOT,
        check=True,
        stdout=sys.stderr,
        timeout=demo.PREPARE_SECONDS,
    )


def named(environment: Mapping[str, str], name: str) -> dict[str, str]:
    return {**environment, "DATABASE_URL": f"{environment['DATABASE_URL']}&application_name={name}"}


def postmaster(url: str) -> int:
    """The process all of PostgreSQL's processes come from."""
    import psutil

    with psycopg.connect(url) as connection:
        return psutil.Process(connection.info.backend_pid).ppid()


def log_of(home: Path) -> Path:
    from tacit.config.postgres.places import places

    return places(home).log


def complain(line: str) -> None:
    print(line, file=sys.stderr)
