"""From a fresh clone to the first page, in seconds; then a start with everything in place."""

from __future__ import annotations

import argparse
import http.client
import os
import shutil
import signal
import subprocess
import tempfile
import time
from pathlib import Path

from benchmarks.harness import report
from benchmarks.harness.browser import HOST
from benchmarks.harness.house import FIRST_PORT, FOREIGN, ROOT

from tacit.config import free_port

PATIENCE = 600.0
STOP_SECONDS = 60
GOALS = {"cold_start_s": "≤ 180", "warm_start_s": "≤ 8"}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json", action="store_true", help="one JSON object as the last line")
    given = parser.parse_args()
    folder = Path(tempfile.mkdtemp(prefix="tacit-cold-"))
    folder.chmod(0o755)
    try:
        clone = folder / "tacit"
        begin = time.monotonic()
        subprocess.run(["git", "clone", "--quiet", str(ROOT), str(clone)], check=True)
        cloned = time.monotonic() - begin
        cold = start(clone)
        warm = start(clone)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    values = {"clone_s": cloned, "cold_start_s": cloned + cold, "warm_start_s": warm}
    print(f"The committed state, cloned; package cache as it was. {report.machine()}\n")
    report.table(
        [(name, value, GOALS.get(name, "")) for name, value in values.items()], ("", "seconds", "goal")
    )
    if given.json:
        report.as_json(values)


def start(clone: Path) -> float:
    """Seconds from `bin/demo` to the first page; the demo is stopped afterwards."""
    port = free_port.free(HOST, FIRST_PORT)
    environment = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith((*FOREIGN, "VIRTUAL_ENV", "PYTHONPATH"))
    }
    begin = time.monotonic()
    demo = subprocess.Popen(
        ["bash", "bin/demo", f"--port={port}"],
        cwd=clone,
        env=environment,
        stdout=subprocess.DEVNULL,
        start_new_session=True,
    )
    try:
        while not answers(port):
            if demo.poll() is not None:
                raise SystemExit(f"bin/demo ended with {demo.returncode}")
            if time.monotonic() - begin > PATIENCE:
                raise SystemExit(f"no page after {PATIENCE:.0f} s")
            time.sleep(0.05)
        return time.monotonic() - begin
    finally:
        demo.send_signal(signal.SIGINT)
        try:
            demo.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            os.killpg(demo.pid, signal.SIGKILL)


def answers(port: int) -> bool:
    """Whether the first page is there, whole."""
    connection = http.client.HTTPConnection(HOST, port, timeout=10)
    try:
        connection.request("GET", "/")
        answer = connection.getresponse()
        return answer.status == 200 and b"</html>" in answer.read()
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()


if __name__ == "__main__":
    main()
