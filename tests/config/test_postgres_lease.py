"""One server per home, whoever starts, dies or leaves."""

import contextlib
import fcntl
import os
import signal
import time
from collections.abc import Iterator
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

import psutil
import psycopg
import pytest

from tacit.config import postgres
from tacit.config.postgres import PostgresError, cluster, locks, places
from tests.config.conftest import (
    FORK,
    QUICK,
    answers,
    data_of,
    kill_hard,
    postmasters,
    server_processes,
    start_process,
    wait_until,
)

STARTERS = 4


def hold(home: Path, gate: Any, report: Connection) -> None:
    """Lease once the gate opens, say which server, and hold it until the other end is closed."""
    gate.wait()
    try:
        with postgres.lease(home, options=QUICK) as url:
            pid = int((data_of(home) / "postmaster.pid").read_text().splitlines()[0])
            with psycopg.connect(url) as connection:
                connection.execute("SELECT 1")
            report.send(pid)
            with contextlib.suppress(EOFError):
                report.recv()
    except BaseException as error:
        report.send(repr(error))


def start_at_once(home: Path) -> tuple[list[Any], list[Connection], list[object]]:
    gate = FORK.Event()
    ours, processes = [], []
    for _ in range(STARTERS):
        here, there = FORK.Pipe()
        processes.append(start_process(hold, home, gate, there))
        there.close()
        ours.append(here)
    gate.set()
    return processes, ours, [end.recv() for end in ours]


def test_four_starts_at_once_give_one_server(home: Path) -> None:
    processes, ends, servers = start_at_once(home)
    assert len(set(servers)) == 1, servers
    assert [each.pid for each in postmasters(home)] == [servers[0]]
    for number, end in enumerate(ends):
        assert answers(home), f"stopped although {STARTERS - number} still use it"
        end.send("leave")
        processes[number].join(20)
    assert not postmasters(home)


def test_without_the_turn_four_starts_collide(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The control: the lock is what makes it one server."""

    @contextlib.contextmanager
    def no_turn(home: Path) -> Iterator[None]:
        yield

    monkeypatch.setattr(locks, "turn", no_turn)
    processes, ends, servers = start_at_once(home)
    for process in processes:
        process.kill()
    for end in ends:
        end.close()
    assert any(isinstance(server, str) for server in servers) or len(set(servers)) > 1


def test_the_last_lease_stops_the_server_and_keeps_the_data(home: Path) -> None:
    with postgres.lease(home, options=QUICK) as url:
        with psycopg.connect(url) as connection:
            connection.execute("CREATE TABLE kept AS SELECT 42 AS number")
        with postgres.lease(home) as second:
            assert second == url
        assert answers(home)
    assert not postmasters(home)
    assert not (data_of(home) / "postmaster.pid").exists()
    with postgres.lease(home) as url, psycopg.connect(url) as connection:
        assert connection.execute("SELECT number FROM kept").fetchall() == [(42,)]


def test_the_server_is_as_promised(home: Path) -> None:
    with postgres.lease(home, options={"log_statement": "all", "work_mem": "5MB"}) as url:
        assert url == postgres.url(home)
        with psycopg.connect(url) as connection:
            said = dict(connection.execute("SELECT name, setting FROM pg_settings").fetchall())
            role = connection.execute(
                "SELECT rolname, rolsuper, rolcreatedb FROM pg_roles WHERE rolname = current_user"
            ).fetchone()
            provider = connection.execute(
                "SELECT datlocprovider::text, datlocale FROM pg_database WHERE datname = 'tacit'"
            ).fetchone()
    assert role == ("tacit", False, True)
    assert provider == ("b", "C.UTF-8")
    wanted = {
        "listen_addresses": "",
        "server_encoding": "UTF8",
        "TimeZone": "UTC",
        "data_checksums": "on",
        "fsync": "on",
        "log_statement": "all",
        "work_mem": "5120",
        "max_connections": "60",
    }
    assert {name: said[name] for name in wanted} == wanted
    for folder in (data_of(home), places.places(home).store):
        assert folder.stat().st_mode & 0o077 == 0


def append(home: Path, report: Connection) -> None:
    """Commit row after row, and tell of each only when it is acknowledged."""
    with postgres.lease(home, options=None) as url, psycopg.connect(url, autocommit=True) as connection:
        connection.execute("CREATE TABLE IF NOT EXISTS orders (number integer)")
        for number in range(1_000_000):
            connection.execute("INSERT INTO orders VALUES (%s)", [number])
            report.send(number)


def test_nothing_acknowledged_is_lost_when_everything_is_killed(home: Path) -> None:
    here, there = FORK.Pipe()
    client = start_process(append, home, there)
    there.close()
    acknowledged = -1
    while acknowledged < 200:
        acknowledged = here.recv()
    kill_hard(psutil.Process(client.pid), *server_processes(home))
    with contextlib.suppress(EOFError):
        while here.poll():
            acknowledged = here.recv()
    assert (data_of(home) / "postmaster.pid").exists(), (
        "a killed server leaves its file, and we leave it alone"
    )
    with postgres.lease(home) as url, psycopg.connect(url) as connection:
        found = {number for (number,) in connection.execute("SELECT number FROM orders").fetchall()}
    assert found >= set(range(acknowledged + 1))
    assert not postmasters(home)


def keep_busy(url: str) -> None:
    with contextlib.suppress(psycopg.Error), psycopg.connect(url) as connection:
        connection.execute("SELECT count(*) FROM generate_series(1, 1e9::bigint) AS n WHERE n % 7 = 3")


@pytest.fixture
def orphaned(home: Path) -> Iterator[psutil.Process]:
    """A backend that still works, and holds the memory, after its server was killed."""
    with postgres.lease(home, options=QUICK) as url:
        start_process(keep_busy, url)
        wait_until(lambda: _busy(home))
        backend = _busy(home)[0]
        kill_hard(*postmasters(home))
        yield backend


def _busy(home: Path) -> list[psutil.Process]:
    """Ours alone has burnt a tenth of a second."""
    return [
        each
        for each in server_processes(home)
        if " tacit tacit " in " ".join(each.cmdline()) and each.cpu_times().user > 0.1
    ]


def test_a_start_waits_for_what_is_left_of_a_killed_server(orphaned: psutil.Process, home: Path) -> None:
    begin = time.monotonic()
    release = start_process(_kill_later, orphaned.pid)
    with postgres.lease(home) as url, psycopg.connect(url) as connection:
        connection.execute("SELECT 1")
    assert time.monotonic() - begin > 1.5
    release.join()


def _kill_later(pid: int) -> None:
    time.sleep(2)
    os.kill(pid, signal.SIGKILL)


def test_without_patience_the_same_start_fails(
    orphaned: psutil.Process, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The control: what is left of the server does stand in the way."""
    monkeypatch.setattr(cluster, "START_PATIENCE", 0.0)
    with pytest.raises(PostgresError, match="shared memory"), postgres.lease(home):
        pass
    orphaned.kill()


def test_a_server_whose_users_were_killed_is_adopted_and_then_stopped(home: Path) -> None:
    gate, (here, there) = FORK.Event(), FORK.Pipe()
    gate.set()
    user = start_process(hold, home, gate, there)
    server = here.recv()
    kill_hard(psutil.Process(user.pid))
    assert answers(home)
    with (home / "postgres.users.lock").open() as file:  # the server itself does not count as a user
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    with postgres.lease(home):
        assert [each.pid for each in postmasters(home)] == [server]
    assert not postmasters(home)


def test_other_settings_wait_for_the_users_to_leave(home: Path) -> None:
    with postgres.lease(home, options=QUICK):
        with pytest.raises(PostgresError, match="other settings"), postgres.lease(home, options={}):
            pass
        assert answers(home)
    gate, (here, there) = FORK.Event(), FORK.Pipe()
    gate.set()
    user = start_process(hold, home, gate, there)
    here.recv()
    kill_hard(psutil.Process(user.pid))
    with postgres.lease(home, options={"work_mem": "6MB"}) as url, psycopg.connect(url) as connection:
        assert connection.execute("SHOW work_mem").fetchone() == ("6MB",)


def test_a_socket_deleted_under_the_server_is_made_again(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cluster, "SETTLE_SECONDS", 0.2)
    gate, (here, there) = FORK.Event(), FORK.Pipe()
    gate.set()
    user = start_process(hold, home, gate, there)
    here.recv()
    kill_hard(psutil.Process(user.pid))
    for file in places.places(home).sockets.iterdir():
        file.unlink()
    with postgres.lease(home) as url, psycopg.connect(url) as connection:
        connection.execute("SELECT 1")


def test_a_lock_file_of_another_program_with_the_same_number_is_not_stopped(home: Path) -> None:
    with postgres.lease(home, options=QUICK):
        pass
    innocent = start_process(time.sleep, 60)
    where = places.places(home)
    (where.data / "postmaster.pid").write_text(
        f"{innocent.pid}\n{where.data}\n0\n5432\n{where.sockets}\n\n\n"
    )
    assert cluster.running(where) is None
    cluster.stop(where)
    assert innocent.is_alive()
    innocent.kill()


def test_the_database_is_the_one_that_is_named(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", "postgresql://elsewhere/shop")
    with postgres.database(home) as url:
        assert url == "postgresql://elsewhere/shop"
    assert not postmasters(home)
    monkeypatch.delenv("DATABASE_URL")
    with postgres.database(home, options=QUICK) as url:
        assert os.environ["DATABASE_URL"] == url
        assert postmasters(home)
    assert "DATABASE_URL" not in os.environ
