"""The whole demo as a newcomer runs it: real processes, embedded PostgreSQL, a folder of its own."""

from __future__ import annotations

import contextlib
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import psutil
import psycopg

from tacit.config import postgres

READY = re.compile(r"The shop is open:\s+http://127\.0\.0\.1:(\d+)")
START_SECONDS = 90


class House:
    """A running demo. ``port`` answers HTTP; ``kill`` is kill -9 of everything at once."""

    def __init__(self, home: Path, **settings: str) -> None:
        self.home = home
        self.settings = settings
        self.port = 0
        self.demo: subprocess.Popen[str] | None = None

    def start(self) -> None:
        environment = {
            name: value
            for name, value in os.environ.items()
            if not name.startswith(("TACIT_", "DJANGO_")) and name != "DATABASE_URL"
        }
        with (self.home / "demo.log").open("w+") as log:
            self.demo = subprocess.Popen(
                [sys.executable, "-m", "tacit.config.cli", "demo", "--port", "8600"],
                env={**environment, **self.settings, "TACIT_HOME": str(self.home), "PYTHONUNBUFFERED": "1"},
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                text=True,
                start_new_session=True,
            )
        deadline = time.monotonic() + START_SECONDS
        while time.monotonic() < deadline and self.demo.poll() is None:
            found = READY.search((self.home / "demo.log").read_text())
            if found:
                self.port = int(found[1])
                return
            time.sleep(0.2)
        raise AssertionError((self.home / "demo.log").read_text())

    def ask(self, statement: str) -> list[tuple[object, ...]]:
        with psycopg.connect(postgres.url(self.home)) as connection:
            return connection.execute(statement.encode()).fetchall()

    def processes(self) -> list[psutil.Process]:
        """The demo, its children, and PostgreSQL with its own."""
        assert self.demo is not None
        roots = [psutil.Process(self.demo.pid)]
        with psycopg.connect(postgres.url(self.home)) as connection:
            roots.append(psutil.Process(connection.info.backend_pid).parent())
        return [process for root in roots for process in (root, *root.children(recursive=True))]

    def kill(self) -> None:
        for process in self.processes():
            with contextlib.suppress(psutil.NoSuchProcess):
                process.kill()
        assert self.demo is not None
        self.demo.wait()

    def stop(self) -> None:
        if self.demo is not None and self.demo.poll() is None:
            self.demo.send_signal(signal.SIGINT)
            self.demo.wait(timeout=60)


@contextlib.contextmanager
def house(**settings: str) -> Iterator[House]:
    """A started demo on fresh data, with these settings in its environment; stopped and removed afterwards."""
    home = Path(tempfile.mkdtemp(prefix="tacit-test-"))
    home.chmod(0o755)
    running = House(home, **settings)
    try:
        running.start()
        yield running
    finally:
        running.stop()
        shutil.rmtree(home, ignore_errors=True)
