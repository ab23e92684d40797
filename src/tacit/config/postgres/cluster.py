"""Make, start, find and stop the one server of a home. Everything here is called in `locks.turn`."""

import contextlib
import enum
import os
import pwd
import re
import shutil
import stat
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

import psycopg

from tacit.config.postgres import binaries, places
from tacit.config.postgres.errors import PostgresError, with_log
from tacit.config.postgres.places import DATABASE, ROLE, Places

SETTINGS = {
    "listen_addresses": "",
    "port": str(places.PORT),
    "max_connections": "60",
    "shared_buffers": "128MB",
    "unix_socket_permissions": "0700",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "log_min_messages": "warning",
    "log_line_prefix": "%m [%p] %d ",
    # Statements and details hold what people typed, and a log keeps it.
    "log_min_error_statement": "panic",
    "log_error_verbosity": "terse",
    "default_text_search_config": "pg_catalog.simple",
}
SETTING_NAME = re.compile(r"[a-z_][a-z0-9_.]*")
OPTIONS_FILE = "options.conf"

START_PATIENCE = 60.0  # seconds; backends of a killed server can hold its memory and lock file that long
RECOVERY_PATIENCE = 600.0  # seconds in which a server that says it is starting up is believed
ATTEMPT_SECONDS = 20
STOP_SECONDS = 60
CONNECT_SECONDS = 5
SETTLE_SECONDS = 10.0
PAUSE = 0.5
FAILURES_BELIEVED = 3
WORTH_WAITING = ("shared memory block", "already exists", "shutting down")
LOG_LIMIT = 10_000_000  # bytes; a longer log is set aside at the next start


class State(enum.Enum):
    ABSENT = "nobody answers"
    STARTING = "starting up"
    REFUSING = "lets nobody in"
    READY = "ready"


@dataclass(frozen=True)
class Found:
    state: State
    sockets: Path
    reason: str = ""


def ensure(where: Places, *, options: Mapping[str, str] | None, alone: Callable[[], bool]) -> Path:
    """Make data and server when they are missing; returns the folder of the socket it listens in.

    A running server is adopted. When `options` are named and it runs with others, it is started anew if this
    process is `alone`, else PostgresError says so.
    """
    places.make_store(where)
    programs = binaries.programs(where.account)
    make(where, programs, sync=(options or {}).get("fsync") != "off")
    found = look(where)
    if found.state is not State.ABSENT and options is not None and not _runs_with(where, options):
        if not alone():
            raise PostgresError(
                "The PostgreSQL server of this folder is in use and runs with other settings. "
                "Stop its users first, or set TACIT_HOME to another folder."
            )
        stop(where)
        found = Found(State.ABSENT, where.sockets)
    if found.state is State.ABSENT:
        _settle(where, alone)
    if running(where) is None:
        places.make_store(where)  # stopping has removed the folder of the socket
        configure(where, options or {})
        start(where, programs)
    return await_ready(where)


def _settle(where: Places, alone: Callable[[], bool]) -> None:
    """A server runs but does not answer: it is just stopping, or its socket was deleted under it."""
    begin = time.monotonic()
    while running(where) is not None and look(where).state is State.ABSENT:
        if time.monotonic() - begin > SETTLE_SECONDS:
            if not alone():
                raise PostgresError(
                    f"PostgreSQL runs but its socket in {listens_in(where)} does not answer; was it deleted? "
                    "Stop everything that uses it and start again."
                )
            return stop(where)
        time.sleep(PAUSE)
    return None


def listens_in(where: Places) -> Path:
    """The folder of the socket: a running server has noted it, a new one takes `where.sockets`."""
    with contextlib.suppress(OSError, IndexError):
        return Path((where.data / "postmaster.pid").read_text().splitlines()[4] or where.sockets)
    return where.sockets


def look(where: Places) -> Found:
    """Whether a server of this home answers, and where."""
    sockets = listens_in(where)
    if not _closed_folder_of(where.account.uid, sockets):
        return Found(State.ABSENT, sockets, f"{sockets} is not a closed folder of user {where.account.name}")
    try:
        psycopg.connect(places.url(sockets), connect_timeout=CONNECT_SECONDS).close()
    except psycopg.OperationalError as error:
        return Found(_state(str(error)), sockets, str(error))
    return Found(State.READY, sockets)


def _state(refusal: str) -> State:
    """What a failed connection says about the server."""
    if re.search("starting up|in recovery|not yet accepting", refusal):
        return State.STARTING
    if "FATAL" in refusal and "shutting down" not in refusal:
        return State.REFUSING
    return State.ABSENT


def _closed_folder_of(uid: int, folder: Path) -> bool:
    """So that nobody else can offer a server of their own in our place."""
    try:
        entry = folder.lstat()
    except OSError:
        return False
    return stat.S_ISDIR(entry.st_mode) and entry.st_uid == uid and not entry.st_mode & 0o077


def make(where: Places, programs: Path, *, sync: bool) -> None:
    """Make the data folder with role and database: complete, or not at all."""
    version = where.data / "PG_VERSION"
    if version.exists():
        found = version.read_text().strip()
        if found != binaries.MAJOR:
            raise PostgresError(
                f"The data in {where.data} are of PostgreSQL {found}, the programs of {binaries.MAJOR}. "
                "Dump them with the old programs, or move the folder away to start afresh."
            )
        return
    draft = where.store / "draft"
    shutil.rmtree(draft, ignore_errors=True)
    binaries.run(
        programs / "initdb",
        *(f"--pgdata={draft}", "--username=postgres", "--auth-local=peer", "--auth-host=reject"),
        *("--encoding=UTF8", "--locale=C", "--locale-provider=builtin", "--builtin-locale=C.UTF-8"),
        *("--data-checksums", "--no-instructions", *(() if sync else ("--no-sync",))),
        account=where.account,
    )
    binaries.run(
        programs / "postgres",
        *("--single", "-D", str(draft), "-c", "exit_on_error=on", "-c", f"fsync={'on' if sync else 'off'}"),
        "postgres",
        account=where.account,
        text=f"CREATE ROLE {ROLE} LOGIN CREATEDB\nCREATE DATABASE {DATABASE} OWNER {ROLE}\n",
    )
    draft.rename(where.data)


def configure(where: Places, options: Mapping[str, str]) -> None:
    """Write the server's settings and who may connect: root, the server's own user and whoever starts it."""
    settings = SETTINGS | {"unix_socket_directories": str(where.sockets)}
    names = sorted({"root", where.account.name, pwd.getpwuid(os.geteuid()).pw_name})
    files = {
        "postgresql.conf": _lines(settings) + f"include '{OPTIONS_FILE}'\n",
        OPTIONS_FILE: _lines(options),
        "pg_hba.conf": f"local all {ROLE} peer map=tacit\n",
        "pg_ident.conf": "".join(f'tacit "{name}" {ROLE}\n' for name in names),
    }
    for name, text in files.items():
        # Written as the server's user: root never writes where another user could have laid a link.
        keep = 'cat > "$0.new" && mv -f "$0.new" "$0"'
        binaries.run(Path("/bin/sh"), "-c", keep, str(where.data / name), account=where.account, text=text)


def _lines(settings: Mapping[str, str]) -> str:
    for name in settings:
        if not SETTING_NAME.fullmatch(name):
            raise PostgresError(f"{name!r} is not the name of a PostgreSQL setting.")
    quoted = {
        name: value.replace("\\", "\\\\").replace("'", "''") for name, value in sorted(settings.items())
    }
    return "".join(f"{name} = '{value}'\n" for name, value in quoted.items())


def _runs_with(where: Places, options: Mapping[str, str]) -> bool:
    try:
        return (where.data / OPTIONS_FILE).read_text() == _lines(options)
    except OSError:
        return False


def start(where: Places, programs: Path) -> None:
    """Start the server, again and again while what is left of a killed one is still in the way."""
    if where.log.exists() and where.log.stat().st_size > LOG_LIMIT:
        where.log.rename(where.log.with_name("log.old"))
    begin = time.monotonic()
    failures = 0
    while True:
        before = where.log.stat().st_size if where.log.exists() else 0
        try:
            binaries.run(
                programs / "pg_ctl",
                *("start", "--silent", "--wait", f"--timeout={ATTEMPT_SECONDS}"),
                *(f"--pgdata={where.data}", f"--log={where.log}"),
                account=where.account,
                limit=ATTEMPT_SECONDS + 30,
            )
            return
        except PostgresError as error:
            if look(where).state is not State.ABSENT:
                return
            failures += 1
            waited = time.monotonic() - begin
            words = _since(where.log, before)
            passing = any(word in words for word in WORTH_WAITING)
            if waited > START_PATIENCE or (not passing and failures >= FAILURES_BELIEVED):
                raise with_log(f"PostgreSQL does not start. {error}", where.log) from None
            time.sleep(PAUSE)


def _since(log: Path, position: int) -> str:
    try:
        with log.open("rb") as file:
            file.seek(position)
            return file.read(65_536).decode("utf-8", "replace")
    except OSError:
        return ""


def await_ready(where: Places) -> Path:
    """The folder of the socket, as soon as the server lets us in."""
    begin = time.monotonic()
    while True:
        found = look(where)
        if found.state is State.READY:
            return found.sockets
        patience = RECOVERY_PATIENCE if found.state is State.STARTING else CONNECT_SECONDS
        if time.monotonic() - begin > patience:
            raise with_log(f"PostgreSQL runs, but does not let us in: {found.reason}", where.log)
        time.sleep(PAUSE)


def stop(where: Places) -> None:
    """Stop the server cleanly; clients are disconnected. A server that is not there is fine."""
    if running(where) is None:
        return
    sockets = listens_in(where)
    try:
        binaries.run(
            binaries.programs(where.account) / "pg_ctl",
            *("stop", "--silent", "--mode=fast", "--wait", f"--timeout={STOP_SECONDS}"),
            f"--pgdata={where.data}",
            account=where.account,
            limit=STOP_SECONDS + 30,
        )
    except PostgresError as error:
        if running(where) is not None:
            raise with_log(f"PostgreSQL does not stop. {error}", where.log) from None
    with contextlib.suppress(OSError):
        sockets.rmdir()


def running(where: Places) -> int | None:
    """The process id of the server that runs on these data, if one does.

    `postmaster.pid` may be left from before a crash and its number belong to another program by now, so the
    process must show these data on its command line.
    """
    try:
        pid = int((where.data / "postmaster.pid").read_text().splitlines()[0])
        if sys.platform == "linux":
            command = Path(f"/proc/{pid}/cmdline").read_bytes()
        else:
            command = subprocess.run(
                ["ps", "-ww", "-o", "command=", "-p", str(pid)], capture_output=True, check=False
            ).stdout
    except (OSError, ValueError, IndexError):
        return None
    return pid if os.fsencode(where.data) in command else None
