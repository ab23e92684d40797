"""`bin/demo` from the first start to Ctrl-C, a kill and the next start."""

import http.client
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import psutil
import pytest

from tacit.config import free_port
from tests.config.conftest import kill_hard, postmasters, wait_until


@contextmanager
def demo(home: Path, port: int) -> Iterator[tuple[psutil.Process, Path]]:
    """A demo that is ready, and the file with what it says."""
    said = home.parent / "said"
    with said.open("wb") as output:
        process = subprocess.Popen(
            [sys.executable, "-m", "tacit.config.cli", "demo", f"--port={port}"],
            env=os.environ | {"TACIT_HOME": str(home)},
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    try:
        wait_until(lambda: "Ctrl-C" in said.read_text() or process.poll() is not None, 120)
        assert process.poll() is None, said.read_text()
        yield psutil.Process(process.pid), said
    finally:
        process.send_signal(signal.SIGINT)
        process.wait(60)


def fresh(home: Path, *arguments: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [sys.executable, "-m", "tacit.config.cli", "demo", "--fresh", *arguments],
        env=os.environ | {"TACIT_HOME": str(home)},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def page(address: str) -> tuple[int, str]:
    host, _, port = address.removeprefix("http://").partition(":")
    with closing(http.client.HTTPConnection(host, int(port), timeout=10)) as connection:
        connection.request("GET", "/")
        answer = connection.getresponse()
        return answer.status, answer.read().decode()


def is_open(address: str, shop: str) -> bool:
    try:
        return page(address) == (200, shop)
    except OSError:
        return False


def test_from_first_start_to_the_next(home: Path) -> None:
    first_port = free_port.free("127.0.0.1", 8600)
    address = f"http://127.0.0.1:{first_port}"
    with demo(home, first_port) as (process, said):
        assert address in said.read_text()
        assert "staff@example.com" in said.read_text()
        status, shop = page(address)
        assert status == 200
        children = process.children(recursive=True)
        secret = (home / "secret").read_text()
        assert (home / "secret").stat().st_mode & 0o777 == 0o600
        kill_hard(process)
        gone, left = psutil.wait_procs(children, timeout=10)
        assert not left, "they outlive a killed demo"
        assert len(gone) >= 4  # provider, worker, web and its workers
        assert postmasters(home), "the server is left, for the next start"
        with pytest.raises(OSError, match="refused"):
            page(address)
    with demo(home, first_port) as (process, said):
        assert page(address) == (200, shop), "the data are kept"
        assert (home / "secret").read_text() == secret
        taken = subprocess.run(
            [sys.executable, "-m", "tacit.config.cli", "demo"],
            env=os.environ | {"TACIT_HOME": str(home)},
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        assert taken.stdout == f"The demo runs already: {address}\n"
        refused = fresh(home, "--yes")
        assert refused.returncode == 1
        assert "runs" in refused.stderr
        kill_hard(*postmasters(home))
        begin = time.monotonic()
        wait_until(lambda: is_open(address, shop), 15)
        print(f"open again {time.monotonic() - begin:.1f} s after PostgreSQL was killed")
        assert said.read_text().count("PostgreSQL had stopped and runs again.") == 1
        children = process.children(recursive=True)
        process.send_signal(signal.SIGINT)
        wait_until(lambda: not psutil.pid_exists(process.pid) or process.status() == psutil.STATUS_ZOMBIE, 40)
        assert not [each for each in children if each.is_running() and each.status() != psutil.STATUS_ZOMBIE]
        assert not postmasters(home)
        assert re.search(r"Stopping …\s+Stopped", said.read_text())
