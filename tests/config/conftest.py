"""Homes for servers of the tests' own, gone afterwards with everything they left on this machine."""

import multiprocessing
import os
import pwd
import shutil
import signal
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import psutil
import pytest

from tacit.config.postgres import binaries, cluster, places

FORK = multiprocessing.get_context("fork")
QUICK = {"fsync": "off", "full_page_writes": "off"}
OTHER_USER = "nobody"

needs_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root can become another user")


@pytest.fixture(autouse=True)
def unnamed_database(monkeypatch: pytest.MonkeyPatch) -> None:
    """These tests look after servers themselves."""
    monkeypatch.delenv("DATABASE_URL", raising=False)


@pytest.fixture
def open_folder() -> Iterator[Path]:
    """An empty folder that every user may enter (pytest's own are closed)."""
    folder = Path(tempfile.mkdtemp(prefix="tacit-test-"))
    folder.chmod(0o755)
    yield folder
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture
def shared(open_folder: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """In place of /var/lib/tacit."""
    folder = open_folder / "shared"
    monkeypatch.setattr(binaries, "SHARED", folder)
    return folder


@pytest.fixture
def home(open_folder: Path, shared: Path) -> Iterator[Path]:
    """A home nobody has used; servers that still run there afterwards are killed."""
    folder = open_folder / "home"
    folder.mkdir()
    yield folder
    for process in server_processes(open_folder):
        process.kill()
    for uid in {os.geteuid(), pwd.getpwnam(OTHER_USER).pw_uid}:
        for base in ("/run", "/tmp"):
            for store in (folder / "postgres", *shared.glob("data-*")):
                shutil.rmtree(f"{base}/tacit-{uid}-{places.digest(store)}", ignore_errors=True)


def postmasters(folder: Path) -> list[psutil.Process]:
    """The servers (not their children) whose data are somewhere in `folder`."""
    found = []
    for process in psutil.process_iter(["cmdline", "status"]):
        words = process.info["cmdline"] or []
        if "-D" in words and any(str(folder) in word for word in words) and "postgres" in words[0]:
            found.append(process)
    return found


def server_processes(folder: Path) -> list[psutil.Process]:
    """Servers in `folder` with all their children."""
    return [each for server in postmasters(folder) for each in (server, *server.children(recursive=True))]


def start_process(act: Callable[..., Any], *arguments: Any) -> Any:
    """A process that runs `act`, forked, so that it may become a user who cannot read this Python."""
    process = FORK.Process(target=act, args=arguments, daemon=True)
    process.start()
    return process


def become(name: str) -> None:
    """Let this process go on as another user, for good."""
    entry = pwd.getpwnam(name)
    os.setgroups([])
    os.setgid(entry.pw_gid)
    os.setuid(entry.pw_uid)


def wait_until(question: Callable[[], object], seconds: float = 20) -> None:
    begin = time.monotonic()
    while not question():
        assert time.monotonic() - begin < seconds, "it did not happen in time"
        time.sleep(0.05)


def wait_for_readable() -> None:
    """Until readers may read all of the journal: another run's open transaction on this server holds them back."""
    from django.db import connection

    def readable() -> bool:
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT count(*) = 0 FROM core_journalentry WHERE xid >= pg_snapshot_xmin(pg_current_snapshot())"
            )
            return bool(cursor.fetchone()[0])

    wait_until(readable, 120)


def kill_hard(*processes: psutil.Process) -> None:
    for process in processes:
        process.send_signal(signal.SIGKILL)
    psutil.wait_procs(processes, timeout=10)


def data_of(home: Path) -> Path:
    return places.places(home).data


def answers(home: Path) -> bool:
    return cluster.look(places.places(home)).state is cluster.State.READY
