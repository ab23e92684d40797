"""The import in a process of its own, on the database of the test."""

from __future__ import annotations

import contextlib
import os
import subprocess
import sys
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import psutil
from django.db import connection
from psycopg.conninfo import make_conninfo

COMMAND = ("-m", "tacit.config.cli", "import", "orders")
WAITING = """
import sys, time
from tacit.checkout.actions import importing
def write_lines(*given, real=importing._write_lines):
    written = real(*given)
    print("halfway", flush=True)
    time.sleep(600)
    return written
importing._write_lines = write_lines
"""


@dataclass(frozen=True, slots=True)
class Ended:
    """``peak_mib``: the largest resident set the process ever had."""

    code: int
    stdout: str
    peak_mib: float


def environment() -> dict[str, str]:
    settings = connection.settings_dict
    names = {"host": "HOST", "port": "PORT", "user": "USER", "password": "PASSWORD", "dbname": "NAME"}
    parts = {ours: str(settings[theirs]) for ours, theirs in names.items() if settings.get(theirs)}
    return {
        **os.environ,
        "DATABASE_URL": make_conninfo("", **parts),
        "DJANGO_SETTINGS_MODULE": "tacit.config.settings",
    }


def start(path: Path, *options: str, program: Sequence[str] = COMMAND) -> subprocess.Popen[str]:
    arguments = [sys.executable, *program, str(path), "--profile", "uci-online-retail", *options]
    return subprocess.Popen(arguments, env=environment(), stdout=subprocess.PIPE, text=True)


def start_and_stop_halfway(path: Path) -> subprocess.Popen[str]:
    """An import that waits inside its transaction, some orders written."""
    program = (
        f"import django\ndjango.setup()\n{WAITING}\nfrom tacit.connectors.order_files.command import orders\n"
    )
    process = start(path, program=("-c", program + "orders()"))
    assert process.stdout is not None
    assert process.stdout.readline() == "halfway\n"
    return process


def finish(process: subprocess.Popen[str]) -> Ended:
    """Wait for it. Its memory is sampled: ``ru_maxrss`` would count what this process held when it started it."""
    peak = [0]

    def sample() -> None:
        with contextlib.suppress(psutil.Error):
            while True:
                peak[0] = max(peak[0], psutil.Process(process.pid).memory_info().rss)
                time.sleep(0.02)

    sampler = threading.Thread(target=sample)
    sampler.start()
    said, _ = process.communicate()
    sampler.join()
    return Ended(process.returncode, said, peak[0] / 1024**2)
