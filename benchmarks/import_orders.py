"""Imports all of Online Retail into a fresh database: how long, how much memory, how much work."""

from __future__ import annotations

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import psutil
import psycopg

from tacit.config import postgres

FILE = Path(__file__).resolve().parents[2] / "shared" / "data" / "online_retail.csv.gz"
TACIT = (sys.executable, "-m", "tacit.config.cli")
MEGABYTE = 1_000_000


class Peak(threading.Thread):
    """The most memory a process and its children held together (resident sets), looked at 50 times a second."""

    def __init__(self, pid: int) -> None:
        super().__init__(daemon=True)
        self._process = psutil.Process(pid)
        self._over = threading.Event()
        self.bytes = 0

    def run(self) -> None:
        with suppress(psutil.NoSuchProcess):
            while not self._over.wait(0.02):
                tree = [self._process, *self._process.children(recursive=True)]
                self.bytes = max(self.bytes, sum(each.memory_info().rss for each in tree))

    def stop(self) -> None:
        self._over.set()
        self.join()


@contextmanager
def fresh_home() -> Iterator[Path]:
    folder = Path(tempfile.mkdtemp(prefix="tacit-bench-"))
    folder.chmod(0o755)
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def postmaster(url: str) -> psutil.Process:
    with psycopg.connect(url) as connection:
        row = connection.execute("SELECT pg_backend_pid()").fetchone()
        assert row is not None
        found = psutil.Process(row[0]).parent()
        assert found is not None
        return found


def cpu_of_tree(process: psutil.Process) -> float:
    """CPU seconds of a process, its living children, and those it has buried."""
    own = process.cpu_times()
    total = own.user + own.system + own.children_user + own.children_system
    for child in process.children(recursive=True):
        with suppress(psutil.NoSuchProcess):
            times = child.cpu_times()
            total += times.user + times.system
    return total


def count_lines(url: str) -> int:
    with psycopg.connect(url) as connection:
        row = connection.execute("SELECT count(*) FROM checkout_orderline").fetchone()
        assert row is not None
        return int(row[0])


def measure(file: Path) -> dict[str, float]:
    with fresh_home() as home, postgres.lease(home) as url:
        environment = {**os.environ, "TACIT_HOME": str(home), "DATABASE_URL": url}
        subprocess.run([*TACIT, "migrate"], env=environment, check=True, stdout=subprocess.DEVNULL)
        server = postmaster(url)
        server_before = cpu_of_tree(server)
        begin = time.monotonic()
        importer = subprocess.Popen(
            [*TACIT, "import", "orders", str(file), "--profile", "uci-online-retail", "--stock", "100"],
            env=environment,
            stdout=subprocess.DEVNULL,
        )
        peak = Peak(importer.pid)
        peak.start()
        _, status, usage = os.wait4(importer.pid, 0)
        importer.returncode = os.waitstatus_to_exitcode(status)
        seconds = time.monotonic() - begin
        peak.stop()
        if importer.returncode:
            sys.exit(f"the import ended with {importer.returncode}")
        highest = usage.ru_maxrss * (1024 if sys.platform == "linux" else 1)
        return {
            "lines": count_lines(url),
            "seconds": round(seconds, 1),
            "peak_mb": round(max(peak.bytes, highest) / MEGABYTE, 1),
            "importer_cpu_s": round(usage.ru_utime + usage.ru_stime, 1),
            "postgres_cpu_s": round(cpu_of_tree(server) - server_before, 1),
        }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json", action="store_true", help="one JSON object as the last line")
    parser.add_argument("--file", type=Path, default=FILE, help="a file of the profile uci-online-retail")
    options = parser.parse_args()
    if not options.file.is_file():
        sys.exit(f"There is no file {options.file}; docs/import-orders.md says where it is published.")
    found = measure(options.file)
    print(f"{'lines':24}{found['lines']:>10,}")
    print(f"{'seconds':24}{found['seconds']:>10}   of the importer's process, PostgreSQL included")
    print(f"{'importer, peak':24}{found['peak_mb']:>10}   MB resident")
    print(f"{'importer, CPU':24}{found['importer_cpu_s']:>10}   s")
    print(f"{'PostgreSQL, CPU':24}{found['postgres_cpu_s']:>10}   s")
    if options.json:
        print(json.dumps(found))


if __name__ == "__main__":
    main()
