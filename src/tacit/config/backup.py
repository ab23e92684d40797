"""`tacit backup`: the whole shop in one file, written while it runs.

The file is a tar: `manifest.json` first, `database.dump` (pg_dump's custom format), then what the home holds
besides: `home/secret`, `home/media/…`, in the demo what the practice provider and carrier keep, and as `own/…`
what the merchant wrote: settings, mark, texts.
"""

from __future__ import annotations

import contextlib
import hashlib
import importlib.metadata
import io
import json
import os
import shutil
import sqlite3
import subprocess
import tarfile
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path

from tacit.config import backup_own, erasures, pgtools, settings_file
from tacit.config.pgtools import ToolError

FORMAT = 1
MANIFEST, DUMP, HOME, OWN = "manifest.json", "database.dump", "home/", "own/"
SECRET, MEDIA = "secret", "media"
PRACTICE = ("practice.sqlite", "practice-carrier.sqlite")
LARGEST_MANIFEST = 64 * 1024 * 1024  # bytes; it has a line a picture
PIECE = 1024 * 1024
PROGRESS_SECONDS = 2.0

Say = Callable[[str], None]


class BackupError(Exception):
    """There is no backup, or none that can be used; the text names the reason and the way out."""


@dataclass(frozen=True)
class Part:
    """One file in the backup: `size` in bytes, `sha256` in hex."""

    size: int
    sha256: str


@dataclass(frozen=True)
class Manifest:
    """What a backup says of itself. `server`: PostgreSQL's major version; `migrations`: app.name of each."""

    tacit: str
    made_at: str
    server: int
    migrations: list[str]
    files: dict[str, Part]
    format: int = FORMAT


def write(target: Path, *, url: str, home: Path, erased: Path, now: datetime, say: Say) -> Manifest:
    """Write a backup to `target`, readable by its owner only; it appears there when it is whole.

    `erased`: the shop's file of erasures; all it and the database know of is beside `target` afterwards.

    Consistent as of one moment for the database; pictures are copied after it, so none it names is missing.
    Raises BackupError or ToolError; then there is no `target`.
    """
    target = target.absolute()
    if target.exists() or target.is_symlink():
        raise BackupError(f"{target} is there already; choose another name. A backup never overwrites.")
    try:
        draft = Path(tempfile.mkdtemp(prefix=f".{target.name}-", dir=target.parent))
    except OSError as error:
        raise BackupError(f"{target.parent} cannot be written: {error.strerror}.") from None
    try:
        major = pgtools.server_major(url)
        migrations = applied(url)
        dump(url, draft / DUMP, pgtools.tools_for(major), say)
        parts = {DUMP: draft / DUMP, **home_files(home, draft), **own_files(home, draft, say)}
        say(f"{len(parts) - 1} files of {home} …")
        whole = draft / "whole"
        manifest = pack(whole, parts, server=major, migrations=migrations, now=now)
        beside = target.parent / erasures.NAME
        known = erasures.read(erased) if erased.exists() else []
        erasures.merge(beside, [*known, *erasures.of_database(url)])
        put(whole, target)
    except OSError as error:
        raise BackupError(f"The backup cannot be written: {error}.") from None
    except erasures.ErasuresDamaged as error:
        raise BackupError(f"{error} There is no backup yet.") from None
    finally:
        shutil.rmtree(draft, ignore_errors=True)
    say(f"{target}: {megabytes(target.stat().st_size)}, {len(manifest.files)} files with their checksums.")
    if beside.resolve() != erased.resolve():
        say(
            f"{beside} lies beside it and is needed to restore it. Whoever is erased from now on is noted in "
            f"{erased} alone: keep that safe, too, or set TACIT_BACKUPS={target.parent}."
        )
    return manifest


def applied(url: str) -> list[str]:
    """The migrations of this database, as app.name. Raises BackupError when it holds no shop."""
    with pgtools.connect(url) as connection:
        (known,) = connection.execute("SELECT to_regclass('public.django_migrations') IS NOT NULL").fetchall()
        if not known[0]:
            raise BackupError("The database has no tables; there is nothing to back up.")
        rows = connection.execute("SELECT app || '.' || name FROM django_migrations ORDER BY 1").fetchall()
        return [str(row[0]) for row in rows]


def dump(url: str, file: Path, tools: pgtools.Tools, say: Say) -> None:
    """pg_dump into `file`, telling how far it is."""
    address, environment = pgtools.access(url)
    options = ("--format=custom", "--no-owner", "--no-privileges", "--no-password", f"--file={file}")
    with tempfile.TemporaryFile() as errors:
        with subprocess.Popen(
            [tools.folder / "pg_dump", *options, f"--dbname={address}"],
            stdin=subprocess.DEVNULL,
            stdout=errors,
            stderr=errors,
            env=environment,
        ) as process:
            try:
                said = time.monotonic()
                while process.poll() is None:
                    time.sleep(0.05)
                    if time.monotonic() - said > PROGRESS_SECONDS and file.exists():
                        said = time.monotonic()
                        say(f"Database: {megabytes(file.stat().st_size)} so far …")
            except BaseException:
                process.kill()
                raise
        if process.returncode:
            errors.seek(0)
            raise ToolError(f"pg_dump failed: {errors.read().decode('utf-8', 'replace').strip()}")
    say(f"Database: {megabytes(file.stat().st_size)} compressed.")


def home_files(home: Path, draft: Path) -> dict[str, Path]:
    """What a shop needs from its home besides the database: name in the backup → file to read."""
    found: dict[str, Path] = {}
    if (home / SECRET).is_file():
        found[HOME + SECRET] = home / SECRET
    for name in PRACTICE:
        if not (home / name).is_file():
            continue
        copy = draft / name
        with (
            contextlib.closing(sqlite3.connect(f"{(home / name).as_uri()}?mode=ro", uri=True)) as source,
            contextlib.closing(sqlite3.connect(copy)) as target,
        ):
            source.backup(target)  # consistent while it is written
        found[HOME + name] = copy
    for path in sorted((home / MEDIA).rglob("*")):
        if path.is_file() and not path.is_symlink() and not path.name.startswith("."):
            found[HOME + path.relative_to(home).as_posix()] = path
    return found


def own_files(home: Path, draft: Path, say: Say) -> dict[str, Path]:
    """What the merchant wrote into the home: name in the backup → file to read. Says what lies elsewhere."""
    found: dict[str, Path] = {}
    if settings := backup_own.kept_settings(home, draft):
        found[OWN + settings_file.NAME] = settings
    inside, elsewhere = backup_own.brand_files(home)
    for path in inside:
        if path.parts[0] != MEDIA:  # pictures are in it anyhow
            found[f"{OWN}{path}"] = home / path
    for each in elsewhere:
        say(f"Not in it, because it lies outside {home}: {each}")
    return found


def pack(
    whole: Path, parts: dict[str, Path], *, server: int, migrations: list[str], now: datetime
) -> Manifest:
    manifest = Manifest(
        tacit=importlib.metadata.version("tacit"),
        made_at=now.isoformat(timespec="seconds"),
        server=server,
        migrations=migrations,
        files={name: Part(path.stat().st_size, digest(path)) for name, path in parts.items()},
    )
    descriptor = os.open(whole, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        with tarfile.open(fileobj=file, mode="w", format=tarfile.PAX_FORMAT) as tar:
            add(
                tar,
                MANIFEST,
                io.BytesIO(body := json.dumps(asdict(manifest), indent=1).encode()),
                len(body),
                now,
            )
            for name, path in parts.items():
                with path.open("rb") as source:
                    add(tar, name, source, manifest.files[name].size, now)
        file.flush()
        os.fsync(file.fileno())
    return manifest


def add(tar: tarfile.TarFile, name: str, source: io.BufferedIOBase, size: int, now: datetime) -> None:
    entry = tarfile.TarInfo(name)
    entry.size, entry.mode, entry.mtime = size, 0o600, int(now.timestamp())
    tar.addfile(entry, source)


def put(whole: Path, target: Path) -> None:
    """Give the finished file its name, unless somebody took the name meanwhile."""
    taken = BackupError(f"{target} has been made meanwhile; choose another name.")
    try:
        os.link(whole, target)  # unlike rename, a link never replaces a file
    except FileExistsError:
        raise taken from None
    except OSError:  # a file system without links
        if target.exists():
            raise taken from None
        whole.rename(target)


def digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def megabytes(size: int) -> str:
    return f"{size / 1e6:,.1f} MB"


@contextlib.contextmanager
def opened(file: Path) -> Iterator[tuple[tarfile.TarFile, Manifest]]:
    """A backup and its manifest, which must come first. Raises BackupError when `file` is none."""
    wrong = BackupError(f"{file} is not a backup made by `tacit backup`, or it is damaged.")
    try:
        with tarfile.open(file, mode="r:") as tar:
            first = tar.next()
            if first is None or first.name != MANIFEST or first.size > LARGEST_MANIFEST:
                raise wrong
            body = tar.extractfile(first)
            if body is None:
                raise wrong
            yield tar, read_manifest(body.read(), file)
    except FileNotFoundError:
        raise BackupError(f"There is no file {file}.") from None
    except (tarfile.TarError, EOFError):
        raise wrong from None


def read_manifest(body: bytes, file: Path) -> Manifest:
    """The manifest as it was written. Raises BackupError."""
    try:
        noted = json.loads(body)
        if noted["format"] != FORMAT:
            raise BackupError(
                f"{file} has the format {noted['format']}; this version reads {FORMAT}. Use the Tacit that made it."
            )
        files = {str(name): Part(int(of["size"]), str(of["sha256"])) for name, of in noted["files"].items()}
        return Manifest(
            str(noted["tacit"]),
            str(noted["made_at"]),
            int(noted["server"]),
            [str(name) for name in noted["migrations"]],
            files,
        )
    except (ValueError, KeyError, TypeError, AttributeError):
        raise BackupError(f"The manifest of {file} cannot be read; the file is damaged.") from None
