"""A worker killed in the middle of a job: the job is taken up again and ends. Real `tacit work` processes."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from uuid import uuid4

import pytest
from django.db import connection
from procrastinate.contrib.django import app
from psycopg.conninfo import make_conninfo

pytestmark = pytest.mark.django_db(transaction=True)
SECONDS = 60
GRACE = 30


def conninfo() -> str:
    """The test's own database, as DATABASE_URL takes it."""
    settings = connection.settings_dict
    known = {"dbname": "NAME", "user": "USER", "password": "PASSWORD", "host": "HOST", "port": "PORT"}
    return make_conninfo("", **{ours: settings[theirs] for ours, theirs in known.items() if settings[theirs]})


@contextmanager
def worker(settings: str) -> Iterator[subprocess.Popen[bytes]]:
    """A running `tacit work` in a process group of its own, ended with all it started."""
    process = subprocess.Popen(
        [sys.executable, "-m", "tacit.config.cli", "work", "--concurrency", "3"],
        env={
            **os.environ,
            "DATABASE_URL": conninfo(),
            "DJANGO_SETTINGS_MODULE": f"tests.settings.{settings}",
        },
        cwd=Path(__file__).parents[2],
        stdin=subprocess.DEVNULL,
        start_new_session=True,
    )
    try:
        yield process
    finally:
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)
        process.wait(timeout=GRACE)


def ask(statement: str, *parameters: object) -> list[tuple[object, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(statement, parameters)
        return cursor.fetchall() if cursor.description else []


def wait_until(question: Callable[[], object]) -> None:
    deadline = time.monotonic() + SECONDS
    while not question():
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.1)


def put_off(name: str, **arguments: object) -> int:
    """A job that this process may not know, beside any that waits already."""
    return app.configure_task(name, allow_unknown=True, queueing_lock=uuid4().hex).defer(**arguments)


def status(job: int) -> str:
    """How a job stands; the ones that succeeded are deleted."""
    rows = ask("SELECT status::text FROM procrastinate_jobs WHERE id = %s", job)
    return str(rows[0][0]) if rows else "gone"


def killed_in_the_middle(folder: Path) -> int:
    """A job whose worker got SIGKILL while it was at it, long ago by its heartbeat."""
    job = put_off("tests.take_long", folder=str(folder))
    with worker("jobs") as process:
        wait_until((folder / "begun").exists)
        os.killpg(process.pid, signal.SIGKILL)
        process.wait(timeout=GRACE)
    assert status(job) == "doing"
    ask("UPDATE procrastinate_workers SET last_heartbeat = now() - interval '5 minutes'")
    return job


def look_for_stalled() -> int:
    """What the schedule does every 15 seconds, now."""
    return put_off("core.retry_stalled", timestamp=0)


def test_the_job_of_a_killed_worker_is_taken_up_and_ends(tmp_path):
    job = killed_in_the_middle(tmp_path)
    with worker("jobs"):
        look_for_stalled()
        wait_until(lambda: status(job) == "gone")
    assert (tmp_path / "ended").exists()
    assert not ask("SELECT 1 FROM procrastinate_workers WHERE last_heartbeat < now() - interval '4 minutes'")


def test_the_control_without_taking_up_it_stays_as_it_was(tmp_path):
    job = killed_in_the_middle(tmp_path)
    with worker("jobs_left"):
        look = look_for_stalled()
        wait_until(lambda: status(look) == "gone")
        again = put_off("tests.take_long", folder=str(tmp_path))  # this worker works
        wait_until(lambda: status(again) == "gone")
        assert status(job) == "doing"
