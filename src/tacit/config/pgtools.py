"""PostgreSQL's own dump programs: which ones fit a server, and how they are run without showing a password."""

from __future__ import annotations

import contextlib
import os
import re
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

import psycopg
from psycopg.conninfo import conninfo_to_dict, make_conninfo

from tacit.config import postgres
from tacit.config.postgres import binaries

NEEDED = ("pg_dump", "pg_restore", "psql")
PLACES = ("/usr/lib/postgresql", "/usr/pgsql", "/opt/homebrew/opt", "/usr/local/opt")
CONNECT_SECONDS = 10


class ToolError(Exception):
    """The database or its programs cannot be used for this; the text names the reason and the way out."""


@dataclass(frozen=True)
class Tools:
    """A folder with pg_dump, pg_restore and psql of one `major` version."""

    folder: Path
    major: int


def connect(url: str) -> psycopg.Connection:
    """A connection of its own for each statement. Raises ToolError when there is none."""
    try:
        return psycopg.connect(url, autocommit=True, connect_timeout=CONNECT_SECONDS)
    except psycopg.Error as error:
        words = str(error).strip().splitlines()
        raise ToolError(
            f"The database cannot be reached: {words[-1] if words else type(error).__name__}. "
            "`tacit doctor` looks for the cause."
        ) from None


def server_major(url: str) -> int:
    """The version of the server behind `url`, for example 18."""
    with connect(url) as connection:
        return connection.info.server_version // 10000


def tools_for(major: int) -> Tools:
    """The first programs found that are as new as a server of `major`. Raises ToolError when there are none."""
    found = [tools for folder in _folders() if (tools := _tools(folder))]
    for tools in found:
        if tools.major >= major:
            return tools
    newest = max((tools.major for tools in found), default=None)
    have = f"the newest found here are of {newest}" if newest else "none were found here"
    raise ToolError(
        f"The server is PostgreSQL {major} and needs {', '.join(NEEDED)} of {major} or newer; {have}. "
        f"Install PostgreSQL's client programs (on Debian: postgresql-client-{major}) and put them on PATH."
    )


def _folders() -> list[Path]:
    folders: list[Path] = []
    with contextlib.suppress(postgres.PostgresError):  # no wheel here: only what is installed counts
        folders.append(binaries.package() / binaries.FOLDER / "bin")
    on_path = shutil.which("pg_dump")
    if on_path:
        folders.append(Path(on_path).parent)
    for place in PLACES:
        root = Path(place)
        folders += sorted(root.parent.glob(f"{root.name}*/bin")) + sorted(root.glob("*/bin"))
    return folders


def _tools(folder: Path) -> Tools | None:
    if not all((folder / name).is_file() for name in NEEDED):
        return None
    try:
        said = subprocess.run(
            [folder / "pg_dump", "--version"], capture_output=True, text=True, timeout=20, check=False
        ).stdout
    except (OSError, subprocess.SubprocessError):
        return None
    version = re.search(r"(\d+)(?:\.|devel|beta|rc)", said)
    return Tools(folder, int(version[1])) if version else None


def access(url: str) -> tuple[str, dict[str, str]]:
    """`url` as a connection string without its password, and the environment that holds the password.

    A password on a command line is shown to everybody by `ps`.
    """
    parts = conninfo_to_dict(url)
    password = parts.pop("password", None)
    environment = {**os.environ, "LC_ALL": "C.UTF-8", "PGAPPNAME": "tacit"}
    if password:
        environment["PGPASSWORD"] = str(password)
    return make_conninfo("", **parts), environment
