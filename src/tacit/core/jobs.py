"""Background work by procrastinate: jobs live in PostgreSQL and are enqueued in the caller's transaction."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, ParamSpec, TypeVar

from django.db import connection, transaction
from procrastinate.contrib.django import app
from procrastinate.exceptions import UniqueViolation

from tacit.core import clock, journal
from tacit.core.asking import Asking, name_of, staff_only
from tacit.core.events import JobRetried, JobThrownAway

P = ParamSpec("P")
R = TypeVar("R")

STALLED_AFTER_SECONDS = 30
"""A job whose worker has not been heard of for this long is taken up again."""
PER_PAGE = 100
STATUSES = ("failed", "doing", "todo")
"""What of a job is kept: it failed, runs, or waits. Done ones are deleted."""


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
    """One job as the desk shows it. ``at``: when it last began, waited or failed."""

    id: int
    name: str
    status: str
    attempts: int
    scheduled_at: datetime | None
    at: datetime | None


def latest(asking: Asking, *, status: str = "", page: int = 1) -> tuple[list[JobRow], bool]:
    """Jobs that failed, run or wait, newest first: PER_PAGE a page (from 1), and whether there are more.

    Raises NotAllowed.
    """
    staff_only(asking)
    asked = [[status] if status else list(STATUSES), PER_PAGE + 1, (max(page, 1) - 1) * PER_PAGE]
    rows = _rows(
        "j.status = ANY(%s::procrastinate_job_status[]) ORDER BY j.id DESC LIMIT %s OFFSET %s", asked
    )
    return rows[:PER_PAGE], len(rows) > PER_PAGE


def row(asking: Asking, job_id: int) -> JobRow | None:
    """One job, for staff. Raises NotAllowed."""
    staff_only(asking)
    return next(iter(_rows("j.id = %s", [job_id])), None)


_JOB = """
SELECT j.id, j.task_name, j.status::text, j.attempts, j.scheduled_at,
  (SELECT max(e.at) FROM procrastinate_events e WHERE e.job_id = j.id)
FROM procrastinate_jobs j WHERE """


def _rows(where: str, parameters: list[Any]) -> list[JobRow]:
    with connection.cursor() as cursor:
        cursor.execute(_JOB + where, parameters)
        return [JobRow(*row) for row in cursor.fetchall()]


def retry(asking: Asking, job_id: int, *, now: datetime) -> bool:
    """Staff have a failed job run again soon; False when it has not failed, or the same work waits already.

    Raises NotAllowed.
    """
    staff_only(asking)
    try:
        with transaction.atomic():
            name = _failed(job_id)
            if name is None:
                return False
            # Workers compare it with the world's clock, which a demo does not move.
            app.job_manager.retry_job_by_id(job_id, retry_at=clock.real())
            journal.record(JobRetried(job_id, name, name_of(asking)), at=now)
    except UniqueViolation:
        return False
    return True


def throw_away(asking: Asking, job_id: int, *, now: datetime) -> bool:
    """Staff give a failed job up: what it was to do is not done. False when it has not failed. Raises NotAllowed."""
    staff_only(asking)
    with transaction.atomic(), connection.cursor() as cursor:
        name = _failed(job_id)
        if name is None:
            return False
        cursor.execute("DELETE FROM procrastinate_jobs WHERE id = %s", [job_id])
        journal.record(JobThrownAway(job_id, name, name_of(asking)), at=now)
    return True


def _failed(job_id: int) -> str | None:
    """The name of a failed job, its row locked; None when it has not failed."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT task_name FROM procrastinate_jobs WHERE id = %s AND status = 'failed' FOR UPDATE",
            [job_id],
        )
        row = cursor.fetchone()
    return row[0] if row else None


def counts() -> dict[str, int]:
    """Number of jobs by status."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT status::text, count(*) FROM procrastinate_jobs GROUP BY 1")
        return dict(cursor.fetchall())
