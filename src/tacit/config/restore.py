"""`tacit restore`: a backup becomes a shop again, whole or not at all.

Everything is checked before anything is touched. The database is filled in one transaction, in which also
what was there before is dropped, so there is no moment with half a shop.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import shutil
import subprocess
import tarfile
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from tacit.config import backup_own, erasures, pgtools
from tacit.config.backup import (
    DUMP,
    HOME,
    MEDIA,
    OWN,
    PIECE,
    PRACTICE,
    PROGRESS_SECONDS,
    SECRET,
    BackupError,
    Manifest,
    Say,
    digest,
    megabytes,
    opened,
)
from tacit.config.pgtools import ToolError, Tools
from tacit.config.postgres import locks
from tacit.core.restored import JOURNAL_READY

BODY = (b"CREATE ", b"ALTER ", b"COPY ")  # where a dump's SET statements end
UNKNOWN_TO_OLDER = b"SET transaction_timeout"  # PostgreSQL 17's; older servers refuse it and do not need it
ENDED = (
    "What was revoked since the backup could be back, so all sign-ins, passkeys, recovery codes and keys of programs "
    "end and all webhooks are off. Look at TACIT_STAFF before you start the shop: docs/backup.md says what else."
)
PSQL = ("--no-psqlrc", "--quiet", "--set=ON_ERROR_STOP=1", "--no-password", "--file=-")

DROP_ALL = """
SET lock_timeout = '5s';
DO $$
DECLARE each record;
BEGIN
  FOR each IN
    SELECT format('%I.%I', n.nspname, c.relname) AS name,
           CASE c.relkind WHEN 'v' THEN 'VIEW' WHEN 'm' THEN 'MATERIALIZED VIEW' WHEN 'S' THEN 'SEQUENCE'
                          ELSE 'TABLE' END AS kind
      FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
     WHERE n.nspname = 'public' AND c.relkind IN ('r', 'p', 'v', 'm', 'S')
       AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.objid = c.oid AND d.deptype = 'e')
     ORDER BY c.relkind = 'S'
  LOOP EXECUTE format('DROP %s IF EXISTS %s CASCADE', each.kind, each.name); END LOOP;
  FOR each IN
    SELECT p.oid::regprocedure AS name, CASE p.prokind WHEN 'p' THEN 'PROCEDURE' WHEN 'a' THEN 'AGGREGATE'
           ELSE 'FUNCTION' END AS kind
      FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace
     WHERE n.nspname = 'public'
       AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.objid = p.oid AND d.deptype = 'e')
  LOOP EXECUTE format('DROP %s IF EXISTS %s CASCADE', each.kind, each.name); END LOOP;
  FOR each IN
    SELECT format('%I.%I', n.nspname, t.typname) AS name
      FROM pg_type t JOIN pg_namespace n ON n.oid = t.typnamespace LEFT JOIN pg_class c ON c.oid = t.typrelid
     WHERE n.nspname = 'public' AND (t.typtype IN ('e', 'd', 'r') OR c.relkind = 'c')
       AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.objid = t.oid AND d.deptype = 'e')
  LOOP EXECUTE format('DROP TYPE IF EXISTS %s CASCADE', each.name); END LOOP;
END $$;
RESET lock_timeout;
"""


@dataclass(frozen=True)
class Present:
    """What a restore would destroy: `tables` and `size` (bytes) of the database, files of the home."""

    database: str
    tables: int
    size: int
    files: tuple[str, ...]

    @property
    def anything(self) -> bool:
        return bool(self.tables or self.files)

    def lines(self) -> list[str]:
        """One line for each thing that would be gone."""
        lines = []
        if self.tables:
            lines.append(f"{self.database}: all {self.tables} tables, {megabytes(self.size)}")
        return [*lines, *self.files]


def check_alone(home: Path) -> None:
    """Raise BackupError when the embedded server of `home` is in use. To be called before leasing it."""
    with locks.user(home) as user, locks.turn(home):
        user.begin()
        if not user.is_last():
            raise BackupError(
                f"The shop in {home} runs, or another command uses it. Stop it first (the demo: Ctrl-C)."
            )


def restore(
    source: Path,
    *,
    url: str,
    home: Path,
    known: set[str],
    erased: Path,
    named: Path | None,
    agree: Callable[[Present], bool] | None,
    say: Say,
) -> Manifest | None:
    """Make the shop of `source` in the database `url` and in `home`.

    `known`: this version's migrations, as app.name. `erased`: the shop's file of erasures; `named`: the one to use
    instead of the one beside `source`. What they name is noted in the database, to be erased again by
    `erasures.replay` before the shop starts. `agree` is asked before anything there is destroyed; None
    refuses to destroy. Returns None when it did not agree. Raises BackupError or ToolError; then nothing has
    changed.
    """
    with opened(source) as (tar, manifest):
        due = erased_since(source, named=named, erased=erased)
        major = pgtools.server_major(url)
        check_versions(manifest, major=major, known=known)
        check_nobody(url)
        due += erasures.of_database(url)  # the shop that is destroyed may know of some that no file names
        present = what_is_there(url, home, manifest)
        if present.anything and agree is None:
            raise BackupError(
                "There is a shop already; nothing was changed. --replace would destroy:\n  "
                + "\n  ".join(present.lines())
            )
        say(f"Checking {source}, made {manifest.made_at} …")
        try:
            home.mkdir(parents=True, exist_ok=True)
            draft = Path(tempfile.mkdtemp(prefix=".restore-", dir=home))
        except OSError as error:
            raise BackupError(f"{home} cannot be written: {error.strerror}.") from None
        try:
            unpack(tar, manifest, draft)
            if present.anything and agree is not None and not agree(present):
                return None
            fill(
                url,
                draft / DUMP,
                pgtools.tools_for(max(major, manifest.server)),
                replace=bool(present.tables),
                due=due,
                say=say,
            )
            settle(draft, home)
            for each in backup_own.put_back(draft / OWN, home):
                say(f"{home / each} stays as it is; the backup has another.")
        finally:
            shutil.rmtree(draft, ignore_errors=True)
    with pgtools.connect(url) as connection:
        connection.execute("ANALYZE")
    try:
        erasures.merge(erased, due)
    except OSError as error:
        say(f"{erased} cannot be written: {error.strerror}. `tacit backup` writes it anew.")
    return manifest


def erased_since(source: Path, *, named: Path | None, erased: Path) -> list[erasures.Line]:
    """Who must not come back with this backup. Raises BackupError when the file that says so is missing or damaged."""
    file = named or source.absolute().parent / erasures.NAME
    try:
        found = erasures.read(file)
    except OSError as error:
        raise BackupError(
            f"{file} cannot be read: {error.strerror}. It says who was erased since the backup was made, and they "
            "must stay so; nothing was changed. Put it back there, or name it with --erasures FILE. Only if nobody "
            "was ever erased, an empty file will do."
        ) from None
    except erasures.ErasuresDamaged as error:
        raise BackupError(f"{error} Nothing was changed.") from None
    try:
        return [*found, *(erasures.read(erased) if erased.exists() else [])]
    except erasures.ErasuresDamaged as error:
        raise BackupError(f"{error} Nothing was changed.") from None


def check_versions(manifest: Manifest, *, major: int, known: set[str]) -> None:
    """Raise BackupError when this server or this Tacit is older than what made the backup."""
    if manifest.server > major:
        raise BackupError(
            f"The backup is of PostgreSQL {manifest.server}, this server is {major}. "
            f"Restore it to PostgreSQL {manifest.server} or newer."
        )
    ours = {name.split(".")[0] for name in known}
    newer = [name for name in manifest.migrations if name.split(".")[0] in ours and name not in known]
    if newer:
        raise BackupError(
            f"The backup was made by Tacit {manifest.tacit}, which is newer than this one "
            f"({newer[0]} is unknown here). Restore it with that version."
        )


def check_nobody(url: str) -> None:
    """Raise BackupError when somebody else is connected to the database."""
    with pgtools.connect(url) as connection:
        ((others,),) = connection.execute(
            "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()"
            " AND pid <> pg_backend_pid() AND backend_type = 'client backend'"
        ).fetchall()
    if others:
        raise BackupError(
            f"{others} other connections use the database. Stop the shop and its worker first, then try again."
        )


def what_is_there(url: str, home: Path, manifest: Manifest) -> Present:
    """What stands in the way. A file that is the same as in the backup does not."""
    with pgtools.connect(url) as connection:
        (row,) = connection.execute(
            "SELECT count(*), pg_database_size(current_database()) FROM pg_class c"
            " JOIN pg_namespace n ON n.oid = c.relnamespace WHERE n.nspname = 'public' AND c.relkind IN ('r', 'p')"
            " AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.objid = c.oid AND d.deptype = 'e')"
        ).fetchall()
        database = f"database {connection.info.dbname}"
    files = []
    for name in (SECRET, *PRACTICE):
        part = manifest.files.get(HOME + name)
        file = home / name
        if part and file.exists() and digest(file) != part.sha256:
            files.append(str(file))
    pictures = [file for file in (home / MEDIA).rglob("*") if file.is_file()]
    others = [
        file
        for file in pictures
        if (part := manifest.files.get(HOME + file.relative_to(home).as_posix())) is None
        or digest(file) != part.sha256
    ]
    if others:
        files.append(f"{home / MEDIA}: {len(others)} files")
    return Present(database, int(row[0]), int(row[1]), tuple(files))


def unpack(tar: tarfile.TarFile, manifest: Manifest, draft: Path) -> None:
    """Every file the manifest names, into `draft`, with its checksum verified. Raises BackupError."""
    left = dict(manifest.files)
    if DUMP not in left:
        raise BackupError("The backup holds no database; it is damaged.")
    while (entry := tar.next()) is not None:
        part = left.pop(entry.name, None)
        if part is None or not entry.isreg() or entry.size != part.size or not allowed(entry.name):
            raise BackupError(f"The backup is damaged: {entry.name!r} is not what its manifest says.")
        body = tar.extractfile(entry)
        if body is None:
            raise BackupError(f"The backup is damaged: {entry.name} cannot be read.")
        file = draft / entry.name
        file.parent.mkdir(parents=True, exist_ok=True)
        seen = hashlib.sha256()
        with os.fdopen(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as output:
            while piece := body.read(PIECE):
                seen.update(piece)
                output.write(piece)
        if seen.hexdigest() != part.sha256:
            raise BackupError(f"The backup is damaged: the checksum of {entry.name} is wrong.")
    if left:
        raise BackupError(f"The backup is damaged: {min(left)} is missing.")


def allowed(name: str) -> bool:
    """Whether a backup may hold this file: nothing of it leaves the home, nothing else in it is touched."""
    path = PurePosixPath(name)
    if path.is_absolute() or ".." in path.parts or str(path) != name:
        return False
    if name.startswith(OWN):  # put only where there is nothing yet
        return path.parts[1] not in {SECRET, MEDIA, *PRACTICE}
    return name in {DUMP, HOME + SECRET, *(HOME + each for each in PRACTICE)} or path.parts[:2] == (
        "home",
        MEDIA,
    )


def fill(url: str, file: Path, tools: Tools, *, replace: bool, due: list[erasures.Line], say: Say) -> None:
    """The dump into the database in one transaction: pg_restore writes SQL, psql runs it, we commit last.

    Raises ToolError; then nothing has changed, for a psql that gets no COMMIT rolls back.
    """
    address, environment = pgtools.access(url)
    environment["PGOPTIONS"] = "-c client_min_messages=warning"
    with tempfile.TemporaryFile() as errors:
        reading = subprocess.Popen(
            [tools.folder / "pg_restore", "--no-owner", "--no-privileges", "--no-comments", "--file=-", file],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=errors,
            env=environment,
        )
        running = subprocess.Popen(
            [tools.folder / "psql", *PSQL, f"--dbname={address}"],
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=errors,
            env=environment,
        )
        with contextlib.suppress(BrokenPipeError), reading, running:  # psql gave up; its exit code tells
            try:
                copy(reading, running, replace=replace, due=due, say=say)
            except (BrokenPipeError, ToolError):
                reading.kill()
            except BaseException:
                reading.kill()
                running.kill()
                raise
        if reading.returncode or running.returncode:
            errors.seek(0)
            words = errors.read().decode("utf-8", "replace").strip()
            raise ToolError(f"The database cannot be restored, and is as it was: {words[-1000:]}")


def copy(
    reading: subprocess.Popen[bytes],
    running: subprocess.Popen[bytes],
    *,
    replace: bool,
    due: list[erasures.Line],
    say: Say,
) -> None:
    source, target = reading.stdout, running.stdin
    if source is None or target is None:
        raise ToolError("no pipe")
    target.write(b"BEGIN;\n" + (DROP_ALL.encode() if replace else b""))
    while line := source.readline():
        if not line.startswith(UNKNOWN_TO_OLDER):
            target.write(line)
        if line.startswith(BODY):
            break
    sent, said = 0, time.monotonic()
    while piece := source.read(PIECE):
        target.write(piece)
        sent += len(piece)
        if time.monotonic() - said > PROGRESS_SECONDS:
            said = time.monotonic()
            say(f"Database: {megabytes(sent)} so far …")
    if reading.wait():
        raise ToolError("the dump cannot be read to its end")
    target.write(JOURNAL_READY.encode() + erasures.noted(due).encode() + b"COMMIT;\n")
    target.flush()


def settle(draft: Path, home: Path) -> None:
    """Put the unpacked files in their places, each by a rename."""
    unpacked = draft / "home"
    for name in (SECRET, *PRACTICE):
        if (unpacked / name).exists():
            (unpacked / name).replace(home / name)
    if (home / MEDIA).exists():
        (home / MEDIA).rename(draft / "before")
    if (unpacked / MEDIA).exists():
        for path in [unpacked / MEDIA, *(unpacked / MEDIA).rglob("*")]:
            path.chmod(0o755 if path.is_dir() else 0o644)
        (unpacked / MEDIA).rename(home / MEDIA)


def own_migrations() -> set[str]:
    """This version's migrations of our own rooms, as app.name, read from their files."""
    rooms = Path(__file__).parents[1]
    return {f"{file.parents[1].name}.{file.stem}" for file in rooms.glob("*/migrations/[0-9]*.py")}
