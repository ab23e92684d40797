"""`/readyz`: whether the shop can do its work, for monitors and load balancers.

`/healthz` says that the process answers; this says that the database does, that its tables are of this version
and that a worker is alive. It answers within a second, and however often it is asked, it looks once a second.
"""

from __future__ import annotations

import functools
import logging
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import psycopg
from django.db import connection
from django.http import HttpRequest, HttpResponseBase, JsonResponse
from django.views.decorators.http import require_safe

log = logging.getLogger(__name__)

PATIENCE_SECONDS = 1.0
BELIEVED_SECONDS = 1.0
ABANDONED_SECONDS = 15.0  # a look that takes longer hangs; the next question starts another
WORKER_SILENCE_SECONDS = 45.0  # its heart beats every ten

FINE = "ok"


@dataclass(frozen=True)
class Readiness:
    """How each part is: "ok", or what is wrong in words that hold no address, name or secret."""

    database: str
    migrations: str
    worker: str

    @property
    def ready(self) -> bool:
        return {self.database, self.migrations, self.worker} == {FINE}


def unknown(database: str) -> Readiness:
    return Readiness(database, "not known", "not known")


class Watch:
    """Asks `look` in a thread of its own, at most once at a time, and keeps its answer for a moment."""

    def __init__(self, look: Callable[[], Readiness]) -> None:
        self._look = look
        self._turn = threading.Condition()
        self._asked = self._answered = float("-inf")
        self._busy = False
        self._answer: Readiness | None = None

    def ask(self) -> Readiness:
        """The newest answer, after PATIENCE_SECONDS at most."""
        with self._turn:
            now = time.monotonic()
            if now - self._answered < BELIEVED_SECONDS and self._answer:
                return self._answer
            if not self._busy or now - self._asked > ABANDONED_SECONDS:
                self._busy, self._asked = True, now
                threading.Thread(target=self._run, args=(now,), name="readiness", daemon=True).start()
            asked = self._asked
            if self._turn.wait_for(lambda: self._answered >= asked, PATIENCE_SECONDS) and self._answer:
                return self._answer
        return unknown(f"does not answer within {PATIENCE_SECONDS:.0f} s")

    def _run(self, asked: float) -> None:
        answer = self._look()
        with self._turn:
            if self._asked == asked:  # else it was abandoned
                self._answer, self._answered, self._busy = answer, time.monotonic(), False
                self._turn.notify_all()


def look() -> Readiness:
    """Ask the database once, on a connection of its own: the pages' connections may all be busy."""
    try:
        with psycopg.connect(**_address()) as database:
            applied = database.execute("SELECT app || '.' || name FROM django_migrations").fetchall()
            (worker,) = database.execute(
                "SELECT extract(epoch FROM clock_timestamp() - max(last_heartbeat))::float"
                " FROM procrastinate_workers"
            ).fetchall()
    except psycopg.errors.UndefinedTable:
        return Readiness(FINE, "none is applied: run `tacit prepare`", "not known")
    except psycopg.Error as error:
        log.warning("readiness: %s", error)
        return unknown("cannot be reached")
    return Readiness(FINE, _migrations({name for (name,) in applied}), _worker(worker[0]))


def _migrations(applied: set[str]) -> str:
    missing = sorted(wanted() - applied)
    return f"{len(missing)} not applied, first {missing[0]}: run `tacit prepare`" if missing else FINE


def _worker(silent: float | None) -> str:
    if silent is None:
        return "none runs: start `tacit work`"
    return FINE if silent <= WORKER_SILENCE_SECONDS else f"not heard of for {silent:.0f} s"


DJANGO_S_OWN = frozenset({"pool", "server_side_binding"})
"""OPTIONS that are not for the driver."""


@functools.cache
def wanted() -> frozenset[str]:
    """Every migration of this version, as app.name."""
    from django.db.migrations.loader import MigrationLoader

    return frozenset(f"{app}.{name}" for app, name in MigrationLoader(None).disk_migrations)


def _address() -> dict[str, Any]:
    given = connection.settings_dict
    known = {"dbname": "NAME", "user": "USER", "password": "PASSWORD", "host": "HOST", "port": "PORT"}
    options = {name: value for name, value in given["OPTIONS"].items() if name not in DJANGO_S_OWN}
    return {
        **options,
        **{ours: given[theirs] for ours, theirs in known.items() if given[theirs]},
        "connect_timeout": 2,
        "tcp_user_timeout": 2000,
        "options": "-c statement_timeout=1000",
        "application_name": "tacit readiness",
    }


_watch = Watch(look)


@require_safe
def readyz(request: HttpRequest) -> HttpResponseBase:
    """200 when everything is ready, else 503; which part is not is in the JSON."""
    del request
    found = _watch.ask()
    body = {
        "ready": found.ready,
        "database": found.database,
        "migrations": found.migrations,
        "worker": found.worker,
    }
    response = JsonResponse(body, status=200 if found.ready else 503)
    response["Cache-Control"] = "no-store"
    response._has_been_logged = True  # type: ignore[attr-defined]  # no error of this page
    return response
