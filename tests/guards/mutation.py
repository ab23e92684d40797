"""Taking one guard out of a copy of the tree, and running the tests that should notice."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from tempfile import TemporaryDirectory

ROOT = Path(__file__).resolve().parents[2]
COPIED = ("src", "tests", "benchmarks", "bin", "docs", "pyproject.toml", "README.md")
LONGEST_SECONDS = 300

_DROPPED = """

@pytest.fixture(scope="session")
def django_db_setup(django_db_setup, django_db_blocker):  # noqa: F811
    import psycopg
    from django.db import connection
    with django_db_blocker.unblock(), connection.cursor() as cursor:
        try:
            cursor.execute({sql!r})
        except Exception as error:
            pytest.exit(f"the guard is not there: {{error}}", returncode=9)
        cursor.execute(globals().get("_LET_EMPTY", "SELECT 1"))
"""


@dataclass(frozen=True, slots=True)
class Edit:
    """``old``, which is in ``file`` exactly once, becomes ``new``."""

    file: str
    old: str
    new: str

    def fits(self, root: Path = ROOT) -> bool:
        path = root / self.file
        return path.is_file() and path.read_text().count(self.old) == 1


@dataclass(frozen=True, slots=True)
class Guard:
    """``name``: as docs/security.md calls it. It goes by ``edits`` or, in the database, by ``sql``.

    ``tests``: what must fail then, as pytest names them.
    """

    name: str
    tests: tuple[str, ...]
    edits: tuple[Edit, ...] = ()
    sql: str = ""


class Verdict(StrEnum):
    """What came of taking a guard out."""

    SEEN = "seen"
    UNSEEN = "NOT SEEN: its tests pass without it"
    STALE = "STALE: the edit no longer fits"
    BROKEN = "BROKEN: the tests could not run"


@contextmanager
def copied(root: Path = ROOT) -> Iterator[Path]:
    """A copy of the tree that Python imports from in place of this one."""
    with TemporaryDirectory(prefix="tacit-guards-") as folder:
        Path(folder).chmod(0o755)
        copy = Path(folder)
        for name in COPIED:
            source = root / name
            if source.is_dir():
                shutil.copytree(source, copy / name, ignore=shutil.ignore_patterns("__pycache__"))
            else:
                shutil.copy2(source, copy / name)
        yield copy


def judge(guard: Guard, copy: Path) -> tuple[Verdict, str]:
    """Takes ``guard`` out of ``copy``, runs its tests, puts it back. The text: what pytest said."""
    if not all(edit.fits(copy) for edit in guard.edits):
        return Verdict.STALE, ""
    with without(guard, copy):
        code, said = run(copy, guard.tests)
    if code == 9:
        return Verdict.STALE, said
    if code == 1 and re.search(r"^FAILED tests/", said, re.M) and not re.search(r"^ERROR tests/", said, re.M):
        return Verdict.SEEN, said
    return (Verdict.UNSEEN if code == 0 else Verdict.BROKEN), said


@contextmanager
def without(guard: Guard, copy: Path) -> Iterator[None]:
    """``copy`` while the guard is out."""
    before: dict[Path, str] = {}
    try:
        for edit in guard.edits:
            path = copy / edit.file
            before.setdefault(path, path.read_text())
            path.write_text(path.read_text().replace(edit.old, edit.new))
        if guard.sql:
            path = copy / "tests" / "conftest.py"
            before.setdefault(path, path.read_text())
            path.write_text(path.read_text() + _DROPPED.format(sql=guard.sql))
        yield
    finally:
        for path, text in before.items():
            path.write_text(text)


def run(copy: Path, tests: Iterable[str]) -> tuple[int, str]:
    """pytest's exit code and what it said; 124 when it took too long."""
    environment = {
        **os.environ,
        "PYTHONPATH": str(copy / "src"),
        "PYTHONDONTWRITEBYTECODE": "1",
        "TACIT_HOME": os.environ.get("TACIT_HOME", str(ROOT / ".tacit" / "test")),
    }
    command = [sys.executable, "-m", "pytest", "-q", "--tb=line", "--no-header", *tests]
    try:
        done = subprocess.run(
            command,
            cwd=copy,
            env=environment,
            capture_output=True,
            text=True,
            timeout=LONGEST_SECONDS,
            check=False,
        )
    except subprocess.TimeoutExpired:
        return 124, f"longer than {LONGEST_SECONDS} s"
    return done.returncode, done.stdout + done.stderr
