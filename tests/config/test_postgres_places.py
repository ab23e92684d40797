"""Who runs the server and where it lives: root, an ordinary user, closed folders, strangers in the way."""

import os
import pwd
import shutil
import sys
import traceback
from multiprocessing.connection import Connection
from pathlib import Path

import psycopg
import pytest

from tacit.config import postgres
from tacit.config.postgres import PostgresError, binaries, cluster, places
from tacit.config.postgres.account import Account, closed_to
from tests.config.conftest import FORK, OTHER_USER, QUICK, become, needs_root, postmasters, start_process


def use(home: Path) -> int:
    """Lease once; the user id under which the server ran."""
    with postgres.lease(home, options=QUICK) as url, psycopg.connect(url) as connection:
        assert connection.execute("SELECT current_user").fetchone() == ("tacit",)
        return postmasters(home.parent)[0].uids().effective


@needs_root
def test_root_has_it_run_by_another_user(home: Path) -> None:
    uid = use(home)
    assert pwd.getpwuid(uid).pw_name in ("postgres", "nobody")
    assert places.places(home).data.stat().st_uid == uid
    assert home.stat().st_uid == 0


def _as_other_user(home: Path, report: Connection) -> None:
    become(OTHER_USER)
    try:
        report.send(use(home))
    except BaseException:
        report.send(traceback.format_exc())


@pytest.fixture
def reachable_wheel(open_folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A copy of the wheel that everybody reaches, in case this checkout is closed."""
    wheel = copy_of_wheel(open_folder / "wheel")  # found now: another user may not look into this checkout
    monkeypatch.setattr(binaries, "package", lambda: wheel)
    binaries.open_up(open_folder / "wheel")


def copy_of_wheel(folder: Path) -> Path:
    source = binaries_package()
    target = folder / source.name
    if not target.exists():
        for name in (source.name, f"{source.name}.libs"):
            if (source.parent / name).exists():
                ignored = shutil.ignore_patterns("pginstall", "*.a", "pgxs", "include")
                shutil.copytree(source.parent / name, folder / name, ignore=ignored)
    return target


binaries_package = binaries.package


@needs_root
@pytest.mark.usefixtures("reachable_wheel")
def test_an_ordinary_user_runs_it_alone_and_root_joins_in(home: Path) -> None:
    other = pwd.getpwnam(OTHER_USER)
    os.chown(home, other.pw_uid, other.pw_gid)
    here, there = FORK.Pipe()
    process = start_process(_as_other_user, home, there)
    assert here.recv() == other.pw_uid
    process.join(20)
    assert {file.stat().st_uid for file in home.iterdir()} == {other.pw_uid}
    assert use(home) == other.pw_uid  # root now: by the owner of the data, and let in


@needs_root
def test_a_home_of_root_is_refused_to_others_in_words(home: Path) -> None:
    use(home)
    here, there = FORK.Pipe()
    start_process(_as_other_user, home, there)
    words = here.recv()
    assert "PostgresError" in words
    assert "belongs to another user" in words


@needs_root
def test_a_closed_home_has_its_data_outside(open_folder: Path, home: Path, shared: Path) -> None:
    before = home.stat()
    home.chmod(0o700)
    use(home)
    assert not (home / "postgres").exists()
    store = places.places(home).store
    assert store.parent == shared
    assert store.stat().st_mode & 0o777 == 0o700
    assert home.stat().st_mode & 0o777 == 0o700
    assert home.stat().st_uid == before.st_uid
    home.chmod(0o755)
    assert places.places(home).store == store, "data once outside stay there, or a shop would look empty"


@needs_root
def test_a_home_closed_later_is_an_error_and_no_empty_shop(home: Path) -> None:
    use(home)
    home.chmod(0o700)
    with pytest.raises(PostgresError, match=rf"{home} is closed"):
        use(home)
    home.chmod(0o755)
    use(home)


@needs_root
def test_programs_in_a_closed_checkout_are_copied_once(
    open_folder: Path, home: Path, shared: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    closed = open_folder / "closed"
    wheel = copy_of_wheel(closed)
    closed.chmod(0o700)
    monkeypatch.setattr(binaries, "package", lambda: wheel)
    use(home)
    copy = shared / f"postgres-{binaries.wheel_version()}"
    made = copy.stat()
    assert closed.stat().st_mode & 0o777 == 0o700
    assert made.st_uid == 0
    use(home)
    assert copy.stat().st_ino == made.st_ino
    (copy / binaries.WHEEL / binaries.FOLDER / "bin" / "initdb").write_text("cut off")
    use(home)
    assert copy.stat().st_ino != made.st_ino, "a broken copy is made again"
    assert [each.name for each in shared.iterdir()] == [copy.name]


def test_a_socket_path_too_long_for_the_system_is_an_error(
    home: Path, open_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TACIT_SOCKET_DIR", str(open_folder / ("long" * 20)))
    with pytest.raises(PostgresError, match="TACIT_SOCKET_DIR"):
        use(home)
    short = open_folder / "s"
    short.mkdir()
    monkeypatch.setenv("TACIT_SOCKET_DIR", str(short))
    with postgres.lease(home, options=QUICK) as url:
        assert str(short).replace("/", "%2F") in url
        monkeypatch.delenv("TACIT_SOCKET_DIR")
        with postgres.lease(home) as second:
            assert second == url, "a running server says itself where it listens"


@needs_root
@pytest.mark.parametrize("trap", ["link", "folder of another user", "file"])
def test_a_socket_folder_laid_by_another_user_is_refused(home: Path, open_folder: Path, trap: str) -> None:
    sockets = places.places(home).sockets
    elsewhere = open_folder / "elsewhere"
    elsewhere.mkdir()
    stranger = next(each.pw_uid for each in pwd.getpwall() if each.pw_uid not in (0, server_uid(home)))
    try:
        if trap == "link":
            sockets.symlink_to(elsewhere)
        elif trap == "file":
            sockets.write_text("")
        else:
            sockets.mkdir()
            os.chown(sockets, stranger, -1)
        with pytest.raises(PostgresError, match="is there already"):
            use(home)
        assert not list(elsewhere.iterdir())
        assert elsewhere.stat().st_uid == 0
        assert cluster.look(places.places(home)).state is cluster.State.ABSENT
    finally:
        if trap == "folder of another user":
            sockets.rmdir()
        else:
            sockets.unlink()


def server_uid(home: Path) -> int:
    return places.places(home).account.uid


def test_what_cannot_work_is_said_at_once(home: Path) -> None:
    for options, words in (
        ({"shared_buffers": "a lot"}, "shared_buffers"),
        ({"no such": "1"}, "not the name of a PostgreSQL setting"),
    ):
        with pytest.raises(PostgresError, match=words), postgres.lease(home, options=options):
            pass
    use(home)
    (places.places(home).data / "PG_VERSION").write_text("16\n")
    with pytest.raises(PostgresError, match="PostgreSQL 16"):
        use(home)


def test_an_interrupted_first_start_leaves_nothing_half_made(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = binaries.run

    def cut_off(program: Path, *arguments: str, **named: object) -> str:
        if "--single" in arguments:
            raise KeyboardInterrupt
        return run(program, *arguments, **named)  # type: ignore[arg-type]

    monkeypatch.setattr(binaries, "run", cut_off)
    with pytest.raises(KeyboardInterrupt):
        use(home)
    assert not places.places(home).data.exists()
    monkeypatch.setattr(binaries, "run", run)
    use(home)


def test_another_system_is_told_of_database_url(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "platform", "win32")
    with pytest.raises(PostgresError, match="DATABASE_URL"):
        binaries.package()


def test_closed_to_names_the_first_closed_folder(open_folder: Path) -> None:
    inner = open_folder / "a" / "b"
    inner.mkdir(parents=True)
    (open_folder / "a").chmod(0o750)
    group = (open_folder / "a").stat().st_gid
    stranger = Account("stranger", 4_000_000, 4_000_000, (), switched=True)
    member = Account("member", 4_000_000, 4_000_000, (group,), switched=True)
    assert closed_to(stranger, inner) == open_folder / "a"
    assert closed_to(stranger, inner / "not" / "there") == open_folder / "a"
    assert closed_to(member, inner) is None
