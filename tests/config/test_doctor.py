"""Every finding of the doctor, made wrong once."""

import datetime
import json
import os
import socket
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tacit.config import collected, doctor, postgres, selling
from tacit.config.finding import Finding, Grade
from tacit.config.postgres import binaries
from tests.config.conftest import QUICK, needs_root

NOON = datetime.datetime(2026, 6, 1, 12, tzinfo=datetime.UTC)


def usage(free: int) -> Callable[[Path], tuple[int, int, int]]:
    return lambda folder: (10**12, 10**12 - free, free)


def test_each_thing_is_fine_or_wrong_and_wrong_says_the_way_out(tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.write_text("")
    pairs: list[tuple[Finding, Finding, str]] = [
        (doctor.python((3, 11)), doctor.python((3, 10)), "install 3.11"),
        (doctor.system("linux", "x86_64"), doctor.system("win32", "AMD64"), "DATABASE_URL"),
        (doctor.clock(NOON, ""), doctor.clock(NOON.replace(year=1970), ""), "set it"),
        (doctor.clock(NOON, "Europe/Berlin"), doctor.clock(NOON, "Europe/Nowhere"), "unset it"),
        (doctor.home_writable(tmp_path / "new"), doctor.home_writable(file / "new"), "TACIT_HOME"),
        (
            doctor.erasures_writable(tmp_path / "new" / "erasures.txt"),
            doctor.erasures_writable(file / "erasures.txt"),
            "TACIT_BACKUPS",
        ),
        (
            doctor.disk(tmp_path / "new", usage(2 * 10**9)),
            doctor.disk(tmp_path / "new", usage(10**8)),
            "Free some",
        ),
        (
            doctor.shared_memory(tmp_path, usage(10**9)),
            doctor.shared_memory(tmp_path, usage(10**6)),
            "--shm-size",
        ),
        (doctor.shared_memory(tmp_path), doctor.shared_memory(tmp_path / "none"), "Mount a tmpfs"),
    ]
    for fine, wrong, way_out in pairs:
        assert fine.grade is Grade.FINE, fine
        assert wrong.wrong, wrong
        assert way_out in wrong.words
        assert wrong.line().startswith("✗ ")


def test_a_home_that_cannot_be_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "access", lambda path, mode: False)  # root may write everywhere
    assert "cannot be written" in doctor.home_writable(tmp_path).words


def test_settings_that_are_malformed(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TACIT_HOME", str(home))
    assert doctor.settings().grade is Grade.FINE
    monkeypatch.setenv("TACIT_CAPTURE", "perhaps")
    found = doctor.settings()
    assert found.wrong
    assert "TACIT_CAPTURE" in found.words
    assert "on_shipping" in found.words


def test_style_sheets_are_there_whole_or_named(tmp_path: Path) -> None:
    assert doctor.style_sheets(tmp_path, named=False).grade is Grade.NOTE
    missing = doctor.style_sheets(tmp_path, named=True)
    assert missing.wrong
    assert "tacit prepare" in missing.words
    ours = collected._ours()
    assert "tacit/shop.css" in ours
    manifest = tmp_path / collected.FOLDER / collected.MANIFEST
    manifest.parent.mkdir()
    manifest.write_text(json.dumps({"paths": dict.fromkeys(ours, "x")}))
    assert doctor.style_sheets(tmp_path, named=True).grade is Grade.FINE
    manifest.write_text(json.dumps({"paths": dict.fromkeys(ours[1:], "x")}))
    assert doctor.style_sheets(tmp_path, named=True).wrong, "an older version's"
    manifest.write_text("half a fi")
    assert doctor.style_sheets(tmp_path, named=True).wrong


def test_a_database_that_does_not_answer_or_is_too_old(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with postgres.lease(home, options=QUICK) as url:
        assert doctor.server(url).grade is Grade.FINE
        monkeypatch.setattr(doctor, "NEEDED_POSTGRES", 99)
        assert "too old" in doctor.server(url).words
    for broken in ("postgresql://127.0.0.1:1/tacit", "nonsense"):
        found = doctor.server(broken)
        assert found.wrong
        assert "unset it" in found.words


def test_programs_that_are_missing_or_broken(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert doctor.programs().grade is Grade.FINE
    package = binaries.package
    monkeypatch.setattr(binaries, "package", lambda: tmp_path)
    assert "Delete .venv" in doctor.programs().words
    folder = tmp_path / binaries.FOLDER / "bin"
    folder.mkdir(parents=True)
    (folder / "postgres").write_text("#!/bin/sh\necho postgres 9.6\n")
    (folder / "postgres").chmod(0o755)
    assert doctor.programs().wrong
    monkeypatch.setattr(binaries, "package", package)
    monkeypatch.setattr(binaries, "WHEEL", "no_such_wheel")
    assert "not installed" in _examined("PostgreSQL's programs").words


@needs_root
def test_a_home_that_the_servers_user_cannot_reach(home: Path) -> None:
    before = doctor.runner(home)  # a note when this checkout is closed and the programs are copied
    assert not before.wrong
    assert "its data are kept there" not in before.words
    assert f"{home} is closed" not in before.words
    home.chmod(0o700)
    found = doctor.runner(home)
    assert found.grade is Grade.NOTE
    assert f"{home} is closed" in found.words


def test_a_socket_path_too_long(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TACIT_HOME", str(home))
    assert doctor.socket(home).grade is Grade.FINE
    monkeypatch.setenv("TACIT_SOCKET_DIR", "/tmp/" + "x" * 100)
    assert "TACIT_SOCKET_DIR" in _examined("PostgreSQL's socket").words


def test_tables_missing_old_or_fine(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TACIT_HOME", str(home))
    assert "bin/demo" in doctor.tables(home, named=False).words
    with postgres.lease(home, options=QUICK) as url:
        monkeypatch.setenv("DATABASE_URL", url)
        assert "tacit migrate" in doctor.tables(home, named=True).words
        monkeypatch.setenv("TACIT_CAPTURE", "perhaps")
        assert "TACIT_CAPTURE" in doctor.tables(home, named=True).words


def test_a_shop_that_cannot_send_is_told_how_to(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TACIT_HOME", str(home))
    assert "bin/demo" in doctor.delivery(home, named=False).words
    with postgres.lease(home, options=QUICK) as url:
        monkeypatch.setenv("DATABASE_URL", url)
        assert "tables are right" in doctor.delivery(home, named=True).words


@pytest.mark.django_db
def test_what_keeps_a_shop_from_taking_orders(kettle: int, settings: Any) -> None:
    settings.SHOP_CURRENCIES = ("EUR", "USD")
    assert selling.missing() == ["no way of sending to DE for prices in USD"]
    settings.SHOP_COUNTRY, settings.SHOP_CURRENCIES = "PL", ("EUR",)
    assert selling.missing() == ["no tax rate for PL (TACIT_COUNTRY), so nobody there can order"]


def test_a_taken_port() -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        found = doctor.port_free(other.getsockname()[1])
    assert found.grade is Grade.NOTE
    assert "--port" in found.words


def test_no_browser(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TACIT_CHROMIUM", "/no/such/browser")
    assert doctor.browser().grade is Grade.NOTE
    monkeypatch.setenv("TACIT_CHROMIUM", "/bin/sh")
    assert doctor.browser().grade is Grade.FINE


def _examined(subject: str) -> Finding:
    return next(each for each in doctor.examine(port=8000) if each.subject == subject)
