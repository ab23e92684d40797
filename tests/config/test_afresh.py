"""Beginning anew: everything of a home goes, wherever it is, and nothing that is used or not its own."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tacit.config import afresh, demo, environment, postgres
from tacit.config.postgres import places
from tacit.config.processes import ProcessError
from tests.config.conftest import QUICK, needs_root, postmasters, server_processes

OWN = ("demo.json", "practice.sqlite", "practice.sqlite-wal", "practice-carrier.sqlite")


def furnished(home: Path) -> list[Path]:
    """A home after a demo; the files of its own."""
    environment.secret_key(home)
    with postgres.lease(home, options=QUICK):
        pass
    (home / "logs").mkdir()
    for name in OWN:
        (home / name).write_text("{}")
    (home / "test").mkdir()  # another home inside, and a file of somebody else
    (home / "letter.txt").write_text("mine")
    return [home / "secret", home / "logs", places.places(home).store, *(home / name for name in OWN)]


@needs_root
@pytest.mark.parametrize("mode", [0o755, 0o700])
def test_all_of_it_goes_also_what_is_kept_outside(home: Path, mode: int) -> None:
    home.chmod(mode)
    parts = furnished(home)
    assert all(each.exists() for each in parts)
    assert (home in places.places(home).store.parents) == (mode == 0o755)
    asked: list[Path] = []
    assert not afresh.clear(home, agree=lambda doomed: bool(asked.extend(doomed)))
    assert set(asked) >= set(parts)
    assert all(each.exists() for each in parts), "nothing goes without consent"
    assert afresh.clear(home, agree=lambda doomed: True)
    assert not any(each.exists() for each in parts)
    assert {each.name for each in home.iterdir() if not each.name.endswith(".lock")} == {"test", "letter.txt"}


def test_what_is_used_or_elsewhere_is_left_alone(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    parts = furnished(home)
    with demo.only_one(home), pytest.raises(ProcessError, match="runs"):
        afresh.clear(home, agree=lambda doomed: True)
    with postgres.lease(home), pytest.raises(ProcessError, match="Stop it first"):
        afresh.clear(home, agree=lambda doomed: True)
    with monkeypatch.context() as patch:
        patch.setenv("DATABASE_URL", "postgresql://elsewhere/shop")
        with pytest.raises(ProcessError, match="not the demo's"):
            afresh.clear(home, agree=lambda doomed: True)
    done = subprocess.run(
        [sys.executable, "-m", "tacit.config.cli", "demo", "--fresh"],
        env=os.environ | {"TACIT_HOME": str(home)},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 1
    assert "Add --yes" in done.stderr
    assert all(each.exists() for each in parts)


def test_a_server_left_by_a_killed_demo_does_not_outlive_its_data(home: Path) -> None:
    furnished(home)
    process = subprocess.Popen(
        [sys.executable, "-c", _LEASE],
        env=os.environ | {"TACIT_HOME": str(home)},
        stdout=subprocess.PIPE,
    )
    assert process.stdout
    process.stdout.readline()
    process.kill()
    process.wait()
    process.stdout.close()
    assert postmasters(home)
    assert afresh.clear(home, agree=lambda doomed: True)
    assert not server_processes(home)


_LEASE = """
import time
from tacit.config import postgres
with postgres.lease(postgres.home()):
    print("leased", flush=True)
    time.sleep(60)
"""


def test_a_lost_secret_is_told(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("TACIT_SECRET_KEY", raising=False)
    assert demo.lost_secret(home) == "", "a first start"
    furnished(home)
    assert demo.lost_secret(home) == ""
    (home / "secret").unlink()
    words = demo.lost_secret(home)
    assert str(places.places(home).data) in words
    assert "tacit demo --fresh" in words
    assert "\n" not in words
