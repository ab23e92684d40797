"""A backup becomes the same shop on another server, or nothing at all."""

from __future__ import annotations

import json
import os
import sqlite3
import subprocess
import sys
import tarfile
import threading
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import datetime
from pathlib import Path
from typing import Any

import psycopg
import pytest
from psycopg import sql

from tacit.config import backup, pgtools, postgres, restore
from tacit.config.backup import BackupError, Manifest
from tacit.config.pgtools import ToolError
from tacit.core import journal
from tacit.core.models import JournalEntry
from tests.checkout.fake_provider import FakeProvider
from tests.checkout.shopping import buy, fill
from tests.config.conftest import QUICK, wait_for_readable
from tests.core.test_journal import INSERT, LATE, other_connection

READ_SO_FAR = {"slow": 1, "middle": 4, "quick": 100}
MARK = '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 1 1"/>'
TRANSACTIONS = 2500  # more than a new cluster has behind it

Made = tuple[Path, str, Path]


def source_url() -> str:
    from django.db import connection

    parts = connection.settings_dict
    known = {"dbname": "NAME", "user": "USER", "password": "PASSWORD", "host": "HOST", "port": "PORT"}
    given = {ours: str(parts[theirs]) for ours, theirs in known.items() if parts[theirs]}
    return psycopg.conninfo.make_conninfo(**given)


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
    backup.write(file, url=source_url(), home=old, now=now, say=lambda line: None)
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


def bring_back(file: Path, url: str, home: Path, **changes: Any) -> Manifest | None:
    arguments = {"known": restore.own_migrations(), "agree": None, "say": lambda line: None, **changes}
    return restore.restore(file, url=url, home=home, **arguments)


def rows(url: str) -> dict[str, list[tuple[Any, ...]]]:
    """All rows of all tables as text; of transaction ids, which are a server's own, only their order."""
    with psycopg.connect(url) as connection:
        names = connection.execute(
            "SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind = 'r'"
        ).fetchall()
        found = {}
        for (name,) in names:
            table = sql.Identifier(name)
            read = sql.SQL("SELECT to_jsonb(t) - 'xid' FROM {} t ORDER BY t.*::text").format(table)
            found[name] = sorted(str(row) for row in connection.execute(read).fetchall())
        sequences = connection.execute(
            "SELECT sequencename, last_value FROM pg_sequences ORDER BY 1"
        ).fetchall()
    return {**found, "sequences": sequences}


def what_readers_get(url: str, home: Path) -> dict[str, Any]:
    done = subprocess.run(
        [sys.executable, "-m", "tests.config.journal_reader"],
        env=os.environ
        | {"DATABASE_URL": url, "TACIT_HOME": str(home), "DJANGO_SETTINGS_MODULE": "tacit.config.settings"},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return dict(json.loads(done.stdout))


def owed() -> dict[str, list[int]]:
    """What each reader has not read yet, in the database of the tests."""
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT r.name, array_agg(e.id ORDER BY e.id) FILTER (WHERE e.id IS NOT NULL)"
            " FROM core_journalreader r LEFT JOIN core_journalentry e ON (e.xid, e.id) > (r.xid, r.entry)"
            " GROUP BY 1"
        )
        found = {name: entries or [] for name, entries in cursor.fetchall()}
    return {**found, "newcomer": sorted(JournalEntry.objects.values_list("id", flat=True))}


def go_on(url: str, home: Path) -> bool:
    """Whether every reader gets exactly what it had not read, and then the row written next."""
    got = what_readers_get(url, home)
    return {name: sorted(ids) for name, ids in got["rest"].items()} == owed() and set(
        got["then"].values()
    ) == {1}


def test_it_is_the_same_row_for_row_and_readers_go_on(
    made: Made, server: Callable[[], str], open_folder: Path
) -> None:
    file, source, old = made
    new, url = open_folder / "new", server()
    manifest = bring_back(file, url, new)
    assert manifest
    assert rows(url) == rows(source)
    assert len(rows(url)["checkout_order"]) == 4
    for name in ("secret", "media/a/kettle.png"):
        assert (new / name).read_bytes() == (old / name).read_bytes()
    assert (new / "secret").stat().st_mode & 0o777 == 0o600
    for name in backup.PRACTICE:
        with closing(sqlite3.connect(new / name)) as practice:
            assert practice.execute("SELECT * FROM kept").fetchall() == [(name,)]
    own = ["settings.env", "marks", "pages"]
    assert sorted(path.name for path in new.iterdir()) == sorted(["media", "secret", *backup.PRACTICE, *own])
    assert sum(map(len, owed().values())) > len(owed())
    assert go_on(url, new)
    with psycopg.connect(url) as connection, pytest.raises(psycopg.Error, match="append-only"):
        connection.execute("UPDATE core_journalentry SET kind = 'x'")


def test_the_merchants_own_files_come_back_where_there_are_none(
    made: Made, server: Callable[[], str], open_folder: Path
) -> None:
    new, there = open_folder / "new", open_folder / "there"
    bring_back(made[0], server(), new)
    assert (new / "settings.env").read_text() == (
        "# ours\nTACIT_SHOP_NAME=Südwind\nTACIT_MARK=marks/ours\nTACIT_PAGES=pages\n"
    ), "its mark is that of this home, its database the one it was brought back to"
    assert (new / "settings.env").stat().st_mode & 0o777 == 0o600
    assert (new / "marks" / "ours").read_text() == MARK
    assert [file.name for file in (new / "pages").iterdir()] == ["about.en.md"]

    there.mkdir()
    (there / "settings.env").write_text("TACIT_SHOP_NAME=Kept\n")
    (there / "marks").write_text("a file in the way")
    said: list[str] = []
    bring_back(made[0], server(), there, say=said.append)
    assert (there / "settings.env").read_text() == "TACIT_SHOP_NAME=Kept\n"
    assert (there / "marks").read_text() == "a file in the way"
    assert (there / "pages" / "about.en.md").exists()
    assert [line for line in said if "stays as it is" in line] == [
        f"{there}/marks/ours stays as it is; the backup has another.",
        f"{there}/settings.env stays as it is; the backup has another.",
    ]


def test_a_mark_outside_the_home_is_named(
    made: Made, open_folder: Path, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    _, url, old = made
    said: list[str] = []
    monkeypatch.setenv("TACIT_MARK", "/elsewhere/mark.svg")
    backup.write(open_folder / "second", url=url, home=old, now=now, say=said.append)
    assert f"Not in it, because it lies outside {old}: TACIT_MARK=/elsewhere/mark.svg" in said


@pytest.mark.parametrize(
    "guard_off",
    [
        pytest.param("SET search_path = public;", id="ids of the old cluster"),
        pytest.param(
            "SET search_path = public; ALTER TABLE core_journalentry DISABLE TRIGGER journal_append_only;"
            "UPDATE core_journalentry SET xid = '1'; UPDATE core_journalreader SET xid = '1';",
            id="one id for all",
        ),
    ],
)
def test_the_control_without_new_transaction_ids_readers_do_not_go_on(
    made: Made,
    server: Callable[[], str],
    open_folder: Path,
    monkeypatch: pytest.MonkeyPatch,
    guard_off: str,
) -> None:
    monkeypatch.setattr(restore, "JOURNAL_READY", guard_off)
    url = server()
    bring_back(made[0], url, open_folder / "new")
    assert not go_on(url, open_folder / "new")


def test_only_the_journal_keeps_transaction_ids(db: None) -> None:
    """Another column of this type would need its place in core.restored."""
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT table_name, column_name FROM information_schema.columns WHERE udt_name = 'xid8'"
        )
        assert set(cursor.fetchall()) == {("core_journalentry", "xid"), ("core_journalreader", "xid")}


def test_it_replaces_a_shop_only_when_told_and_wholly_or_not(
    made: Made, server: Callable[[], str], open_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file, source, _ = made
    new, url = open_folder / "new", server()
    bring_back(file, url, new)
    with psycopg.connect(url) as connection:
        connection.execute("CREATE TYPE mood AS ENUM ('ok'); CREATE TABLE of_theirs (mood mood)")
        connection.execute("UPDATE checkout_order SET status = 'cancelled'")
    (new / "secret").write_text("another")
    (new / "media" / "new.png").write_bytes(b"x")
    before = rows(url)
    with pytest.raises(BackupError, match=r"--replace would destroy:\n  database empty_0: all 4\d tables"):
        bring_back(file, url, new)
    assert bring_back(file, url, new, agree=lambda present: False) is None
    with monkeypatch.context() as broken, pytest.raises(ToolError, match=r"as it was: .*division by zero"):
        broken.setattr(restore, "JOURNAL_READY", "SELECT 1/0;")
        bring_back(file, url, new, agree=lambda present: True)
    assert rows(url) == before
    assert (new / "secret").read_text() == "another"
    asked: list[str] = []
    bring_back(file, url, new, agree=lambda present: asked.extend(present.lines()) is None)
    assert len(asked) == 3
    assert rows(url) == rows(source)
    assert (new / "secret").read_text() == "s" * 64
    assert not (new / "media" / "new.png").exists()


def test_it_refuses_while_somebody_uses_the_database(
    made: Made, server: Callable[[], str], open_folder: Path
) -> None:
    url = server()
    with psycopg.connect(url), pytest.raises(BackupError, match="1 other connections use the database"):
        bring_back(made[0], url, open_folder / "new")
    assert not (open_folder / "new").exists()


def test_it_refuses_while_the_embedded_server_is_used(home: Path) -> None:
    file = home.parent / "any.tacit"
    with postgres.lease(home, options=QUICK):
        done = subprocess.run(
            [sys.executable, "-m", "tacit.config.cli", "restore", str(file)],
            env=os.environ | {"TACIT_HOME": str(home)},
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
    assert done.returncode == 1
    assert done.stderr.startswith(f"Error: The shop in {home} runs")


def repack(file: Path, target: Path, change: Callable[[dict[str, bytes]], None]) -> Path:
    """The backup with its files changed."""
    import io

    with tarfile.open(file) as tar:
        parts = {entry.name: tar.extractfile(entry).read() for entry in tar}  # type: ignore[union-attr]
    change(parts)
    with tarfile.open(target, "w") as tar:
        for name, body in parts.items():
            entry = tarfile.TarInfo(name)
            entry.size = len(body)
            tar.addfile(entry, io.BytesIO(body))
    return target


def edit(**changes: Any) -> Callable[[dict[str, bytes]], None]:
    def change(parts: dict[str, bytes]) -> None:
        parts["manifest.json"] = json.dumps(json.loads(parts["manifest.json"]) | changes).encode()

    return change


def escape(parts: dict[str, bytes]) -> None:
    manifest = json.loads(parts["manifest.json"])
    parts["home/media/../../escaped"] = parts.pop("home/secret")
    manifest["files"]["home/media/../../escaped"] = manifest["files"].pop("home/secret")
    parts["manifest.json"] = json.dumps(manifest).encode()


def overwrite(parts: dict[str, bytes]) -> None:
    manifest = json.loads(parts["manifest.json"])
    parts["own/secret"] = parts.pop("home/secret")
    manifest["files"]["own/secret"] = manifest["files"].pop("home/secret")
    parts["manifest.json"] = json.dumps(manifest).encode()


def flip(parts: dict[str, bytes]) -> None:
    body = parts["database.dump"]
    parts["database.dump"] = body[:-100] + bytes([body[-100] ^ 1]) + body[-99:]


DAMAGE: list[tuple[Any, str]] = [
    (flip, "the checksum of database.dump is wrong"),
    (lambda parts: parts.pop("home/secret"), "home/secret is missing"),
    (lambda parts: parts.update(more=b"x"), "'more' is not what its manifest says"),
    (escape, "escaped' is not what its manifest says"),
    (lambda parts: parts.update({"manifest.json": b"{"}), "manifest of .* cannot be read"),
    (overwrite, "own/secret' is not what its manifest says"),
    (edit(format=2), "has the format 2; this version reads 1"),
    (edit(server=99), "is of PostgreSQL 99, this server is"),
    (edit(migrations=["core.0999_later"], tacit="9.9"), r"made by Tacit 9\.9, which is newer"),
]


def test_a_damaged_or_newer_backup_changes_nothing(
    made: Made, server: Callable[[], str], open_folder: Path
) -> None:
    file, _, _ = made
    url, new, changed = server(), open_folder / "new", open_folder / "changed"
    whole = file.read_bytes()
    for change, words in DAMAGE:
        with pytest.raises(BackupError, match=words):
            bring_back(repack(file, changed, change), url, new)
    for kept in (0, 100, 600, len(whole) // 2):
        changed.write_bytes(whole[:kept])
        with pytest.raises(BackupError, match="damaged"):
            bring_back(changed, url, new)
    assert not new.exists() or not list(new.iterdir())
    assert rows(url) == {"sequences": []}
    assert not (open_folder / "escaped").exists()
    assert bring_back(repack(file, changed, lambda parts: None), url, new), "unchanged it is taken"


def test_it_is_private_never_overwrites_and_leaves_nothing_half_written(
    made: Made, open_folder: Path, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    file, url, old = made
    assert file.stat().st_mode & 0o777 == 0o600
    before = file.read_bytes()
    with pytest.raises(BackupError, match="there already"):
        backup.write(file, url=url, home=old, now=now, say=lambda line: None)
    assert file.read_bytes() == before
    monkeypatch.setattr(backup, "pack", lambda *a, **k: (_ for _ in ()).throw(OSError("no space left")))
    listed = sorted(open_folder.iterdir())
    with pytest.raises(BackupError, match="no space left"):
        backup.write(open_folder / "second", url=url, home=old, now=now, say=lambda line: None)
    assert sorted(open_folder.iterdir()) == listed


def test_two_backups_of_one_name_make_one(shop: None, open_folder: Path, now: datetime) -> None:
    outcomes: list[str] = []

    def run() -> None:
        try:
            backup.write(
                open_folder / "same", url=source_url(), home=open_folder, now=now, say=lambda line: None
            )
            outcomes.append("made")
        except BackupError as error:
            outcomes.append("refused" if "choose another name" in str(error) else str(error))

    threads = [threading.Thread(target=run) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes) == ["made", "refused"]


def test_the_server_says_what_programs_it_needs_and_no_password_is_shown() -> None:
    with pytest.raises(ToolError, match=r"PostgreSQL 99 and needs .* \(on Debian: postgresql-client-99\)"):
        pgtools.tools_for(99)
    assert pgtools.tools_for(14).major >= 14
    address, environment = pgtools.access("postgresql://ana:geheim@db.example/shop?sslmode=require")
    assert "geheim" not in address
    assert environment["PGPASSWORD"] == "geheim"
    assert "sslmode=require" in address
