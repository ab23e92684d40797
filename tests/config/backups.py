"""Backups made, brought back and compared."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import psycopg
from psycopg import sql

from tacit.config import erasures, restore
from tacit.config.backup import Manifest

MARK = '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 1 1"/>'
Made = tuple[Path, str, Path]
"""A backup file, the database it was made of, and its home."""


def source_url() -> str:
    from django.db import connection

    parts = connection.settings_dict
    known = {"dbname": "NAME", "user": "USER", "password": "PASSWORD", "host": "HOST", "port": "PORT"}
    given = {ours: str(parts[theirs]) for ours, theirs in known.items() if parts[theirs]}
    return psycopg.conninfo.make_conninfo(**given)


def log_of(home: Path) -> Path:
    return home / "backups" / erasures.NAME


def bring_back(file: Path, url: str, home: Path, **changes: Any) -> Manifest | None:
    arguments = {
        "known": restore.own_migrations(),
        "erased": log_of(home),
        "named": None,
        "agree": None,
        "say": lambda line: None,
        **changes,
    }
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
