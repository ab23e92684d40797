"""The database of the tests: a server of our own, leased while tests run, unless DATABASE_URL names another.

Loaded by `-p tests.database` before Django's settings, so that tests have a home of their own. Every run has
its own test database, so that several runs can share the server.
"""

import os
import re
import subprocess
import sys
from collections.abc import Iterator

import psycopg
import pytest
from psycopg import sql

from tacit.config import environment, postgres

OPTIONS = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}
NAME = re.compile(r"test_tacit_(\d+)")

os.environ.setdefault("TACIT_HOME", str(environment.home() / "test"))
os.environ.update(
    TACIT_PAYMENT_PROVIDER="practice", TACIT_PRACTICE_ALLOWED="1", TACIT_PRACTICE_SECRET="of the tests"
)
os.environ.setdefault(
    "TACIT_PAGE_CACHE", "0"
)  # a test sees what it just changed; tests/web/test_cache.py sets it


@pytest.hookimpl(wrapper=True)
def pytest_runtestloop(session: pytest.Session) -> Iterator[object]:
    if session.config.option.collectonly:
        return (yield)
    with postgres.database(environment.home(), options=OPTIONS) as url:
        drop_left_over(url)
        point_django_to(url)
        return (yield)


def point_django_to(url: str) -> None:
    from django.conf import settings

    parts = psycopg.conninfo.conninfo_to_dict(url)
    default = settings.DATABASES["default"]
    known = {"dbname": "NAME", "user": "USER", "password": "PASSWORD", "host": "HOST", "port": "PORT"}
    default.update({theirs: str(parts[ours]) for ours, theirs in known.items() if ours in parts})
    default["TEST"] = {**default.get("TEST", {}), "NAME": f"test_tacit_{os.getpid()}"}


def drop_left_over(url: str) -> None:
    """Drop the databases of runs that were killed: their process is gone."""
    with psycopg.connect(url, autocommit=True) as connection:
        for (name,) in connection.execute("SELECT datname FROM pg_database").fetchall():
            if (found := NAME.fullmatch(name)) and not is_alive(int(found[1])):
                drop = sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)")
                connection.execute(drop.format(sql.Identifier(name)))


def is_alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


if __name__ == "__main__":
    # `python -m tests.database PROGRAM…`: run a program with the tests' database.
    with postgres.database(environment.home(), options=OPTIONS):
        sys.exit(subprocess.run(sys.argv[1:], check=False).returncode)
