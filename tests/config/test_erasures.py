"""The file of erasures only grows, a crash does not spoil it, and damage is never taken for nobody."""

from __future__ import annotations

import multiprocessing
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import psycopg
import pytest
from click.testing import CliRunner
from django.db import connection

from tacit.accounts.actions import known_person, make_staff, set_consent
from tacit.accounts.queries import said_yes
from tacit.accounts.types import Purpose, Source, Visitor
from tacit.config import backup, cli, erasures
from tacit.config.backup import BackupError
from tacit.core import ports
from tacit.core.models import WebhookEndpoint
from tacit.core.personal import ErasureLog
from tests.accounts import everybody
from tests.config.backups import Made, bring_back, log_of, source_url

AT = datetime(2026, 6, 2, tzinfo=UTC)


def names(file: Path) -> list[str]:
    return [name for name, _at in erasures.read(file)]


def test_a_line_cut_off_by_a_crash_counts_for_nothing_and_spoils_nothing(tmp_path: Path) -> None:
    file = tmp_path / erasures.NAME
    erasures.add(file, [("order:AAAA", AT)])
    with file.open("a") as torn:
        torn.write("order:BBBB 2026-06-0")
    assert names(file) == ["order:AAAA"]
    erasures.add(file, [("order:CCCC", AT)])
    assert names(file) == ["order:AAAA", "order:CCCC"]
    file.write_text(file.read_text().removesuffix("\n"))
    erasures.add(file, [("order:DDDD", AT)])
    assert names(file) == ["order:AAAA", "order:CCCC", "order:DDDD"], "a whole line lacks its end alone"
    assert file.stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize("length", [0, 10, len(erasures.HEAD) - 1])
def test_a_crash_while_it_is_made_spoils_nothing(tmp_path: Path, length: int) -> None:
    file = tmp_path / erasures.NAME
    file.write_text(erasures.HEAD[:length])
    assert names(file) == []
    erasures.add(file, [("order:AAAA", AT)])
    assert file.read_text().startswith(erasures.HEAD)
    assert names(file) == ["order:AAAA"]


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("order:AAAA 2026-06-02T00:00:00Z\n", 1),
        ("\x00" * 40, 1),
        (f"{erasures.HEAD}order:AAAA 2026-06-02T00:00:00Z\r\n", 2),
        (f"{erasures.HEAD}order:AAAA 2026-06-02T00:00:00Z\norder:BBB\x00 2026-06-02T00:00:00Z\n", 3),
        (f"{erasures.HEAD}order:AAAA 2026-02-30T00:00:00Z\n", 2),
        (f"{erasures.HEAD}\norder:AAAA 2026-06-02T00:00:00Z\n", 2),
    ],
)
def test_damage_is_not_taken_for_nobody(tmp_path: Path, text: str, line: int) -> None:
    file = tmp_path / erasures.NAME
    file.write_bytes(text.encode())
    with pytest.raises(erasures.ErasuresDamaged, match=f"damaged in line {line}.*whole copy"):
        erasures.read(file)


def append_twenty(file: Path, letter: str) -> None:
    for number in range(20):
        erasures.add(file, [(f"order:{letter}{number}", AT), (f"order:{letter}{number}_", AT)])


def test_many_append_at_once_and_nothing_is_lost(tmp_path: Path) -> None:
    file, fork = tmp_path / "new" / erasures.NAME, multiprocessing.get_context("fork")
    writers = [fork.Process(target=append_twenty, args=(file, letter)) for letter in "ABCD"]
    for each in writers:
        each.start()
    for each in writers:
        each.join(60)
    assert len(set(names(file))) == len(names(file)) == 4 * 20 * 2
    assert file.read_text().count(erasures.HEAD) == 1


def test_a_shop_that_is_replaced_is_asked_whom_it_erased(
    made: Made, server: Callable[[], str], open_folder: Path, now: datetime
) -> None:
    """Its own file may be lost, or have lain on another machine."""
    file, _url, _old = made
    new, url = open_folder / "new", server()
    bring_back(file, url, new)
    gone = ["order:AAAA", "order:BBBB"]
    with psycopg.connect(url) as shop:
        erased = psycopg.types.json.Jsonb({"person": None, "orders": ["AAAA"]})
        shop.execute(
            "INSERT INTO core_journalentry (kind, data, at, historic) VALUES ('person.erased', %s, %s, false)",
            [erased, now],
        )
        shop.execute(f"INSERT INTO {erasures.DUE} VALUES ('order:BBBB', %s)", [now])
    log_of(new).unlink(missing_ok=True)
    bring_back(file, url, new, agree=lambda present: True)
    with psycopg.connect(url) as shop:
        assert sorted(name for (name,) in shop.execute(f"SELECT name FROM {erasures.DUE}")) == gone
    assert sorted(names(log_of(new))) == gone


def test_a_damaged_file_stops_backup_and_restore(
    made: Made, server: Callable[[], str], open_folder: Path, now: datetime
) -> None:
    file, url, old = made
    for damaged in (open_folder / erasures.NAME, log_of(open_folder / "new")):
        damaged.parent.mkdir(parents=True, exist_ok=True)
        kept = damaged.read_text() if damaged.exists() else None
        damaged.write_text(f"{erasures.HEAD}order:AAA\n")
        with pytest.raises(BackupError, match=r"line 2.*Nothing was changed"):
            bring_back(file, server(), open_folder / "new")
        with pytest.raises(BackupError, match=r"line 2.*no backup"):
            backup.write(open_folder / "b", url=url, home=old, erased=damaged, now=now, say=lambda line: None)
        damaged.unlink() if kept is None else damaged.write_text(kept)


@pytest.fixture
def waits(transactional_db: None) -> None:
    """A shop right after its restore, with everything that lets somebody in."""
    with connection.cursor() as cursor:
        cursor.execute(erasures.noted([]))


def test_nothing_starts_until_the_restore_is_finished(
    waits: None, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DATABASE_URL", source_url())
    for command in ("serve", "work"):
        done = CliRunner().invoke(cli.main, [command])
        assert done.exit_code == 1
        assert "tacit prepare" in done.output
    with pytest.raises(erasures.ErasuresWait, match="tacit prepare"):
        erasures.refuse_while_due()
    erasures.replay(now=now)
    erasures.refuse_while_due()


def test_what_was_revoked_since_the_backup_does_not_come_back(
    waits: None, now: datetime, settings: object
) -> None:
    settings.STAFF_MAILS = ["bo@example.com"]  # type: ignore[attr-defined]
    made = everybody.who_can_get_in(now)
    make_staff(email="left@example.com", now=now)
    WebhookEndpoint.objects.create(
        url="https://gone.example/", kinds=["order.paid"], seed="s" * 22, since_entry=0, created_at=now
    )
    assert everybody.gets_in(made, now) == {"session", "passkey", "recovery", "key"}
    erasures.replay(now=now)
    assert everybody.gets_in(made, now) == set()
    assert everybody.app_is_there(made), "else a mailed code would be enough"
    assert everybody.staff() == ["bo@example.com"]
    assert not WebhookEndpoint.objects.filter(off_at=None).exists()


def test_a_consent_taken_back_since_the_backup_is_taken_back_again(
    waits: None, now: datetime, tmp_path: Path
) -> None:
    file = tmp_path / erasures.NAME
    ports.register(ErasureLog, erasures.ErasureFile(file))
    people = {
        name: Visitor(person=known_person(email=name, name="", now=now).id) for name in ("a@x.de", "b@x.de")
    }

    def say(who: str, granted: bool, minutes: int) -> None:
        set_consent(
            people[who],
            purpose="news",
            granted=granted,
            source=Source.PAGE,
            version="1-en",
            now=now + timedelta(minutes=minutes),
        )

    for who in people:
        say(who, True, 0)
    say("a@x.de", False, 5)
    say("b@x.de", False, 5)
    say("b@x.de", True, 6)
    with connection.cursor() as cursor:  # as the backup has it: both said yes, one of them after saying no
        cursor.execute("ALTER TABLE accounts_consent DISABLE TRIGGER consent_append_only")
        cursor.execute(
            "DELETE FROM accounts_consent WHERE person = %s AND NOT granted", [people["a@x.de"].person]
        )
        cursor.execute("ALTER TABLE accounts_consent ENABLE TRIGGER consent_append_only")
        cursor.execute(erasures.noted(erasures.read(file)))
    assert all(said_yes(each.person, Purpose.NEWS) for each in people.values() if each.person)
    erasures.replay(now=now)
    assert [said_yes(each.person, Purpose.NEWS) for each in people.values() if each.person] == [False, True]
