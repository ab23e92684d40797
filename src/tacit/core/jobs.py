"""Background work by procrastinate: jobs live in PostgreSQL and are enqueued in the caller's transaction."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, ParamSpec, TypeVar

from django.db import connection
from procrastinate.contrib.django import app

P = ParamSpec("P")
R = TypeVar("R")

STALLED_AFTER_SECONDS = 30
"""A job whose worker has not been heard of for this long is taken up again."""


def job(name: str) -> Callable[[Callable[P, R]], Callable[P, R]]:
    """Declare a background job called ``room.verb``."""

    def declare(function: Callable[P, R]) -> Callable[P, R]:
        app.task(name=name)(function)
        return function

    return declare


def periodic(name: str, cron: str) -> Callable[[Callable[[datetime], None]], Callable[[datetime], None]]:
    """Declare a job that runs by ``cron`` (five fields, or six with seconds last), at most one waiting.

    The function gets the time its tick was due, which after an outage may be long past: tolerate it.
    """

    def declare(function: Callable[[datetime], None]) -> Callable[[datetime], None]:
        def run(timestamp: int) -> None:
            function(datetime.fromtimestamp(timestamp, tz=UTC))

        task = app.task(name=name, queueing_lock=name, pass_context=False)(run)
        app.periodic(cron=cron, periodic_id=name)(task)
        return function

    return declare


def enqueue(name: str, **arguments: Any) -> None:
    """Run the job called ``name`` soon, if the caller's transaction commits. Arguments are JSON values."""
    app.tasks[name].defer(**arguments)


def names() -> frozenset[str]:
    """Every job there is."""
    return frozenset(app.tasks)


@dataclass(frozen=True, slots=True)
class JobRow:
    """One job as the desk shows it."""

    id: int
    name: str
    status: str
    attempts: int
    scheduled_at: datetime | None


def latest(limit: int = 50) -> list[JobRow]:
    """Jobs that are waiting, running or failed, newest first."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT id, task_name, status::text, attempts, scheduled_at FROM procrastinate_jobs"
            " WHERE status IN ('todo', 'doing', 'failed') ORDER BY id DESC LIMIT %s",
            [limit],
        )
        return [JobRow(*row) for row in cursor.fetchall()]


def counts() -> dict[str, int]:
    """Number of jobs by status."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT status::text, count(*) FROM procrastinate_jobs GROUP BY 1")
        return dict(cursor.fetchall())
