"""Figures for Prometheus, on a port of their own that the public never reaches.

Every web worker counts its requests into a file; one process beside them adds the files up, asks the database
for the rest and answers Prometheus. It starts and ends with `tacit serve --metrics-port`.
"""

from __future__ import annotations

import contextlib
import functools
import os
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter as Tally
from collections.abc import Callable, Iterable, Iterator
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponseBase
    from prometheus_client import Counter, Histogram
    from prometheus_client.metrics_core import Metric

FOLDER = "PROMETHEUS_MULTIPROC_DIR"  # prometheus_client's own name for it
SECONDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1.0, 5.0)
STOP_SECONDS = 5


@contextlib.contextmanager
def beside(host: str, port: int | None) -> Iterator[None]:
    """Serve the figures at `host`:`port` in a process beside this one; without a port nothing is counted.

    Raises ProcessError when the port is taken.
    """
    from tacit.config import free_port
    from tacit.config.processes import ProcessError

    if port is None:
        os.environ.pop(FOLDER, None)
        yield
        return
    if not free_port.is_free(host, port):
        raise ProcessError(f"The port {port} for figures is taken; choose another with --metrics-port.")
    folder = tempfile.mkdtemp(prefix="tacit-metrics-")
    os.environ[FOLDER] = folder
    process = subprocess.Popen(
        [sys.executable, "-m", "tacit.config.child", "tacit.config.metrics", host, str(port)],
        stdin=subprocess.DEVNULL,
        env=os.environ | {"TACIT_PARENT": str(os.getpid())},
        start_new_session=True,
    )
    try:
        yield
    finally:
        process.terminate()
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(STOP_SECONDS)
        process.kill()
        process.wait()
        shutil.rmtree(folder, ignore_errors=True)


class CountRequests:
    """Middleware: counts requests by page and status class, and how long pages take."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        from tacit.config.logs import page_of

        begin = time.perf_counter()
        response = self.get_response(request)
        page = page_of(request)
        requests, seconds = counters()
        requests.labels(page, f"{response.status_code // 100}xx").inc()
        seconds.labels(page).observe(time.perf_counter() - begin)
        return response


@functools.cache
def counters() -> tuple[Counter, Histogram]:
    """This process's counters, kept in files that outlive it."""
    from prometheus_client import Counter, Histogram

    return (
        Counter("tacit_requests", "Requests answered.", ["page", "status"]),
        Histogram("tacit_request_seconds", "Time to answer.", ["page"], buckets=SECONDS),
    )


class House:
    """Figures from the database, asked for when Prometheus asks."""

    def __init__(self) -> None:
        from tacit.core import tally

        self._turn = threading.Lock()
        self._happened: Tally[tuple[str, str]] = Tally()
        self._place: tally.Place | None = None

    def collect(self) -> Iterable[Metric]:
        """Gauges and counters; when the database cannot be asked, only that it cannot."""
        from django.db import DatabaseError, connection
        from prometheus_client.metrics_core import GaugeMetricFamily

        with self._turn:
            try:
                found = [*self._figures()]
            except DatabaseError:
                found = []
            finally:
                connection.close()
        up = GaugeMetricFamily("tacit_database_up", "1 when the database answered this question.")
        up.add_metric([], 1.0 if found else 0.0)
        return [up, *found]

    def _figures(self) -> Iterable[Metric]:
        from prometheus_client.metrics_core import CounterMetricFamily, GaugeMetricFamily

        from tacit.config import health
        from tacit.core import clock, jobs, journal, mail, tally

        self._place = self._place or tally.newest()
        self._place, counted = tally.since(self._place)
        self._happened += counted
        happened = CounterMetricFamily(
            "tacit_events", "What the journal recorded since the start.", labels=["kind", "reason"]
        )
        for (kind, reason), count in sorted(self._happened.items()):
            happened.add_metric([kind, reason], count)
        yield happened

        unread = GaugeMetricFamily("tacit_journal_unread", "Rows a reader has not read.", labels=["reader"])
        age = GaugeMetricFamily(
            "tacit_journal_lag_seconds", "Age of the oldest row a reader has not read.", labels=["reader"]
        )
        for lag in journal.lags(now=clock.now()):
            unread.add_metric([lag.reader], lag.entries)
            age.add_metric([lag.reader], max(lag.age.total_seconds(), 0.0))
        yield from (unread, age)

        letters = GaugeMetricFamily("tacit_outbox_mails", "Mails not sent.", labels=["status"])
        waiting, failed = mail.waiting()
        letters.add_metric(["waiting"], waiting)
        letters.add_metric(["failed"], failed)
        yield letters

        work = GaugeMetricFamily("tacit_jobs", "Background jobs.", labels=["status"])
        for status, count in {"todo": 0, "doing": 0, "failed": 0, **jobs.counts()}.items():
            work.add_metric([status], count)
        yield work

        ready = GaugeMetricFamily("tacit_ready", "1 when this part is as /readyz wants it.", labels=["part"])
        found = health.look()
        for part in ("database", "migrations", "worker"):
            ready.add_metric([part], 1.0 if getattr(found, part) == health.FINE else 0.0)
        yield ready


def registry(folder: str) -> Any:
    """All figures: the workers' files in `folder`, and the house's."""
    from prometheus_client import CollectorRegistry
    from prometheus_client.multiprocess import MultiProcessCollector

    whole = CollectorRegistry()
    MultiProcessCollector(whole, path=folder)  # type: ignore[no-untyped-call]
    whole.register(House())
    return whole


def main(host: str, port: str) -> None:
    """Answer Prometheus at `host`:`port` until this process is ended."""
    import django
    from prometheus_client import start_http_server

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tacit.config.settings")
    django.setup()
    _, thread = start_http_server(int(port), addr=host, registry=registry(os.environ[FOLDER]))
    thread.join()


if __name__ == "__main__":
    main(*sys.argv[1:])
