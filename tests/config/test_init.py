"""`tacit init` and the file it writes, which every command reads."""

from __future__ import annotations

import os
import stat
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from click.testing import CliRunner

from tacit.config import cli, settings_file
from tacit.config.environment import SettingError

ANSWERS = ["Südwind", "https://shop.example.org", "hi@example.org", "AT", "CHF", "#0055ff", "#fffdf0", "none"]
NAMES = [
    "SHOP_NAME",
    "SHOP_URL",
    "SHOP_MAIL",
    "SHOP_COUNTRY",
    "SHOP_CURRENCY",
    "SHOP_ACCENT",
    "SHOP_GROUND",
    "SHOP_MARK",
]


@pytest.fixture(autouse=True)
def clean(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[None]:
    before = dict(os.environ)
    for name in before:
        if name.startswith("TACIT_"):
            monkeypatch.delenv(name)
    monkeypatch.setenv("TACIT_HOME", str(tmp_path / "home"))
    yield
    for name in set(os.environ) - set(before):
        del os.environ[name]


def init(*arguments: str, typed: str = "") -> str:
    done = CliRunner().invoke(cli.main, ["init", *arguments], input=typed)
    return done.output


def read_settings(home: Path, **environment: str) -> list[str]:
    """What a process of its own finds in its settings."""
    words = f"from tacit.config import settings as s; print(*(getattr(s, n) for n in {NAMES!r}), sep=chr(10))"
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("TACIT_")}
    done = subprocess.run(
        [sys.executable, "-c", words],
        capture_output=True,
        text=True,
        env={**inherited, "TACIT_HOME": str(home), **environment},
        check=False,
    )
    return done.stdout.splitlines() if done.returncode == 0 else done.stderr.splitlines()[-1:]


def test_what_is_answered_is_what_every_process_reads(tmp_path: Path) -> None:
    home = tmp_path / "home"
    output = init(typed="\n".join(ANSWERS) + "\n")
    assert "Shown as it is in light pages (contrast" in output
    assert "Texts on it have contrast 5.1 and more, buttons 5.5; 4.5 is needed to read." in output
    file = home / settings_file.NAME
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert sorted(path.name for path in home.iterdir()) == [settings_file.NAME], (
        "no draft is left, no secret made"
    )
    with ThreadPoolExecutor(4) as pool:
        found = list(pool.map(lambda _: read_settings(home), range(4)))
    assert found == [[*ANSWERS[:-1], "None"]] * 4
    assert read_settings(home, TACIT_SHOP_NAME="Other")[0] == "Other", "the environment wins"
    passed = dict.fromkeys((f"TACIT_{name}" for name in ("SHOP_NAME", "CURRENCY", "GROUND")), "")
    assert read_settings(home, **passed) == found[0], "what compose passes empty is unset"


def test_a_bad_answer_is_asked_again_with_the_reason(tmp_path: Path) -> None:
    bad = ["x" * 61, "shop.example.org", "shop", "Austria", "euro", "blue", "#333333", "/nowhere.svg"]
    good = iter(ANSWERS)
    output = init(typed="\n".join(f"{each}\n{next(good)}" for each in bad) + "\n")
    for reason in (
        "write 1 to 60",
        "write the shop's address like",
        "write one like name@example.com",
        "write two capitals like DE",
        "write three capitals like EUR",
        "write one like #1f4d3a",
        "write a lighter one like #fbfaf7",
        "name an SVG or PNG file",
    ):
        assert reason in output
    assert settings_file.values(tmp_path / "home")["TACIT_SHOP_NAME"] == "Südwind"


def test_again_it_shows_what_is_set_and_keeps_every_other_line(tmp_path: Path) -> None:
    home = tmp_path / "home"
    home.mkdir()
    (home / settings_file.NAME).write_text(
        "# mine\nTACIT_SHOP_NAME='Old Name'\nTACIT_STAFF=bo@example.com\nTACIT_NEWER=1\n"
    )
    output = init(typed="\n" * len(ANSWERS))
    assert "The shop's name [Old Name]" in output
    text = (home / settings_file.NAME).read_text()
    assert text.startswith("# mine\nTACIT_SHOP_NAME=Old Name\nTACIT_STAFF=bo@example.com\nTACIT_NEWER=1\n")
    assert len(text.splitlines()) == 4, "defaults are not written: the demo, for one, has others"
    init("--yes")
    assert (home / settings_file.NAME).read_text() == text


def test_what_is_empty_overrules_nothing_and_asks_for_the_default(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    home = tmp_path / "home"
    home.mkdir()
    (home / settings_file.NAME).write_text("TACIT_SHOP_NAME=\nTACIT_SHOP_MAIL=bo@example.org\n")
    monkeypatch.setenv("TACIT_SHOP_MAIL", "")
    assert "wins" not in init("--yes")
    assert "The shop's name [Nordwind]" in init(typed="\n" * len(ANSWERS))
    monkeypatch.setenv("TACIT_SHOP_MAIL", "other@example.org")
    assert "sets TACIT_SHOP_MAIL=other@example.org, which wins" in init("--yes")


def test_a_mark_is_kept_by_its_whole_path_and_taken_back_by_none(tmp_path: Path) -> None:
    drawn = tmp_path / "mark.svg"
    drawn.write_text('<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 1 1"/>')
    init(typed="\n".join([*ANSWERS[:-1], os.path.relpath(drawn)]) + "\n")
    assert settings_file.values(tmp_path / "home")["TACIT_MARK"] == str(drawn)
    init(typed="\n".join(ANSWERS) + "\n")
    assert "TACIT_MARK" not in settings_file.values(tmp_path / "home")


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"\nTACIT_URL", "line 2: 'TACIT_URL' has no =; write NAME=value"),
        (b"LD_PRELOAD=x", "line 1: 'LD_PRELOAD' is no setting"),
        (b"TACIT_HOME=/x", "line 1: TACIT_HOME cannot be set in this file; set it in the environment"),
        (b"TACIT_URL=a\nTACIT_URL=b", "line 2: TACIT_URL is set in line 1 already; remove one"),
        (b"\xff", "line 1: this is not UTF-8"),
        (b"#" * 70_000, "larger than 64 KiB"),
    ],
)
def test_a_broken_file_is_named_with_the_line_and_the_way_out(
    tmp_path: Path, content: bytes, words: str
) -> None:
    file = tmp_path / settings_file.NAME
    file.write_bytes(content)
    with pytest.raises(SettingError) as raised:
        settings_file.load(tmp_path)
    assert words in str(raised.value)
    assert str(file) in str(raised.value)
    found = read_settings(tmp_path)
    assert words in found[0]
    with pytest.raises(SettingError):
        settings_file.write(tmp_path, {"TACIT_SHOP_NAME": "New"}, comments={})
    assert file.read_bytes() == content


def test_a_broken_file_ends_a_command_with_a_sentence_and_the_doctor_says_it(tmp_path: Path) -> None:
    home = tmp_path / "home"
    home.mkdir()
    (home / settings_file.NAME).write_text("broken\n")
    for command in (["prepare"], ["init", "--yes"]):
        done = CliRunner().invoke(cli.main, command)
        assert done.exit_code == 1
        assert "settings.env, line 1" in done.output
    doctor = CliRunner().invoke(cli.main, ["doctor"])
    assert "✗ Settings: " in doctor.output
    assert "settings.env, line 1" in doctor.output


def test_what_is_broken_off_writes_nothing(tmp_path: Path) -> None:
    assert "Aborted" in init(typed="Half\n")
    assert not (tmp_path / "home").exists()
