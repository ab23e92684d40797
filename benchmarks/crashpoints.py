"""Kills workers with SIGKILL at every named point between provider and database: what money is lost or doubled."""

from __future__ import annotations

import argparse
import contextlib
import gc
import itertools
import logging
import os
import random
import secrets
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from benchmarks.harness import report
from benchmarks.harness.browser import PRODUCT
from benchmarks.harness.house import HOST, PLENTY, clean_environment, ground, prepare

from tacit.config import free_port, postgres
from tacit.core import crash

if TYPE_CHECKING:
    from benchmarks.harness.stories import Stories

CONTROL_KILLS = 150
LOST_KILLS = 30


@dataclass
class Result:
    """What came of some thousand kills."""

    kills: int = 0
    stories: int = 0
    lost: list[str] = field(default_factory=list)
    double: list[str] = field(default_factory=list)
    drift: list[str] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)
    points: dict[str, int] = field(default_factory=dict)
    processes: int = 0
    seconds: float = 0


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json", action="store_true", help="one JSON object as the last line")
    parser.add_argument("--kills", type=int, default=2000)
    parser.add_argument("--seed", type=int, default=secrets.randbelow(2**32))
    parser.add_argument(
        "--no-control", action="store_true", help="leave out the runs that must double and lose money"
    )
    given = parser.parse_args()
    with ground() as home, shop(home) as (url, secret, state):
        result = run(url, secret, state, kills=given.kills, chance=random.Random(given.seed))
    control, unswept = Result(), Result()
    if not given.no_control:
        with ground() as home, shop(home) as (url, secret, state):
            kills = min(CONTROL_KILLS, given.kills)
            chance = random.Random(given.seed)
            control = run(url, secret, state, kills=kills, chance=chance, without=without_looking_up)
        with ground() as home, shop(home) as (url, secret, state):
            kills = min(LOST_KILLS, given.kills)
            chance = random.Random(given.seed)
            unswept = run(url, secret, state, kills=kills, chance=chance, without=without_sweeping)
    refunded_twice = [line for line in control.double if line.startswith("refund_again")]
    print(f"Seed {given.seed}. {report.machine()}\n")
    rows = [
        ("kills", result.kills, control.kills, unswept.kills),
        ("stories", result.stories, control.stories, unswept.stories),
        ("lost", len(result.lost), len(control.lost), len(unswept.lost)),
        ("double", len(result.double), len(control.double), len(unswept.double)),
        ("drift", len(result.drift), len(control.drift), len(unswept.drift)),
        ("errors", len(result.errors), len(control.errors), len(unswept.errors)),
        ("seconds", result.seconds, control.seconds, unswept.seconds),
    ]
    report.table(rows, ("", "as it is", "without looking up", "without sweeping"))
    print()
    report.table(
        [(name, result.points.get(name, 0), crash.POINTS[name]) for name in crash.POINTS],
        ("killed at", "times", "where"),
    )
    for line in [*result.lost, *result.double, *result.drift, *result.errors[:5]]:
        print(line, file=sys.stderr)
    never = [name for name in crash.POINTS if not result.points.get(name)]
    if given.json:
        report.as_json(
            {
                "kills": result.kills,
                "lost": len(result.lost),
                "double": len(result.double),
                "drift": len(result.drift),
                "points": len(crash.POINTS) - len(never),
                "points_never_hit": len(never),
                "stories": result.stories,
                "errors": len(result.errors),
                "seconds": result.seconds,
                "control_kills": control.kills,
                "control_double": len(control.double),
                "control_refund_double": len(refunded_twice),
                "control_lost": len(unswept.lost),
            }
        )
    if never:
        sys.exit(f"never reached: {', '.join(never)}")
    if result.lost or result.double or result.drift:
        sys.exit("money was lost or doubled; the seed above tells the same stories again")
    if result.errors:
        sys.exit("a worker failed of itself; the seed above tells the same stories again")
    if not given.no_control and not (control.double and refunded_twice and unswept.lost):
        sys.exit("a control doubled, refunded twice or lost nothing, so this run proves nothing")


@contextlib.contextmanager
def shop(home: Path) -> Iterator[tuple[str, str, Path]]:
    """The sample shop and its provider, no other process: address and secret of the provider, and its books."""
    port = free_port.free(HOST, 8500)
    settings = "tacit.config.settings"
    # Nobody pulls the plug here: what is killed is the worker.
    options = {"fsync": "off", "synchronous_commit": "off"}
    with clean_environment(home, 8499, port, settings), postgres.lease(home, options=options) as url:
        prepare({**os.environ, "DATABASE_URL": url})
        os.environ["DATABASE_URL"] = url
        state = home / "crashpoints.sqlite"
        open_django(url)
        with subprocess.Popen(
            [
                sys.executable,
                "-m",
                "tacit.connectors.practice_provider",
                f"--port={port}",
                f"--state={state}",
                "--webhook=",
                "--stop-on-eof",
            ],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        ) as provider:
            assert provider.stdin and provider.stdout
            provider.stdout.readline()
            try:
                yield os.environ["TACIT_PRACTICE_URL"], os.environ["TACIT_PRACTICE_SECRET"], state
            finally:
                close_django()
                provider.stdin.close()
                provider.wait(timeout=20)


def open_django(url: str) -> None:
    """Django in this very process, on the database at ``url``, without a pool: forks are made of it."""
    import django
    from django.conf import settings
    from django.db import connections

    if not settings.configured or not django.apps.apps.ready:
        django.setup()
    import psycopg

    parts = psycopg.conninfo.conninfo_to_dict(url)
    known = {"dbname": "NAME", "user": "USER", "password": "PASSWORD", "host": "HOST", "port": "PORT"}
    for values in (settings.DATABASES["default"], connections["default"].settings_dict):
        values.update({theirs: str(parts[ours]) for ours, theirs in known.items() if ours in parts})
        values["OPTIONS"].pop("pool", None)
    logging.disable(logging.CRITICAL)


def close_django() -> None:
    from django.db import connections

    connections.close_all()


def run(
    url: str,
    secret: str,
    state: Path,
    *,
    kills: int,
    chance: random.Random,
    without: Callable[[], object] | None = None,
) -> Result:
    """Tell stories until there were so many kills, and judge each batch when its dust has settled.

    ``without``: for a control, what takes a guard away.
    """
    from benchmarks.harness import money
    from benchmarks.harness.stories import DEADLINE, STORIES, Stories

    from tacit.catalog.models import Variant

    variant = Variant.objects.filter(product__slug=PRODUCT).order_by("position").first()
    assert variant is not None
    _plenty()
    teller = Stories(url=url, secret=secret, variant=variant.pk, chance=chance)
    teller.warm()
    gc.freeze()
    if without is not None:
        teller.before_each = without
    result = Result()
    begin = time.monotonic()
    for batches in itertools.count():
        if teller.kills.total() >= kills:
            break
        names = chance.sample(STORIES, k=len(STORIES))
        if without is None and batches % 10 == 1:
            names = [DEADLINE] * 5
        told = [teller.tell(name) for name in names]
        teller.settle()
        verdict = money.judge(told, state)
        result.lost += verdict.lost
        result.double += verdict.double
        result.errors += [error for story in told for error in story.errors]
        result.stories += len(told)
        for line in [*verdict.lost, *verdict.double]:
            print(line, file=sys.stderr)
        print(
            f"{teller.kills.total():,} kills, {len(result.lost)} lost, {len(result.double)} double",
            file=sys.stderr,
        )
    result.errors += teller.errors
    if without is None:
        result.drift = compared(teller)
    result.kills = teller.kills.total()
    result.points = dict(teller.kills)
    result.processes = teller.processes
    result.seconds = time.monotonic() - begin
    return result


def compared(teller: Stories) -> list[str]:
    """What the shop itself finds that does not agree: nothing may."""
    from datetime import timedelta

    from benchmarks.harness import forks, money

    from tacit.checkout import actions

    def work() -> object:
        teller.wire()
        return actions.reconcile(now=teller.now)

    for _ in range(8):
        teller.now += timedelta(minutes=5)
        forks.run([work])
    return money.drift()


def without_looking_up() -> None:
    """The control: a retry asks again without a look at what the provider knows."""
    from tacit.checkout.types.payment import PaymentProvider
    from tacit.core import ports

    for name in ("", "practice"):
        provider = ports.get(PaymentProvider, name)
        provider.look_up = lambda _reference, **_named: None  # type: ignore[method-assign]


def without_sweeping() -> None:
    """The other control: nobody goes on where somebody stopped."""
    from tacit.checkout import actions

    actions.sweep = lambda **_named: 0


def _plenty() -> None:
    from tacit.catalog.models import Stock

    Stock.objects.update(on_hand=PLENTY)


if __name__ == "__main__":
    main()
