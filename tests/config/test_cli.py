"""The `tacit` command: quick, lazy, and plain about what goes wrong."""

import os
import subprocess
import sys
from pathlib import Path

import click
import psycopg
import pytest
from click.testing import CliRunner

from tacit.config import cli, postgres
from tests.config.conftest import QUICK, postmasters


def tacit(*arguments: str, **environment: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [sys.executable, "-m", "tacit.config.cli", *arguments],
        capture_output=True,
        text=True,
        env=os.environ | environment,
        timeout=120,
        check=False,
    )


def test_help_and_the_doctor_load_no_django() -> None:
    words = (
        "import sys; from tacit.config import cli, doctor, demo; "
        "from tacit.connectors.stripe import examine; "
        "cli.main(['--help'], standalone_mode=False); "
        "sys.exit(sum(name.split('.')[0] == 'django' for name in sys.modules))"
    )
    assert subprocess.run([sys.executable, "-c", words], capture_output=True, check=False).returncode == 0


def test_the_doctor_speaks_even_when_django_cannot_be_set_up(home: Path) -> None:
    done = tacit("doctor", TACIT_HOME=str(home), TACIT_CAPTURE="perhaps")
    assert done.returncode == 1
    assert "✗ Settings: " in done.stdout
    assert "TACIT_CAPTURE" in done.stdout
    assert "✓ Python: " in done.stdout
    assert done.stderr == ""


def test_prepare_makes_exactly_those_staff_whom_the_setting_names(home: Path) -> None:
    with postgres.lease(home, options=QUICK) as url:
        for named, staff in (("ana@example.com bo@example.com", 2), ("bo@example.com", 1), ("", 1)):
            done = tacit("prepare", TACIT_HOME=str(home), DATABASE_URL=url, TACIT_STAFF=named)
            assert done.returncode == 0, done.stderr
            with psycopg.connect(url) as connection:
                rows = connection.execute("SELECT email FROM accounts_person WHERE is_staff").fetchall()
            assert len(rows) == staff
    assert rows == [("bo@example.com",)]


def test_migrate_brings_the_tables_and_leaves_no_server(home: Path) -> None:
    assert tacit("migrate", TACIT_HOME=str(home)).returncode == 0
    assert tacit("django", "migrate", "--check", TACIT_HOME=str(home)).returncode == 0
    assert not postmasters(home)


@pytest.mark.parametrize(
    ("arguments", "environment", "words"),
    [
        (("migrate",), {"TACIT_SOCKET_DIR": "/tmp/" + "x" * 100}, "Error: The socket's path"),
        (("migrate",), {"TACIT_CAPTURE": "perhaps"}, "Error: TACIT_CAPTURE"),
        (("demo",), {"TACIT_HOME": "/dev/null/home"}, "Error: /dev/null/home cannot be written"),
    ],
)
def test_errors_are_one_sentence_and_no_traceback(
    home: Path, arguments: tuple[str, ...], environment: dict[str, str], words: str
) -> None:
    done = tacit(*arguments, **{"TACIT_HOME": str(home), **environment})
    assert done.returncode == 1
    assert done.stderr.startswith(words)
    assert "Traceback" not in done.stderr


def test_importers_are_loaded_when_asked_for_and_get_a_database(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[str] = []

    @click.command()
    def sheep() -> None:
        seen.append(os.environ["DATABASE_URL"])

    monkeypatch.setenv("TACIT_HOME", str(home))
    monkeypatch.setattr("tests.config.actor.sheep", sheep, raising=False)
    group = cli.LazyGroup("import", elsewhere={"sheep": "tests.config.actor:sheep", "no": "no.such:thing"})
    assert group.list_commands(click.Context(group)) == ["no", "sheep"]
    monkeypatch.setattr(cli, "django", cli.database)  # this process's Django has its database already
    CliRunner().invoke(group, ["sheep"], catch_exceptions=False)
    assert len(seen) == 1
    assert "host=" in seen[0]


def test_psql_opens_on_the_database(home: Path) -> None:
    done = tacit("postgres", "psql", "-Atc", "SELECT current_user", TACIT_HOME=str(home))
    assert done.stdout.strip() == "tacit", done.stderr
