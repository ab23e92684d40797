"""Homes for servers of the tests' own, gone afterwards with everything they left on this machine."""

import multiprocessing
import os
import pwd
import shutil
import signal
import sqlite3
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import datetime
from pathlib import Path
from typing import Any

import psutil
import psycopg
import pytest
from psycopg import sql

from tacit.config import backup, postgres
from tacit.config.postgres import binaries, cluster, places
from tacit.core import journal
from tacit.core.models import JournalEntry
from tests.checkout.fake_provider import FakeProvider
from tests.checkout.shopping import buy, fill
from tests.config.backups import MARK, Made, log_of, source_url
from tests.core.test_journal import INSERT, LATE, other_connection

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


READ_SO_FAR = {"slow": 1, "middle": 4, "quick": 100}
TRANSACTIONS = 2500  # more than a new cluster has behind it


@pytest.fixture
def shop(transactional_db: None, kettle: int, provider: FakeProvider, now: datetime) -> None:
    """Orders, readers at several places, and a row that came late: written first, committed second."""
    with other_connection() as late:
        late.autocommit = True
        for _ in range(TRANSACTIONS):
            late.execute("SELECT pg_current_xact_id()")
    for _ in range(3):
        buy(fill(kettle, now=now), now=now)
    with other_connection() as late:
        late.execute("SELECT pg_current_xact_id()")
        buy(fill(kettle, now=now), now=now)
        late.execute(INSERT, [LATE])  # an older transaction, a newer id
    wait_for_readable()
    for name, count in READ_SO_FAR.items():
        journal.read(name, lambda rows: None, now=now, limit=count)
    by_commit = list(JournalEntry.objects.order_by("xid", "id").values_list("id", flat=True))
    assert by_commit != sorted(by_commit), "the late row must stand in the middle"
    place = by_commit.index(max(by_commit)) + 1
    journal.read("at the late row", lambda rows: None, now=now, limit=place)


@pytest.fixture
def made(shop: None, open_folder: Path, now: datetime) -> Made:
    """A backup file, the database it was made of, and its home."""
    old = open_folder / "old"
    (old / "media" / "a").mkdir(parents=True)
    (old / "secret").write_text("s" * 64)
    (old / "media" / "a" / "kettle.png").write_bytes(b"\x89PNG" * 1000)
    (old / "marks").mkdir()
    (old / "marks" / "ours").write_text(MARK)
    (old / "pages").mkdir()
    (old / "pages" / "about.en.md").write_text("# Us")
    (old / "pages" / "notes.md").write_text("no page of the shop")
    (old / "settings.env").write_text(
        f"# ours\nTACIT_SHOP_NAME=Südwind\nTACIT_MARK={old}/marks/ours\nTACIT_PAGES=pages\nDATABASE_URL=x\n"
    )
    for name in backup.PRACTICE:
        with closing(sqlite3.connect(old / name)) as practice:
            practice.execute("CREATE TABLE kept (reference TEXT)")
            practice.execute("INSERT INTO kept VALUES (?)", [name])
            practice.commit()
    file = open_folder / "shop.tacit"
    backup.write(file, url=source_url(), home=old, erased=log_of(old), now=now, say=lambda line: None)
    return file, source_url(), old


@pytest.fixture
def server(home: Path) -> Iterator[Callable[[], str]]:
    """Another cluster; each call gives an empty database on it."""
    with postgres.lease(home, options=QUICK) as url:
        numbers = iter(range(100))

        def another() -> str:
            name = f"empty_{next(numbers)}"
            with psycopg.connect(url, autocommit=True) as connection:
                connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
            return psycopg.conninfo.make_conninfo(url, dbname=name)

        yield another
