"""A backup becomes the same shop on another server, or nothing at all."""

from __future__ import annotations

import json
import os
import sqlite3
import subprocess
import sys
import threading
import urllib.request
from collections.abc import Callable
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import psycopg
import pytest

from tacit.config import backup, erasures, free_port, pgtools, postgres, restore
from tacit.config.backup import BackupError
from tacit.config.pgtools import ToolError
from tacit.core.models import JournalEntry
from tests.config.backups import MARK, Made, bring_back, log_of, rows, source_url
from tests.config.conftest import QUICK, wait_until


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
    there = rows(url)
    assert there.pop(erasures.DUE) == [], "nobody was erased; sign-ins still end before the shop starts"
    assert there == rows(source)
    assert len(there["checkout_order"]) == 4
    for name in ("secret", "media/a/kettle.png"):
        assert (new / name).read_bytes() == (old / name).read_bytes()
    assert (new / "secret").stat().st_mode & 0o777 == 0o600
    for name in backup.PRACTICE:
        with closing(sqlite3.connect(new / name)) as practice:
            assert practice.execute("SELECT * FROM kept").fetchall() == [(name,)]
    own = ["settings.env", "marks", "pages", "backups"]
    assert sorted(path.name for path in new.iterdir()) == sorted(["media", "secret", *backup.PRACTICE, *own])
    assert sum(map(len, owed().values())) > len(owed())
    assert go_on(url, new)
    with psycopg.connect(url) as connection, pytest.raises(psycopg.Error, match="append-only"):
        connection.execute("UPDATE core_journalentry SET kind = 'x'")


def test_who_was_erased_must_be_known(made: Made, server: Callable[[], str], open_folder: Path) -> None:
    file, _source, _old = made
    beside, new, url = open_folder / erasures.NAME, open_folder / "new", server()
    erasures.add(beside, [("order:AAAA", datetime(2026, 6, 2, tzinfo=UTC))])
    moved = beside.rename(open_folder / "elsewhere.txt")
    with pytest.raises(BackupError, match="--erasures"):
        bring_back(file, url, new)
    assert not new.exists()
    assert rows(url) == {"sequences": []}

    erasures.add(log_of(new), [("order:BBBB", datetime(2026, 6, 3, tzinfo=UTC))])
    bring_back(file, url, new, named=moved)
    assert {name for name, _at in erasures.read(log_of(new))} == {"order:AAAA", "order:BBBB"}, "it goes on"
    assert len(rows(url)[erasures.DUE]) == 2
    assert erasures.are_due(url)


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
    backup.write(open_folder / "second", url=url, home=old, erased=log_of(old), now=now, say=said.append)
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
    with pytest.raises(BackupError, match=r"--replace would destroy:\n  database empty_0: all \d+ tables"):
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
    assert rows(url) == rows(source) | {erasures.DUE: []}
    assert (new / "secret").read_text() == "s" * 64
    assert not (new / "media" / "new.png").exists()


def test_the_restored_shop_says_what_it_still_needs_and_then_opens(
    made: Made, server: Callable[[], str], open_folder: Path
) -> None:
    new, port = open_folder / "new", free_port.free("127.0.0.1", 8790)
    environment = os.environ | {"TACIT_HOME": str(new), "DATABASE_URL": server()}
    environment.pop("TACIT_SECRET_KEY", None)

    def tacit(*words: str) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-m", "tacit.config.cli", *words]
        return subprocess.run(
            command, env=environment, capture_output=True, text=True, timeout=120, check=False
        )

    restored = tacit("restore", str(made[0]))
    assert restored.returncode == 0, restored.stderr
    assert "Run `tacit prepare` before you start the shop" in restored.stdout
    refused = tacit("serve", f"--port={port}")
    assert refused.returncode == 1
    assert "Run `tacit prepare`" in refused.stderr
    assert "✗ Style sheets" in tacit("doctor").stdout
    assert tacit("prepare").returncode == 0
    serving = subprocess.Popen(
        [sys.executable, "-m", "tacit.config.cli", "serve", f"--port={port}", "--workers=1"],
        env=environment,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        wait_until(lambda: not free_port.is_free("127.0.0.1", port), 60)
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/", timeout=30) as page:
            assert page.status == 200
    finally:
        serving.terminate()
        serving.wait(30)


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


def test_it_is_private_never_overwrites_and_leaves_nothing_half_written(
    made: Made, open_folder: Path, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    file, url, old = made
    assert file.stat().st_mode & 0o777 == 0o600
    before = file.read_bytes()
    with pytest.raises(BackupError, match="there already"):
        backup.write(file, url=url, home=old, erased=log_of(old), now=now, say=lambda line: None)
    assert file.read_bytes() == before
    monkeypatch.setattr(backup, "pack", lambda *a, **k: (_ for _ in ()).throw(OSError("no space left")))
    listed = sorted(open_folder.iterdir())
    with pytest.raises(BackupError, match="no space left"):
        backup.write(
            open_folder / "second", url=url, home=old, erased=log_of(old), now=now, say=lambda line: None
        )
    assert sorted(open_folder.iterdir()) == listed


def test_two_backups_of_one_name_make_one(shop: None, open_folder: Path, now: datetime) -> None:
    outcomes: list[str] = []

    def run() -> None:
        try:
            backup.write(
                open_folder / "same",
                url=source_url(),
                home=open_folder,
                erased=log_of(open_folder),
                now=now,
                say=lambda line: None,
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
