"""`tacit doctor`: what is wrong with this machine, in plain words, and the way out.

Every check is a small function that gives one finding and never needs Django to be set up.
"""

import contextlib
import datetime
import os
import platform
import shutil
import subprocess
import sys
import zoneinfo
from collections.abc import Callable
from pathlib import Path

from tacit.config import collected, doctor_payment, environment, free_port, payments, postgres, settings_file
from tacit.config.finding import Finding, Grade
from tacit.config.postgres import account as accounts
from tacit.config.postgres import binaries, cluster, places
from tacit.config.processes import ProcessError

NEEDED_PYTHON = (3, 11)
NEEDED_POSTGRES = 14
DELIVERY_COMES_BY = "Write it into a file and run: tacit import delivery FILE (docs/shipping-and-tax.md)."
LITTLE_DISK = 1_000_000_000  # bytes
LITTLE_SHARED_MEMORY = 16_000_000
SYSTEMS = {"linux": "Linux", "darwin": "macOS"}
MACHINES = ("x86_64", "aarch64", "arm64")
FIRST_YEAR, LAST_YEAR = 2025, 2100
SUBPROCESS_SECONDS = 120
BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
MAC_BROWSERS = (
    "/Applications/Chromium.app/Contents/MacOS/Chromium",
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
)


def examine(*, port: int) -> list[Finding]:
    """All findings for this machine and home. A check that fails itself is a finding, too."""
    folder = environment.home()
    with contextlib.suppress(environment.SettingError):  # said by the check of the settings
        settings_file.load(folder)
    named = os.environ.get("DATABASE_URL", "").strip()
    checks: list[tuple[str, Callable[[], Finding]]] = [
        ("Python", lambda: python(sys.version_info[:2])),
        ("System", lambda: system(sys.platform, platform.machine())),
        ("Clock", lambda: clock(datetime.datetime.now(datetime.UTC), os.environ.get("TZ", ""))),
        ("Home", lambda: home_writable(folder)),
        ("Erasures", lambda: erasures_writable(environment.erasures())),
        ("Disk", lambda: disk(folder)),
        ("Settings", settings),
        ("Payment", doctor_payment.payment),
    ]
    if doctor_payment.provider() == payments.STRIPE:
        checks.append(("Webhook", doctor_payment.webhook))
    if named:
        checks.append(("DATABASE_URL", lambda: server(named)))
    else:
        checks += [
            ("PostgreSQL's programs", programs),
            ("PostgreSQL's user", lambda: runner(folder)),
            ("PostgreSQL's socket", lambda: socket(folder)),
            ("Shared memory", lambda: shared_memory(Path("/dev/shm"))),  # noqa: S108  only its size is asked
        ]
    checks += [
        ("Tables", lambda: tables(folder, named=bool(named))),
        ("Style sheets", lambda: style_sheets(folder, named=bool(named))),
        ("Delivery", lambda: delivery(folder, named=bool(named))),
        ("Port", lambda: port_free(port)),
        ("Chromium", browser),
    ]
    return [_sure(subject, check) for subject, check in checks]


def _sure(subject: str, check: Callable[[], Finding]) -> Finding:
    try:
        return check()
    except (postgres.PostgresError, ProcessError, OSError) as error:
        return Finding(Grade.WRONG, subject, str(error))


def python(version: tuple[int, int]) -> Finding:
    if version < NEEDED_PYTHON:
        return Finding(Grade.WRONG, "Python", f"{version[0]}.{version[1]} is too old; install 3.11 or newer.")
    return Finding(Grade.FINE, "Python", f"{version[0]}.{version[1]}")


def system(name: str, machine: str) -> Finding:
    words = f"{SYSTEMS.get(name, name)} on {machine}"
    if name in SYSTEMS and machine in MACHINES:
        return Finding(Grade.FINE, "System", words)
    return Finding(
        Grade.NOTE if os.environ.get("DATABASE_URL") else Grade.WRONG,
        "System",
        f"{words} has no embedded PostgreSQL. {binaries.ELSEWHERE}",
    )


def clock(now: datetime.datetime, zone: str) -> Finding:
    """`zone`: the variable TZ, "" when it is not set."""
    if not FIRST_YEAR <= now.year < LAST_YEAR:
        return Finding(
            Grade.WRONG, "Clock", f"it says {now:%Y-%m-%d}; set it, or certificates and deadlines go wrong."
        )
    if zone and not zone.startswith((":", "/")) and any(letter.islower() for letter in zone):
        with contextlib.suppress(zoneinfo.ZoneInfoNotFoundError, ValueError):
            zoneinfo.ZoneInfo(zone)
            return Finding(Grade.FINE, "Clock", f"{now:%Y-%m-%d %H:%M} UTC, time zone {zone}")
        return Finding(
            Grade.WRONG, "Clock", f"TZ={zone} is no time zone; unset it or set one like Europe/Berlin."
        )
    return Finding(Grade.FINE, "Clock", f"{now:%Y-%m-%d %H:%M} UTC")


def home_writable(folder: Path) -> Finding:
    nearest = _nearest(folder)
    if not nearest.is_dir():
        return Finding(Grade.WRONG, "Home", f"{nearest} is not a folder; set TACIT_HOME to one.")
    if not os.access(nearest, os.W_OK | os.X_OK):
        return Finding(
            Grade.WRONG,
            "Home",
            f"{nearest} cannot be written by this user; set TACIT_HOME to a folder of yours.",
        )
    return Finding(Grade.FINE, "Home", str(folder))


def erasures_writable(file: Path) -> Finding:
    """Whether the shop can note who is erased; when it cannot, nobody is."""
    subject, nearest = "Erasures", _nearest(file)
    means = os.W_OK if nearest == file else os.W_OK | os.X_OK
    if (nearest != file and not nearest.is_dir()) or file.is_dir() or not os.access(nearest, means):
        return Finding(
            Grade.WRONG,
            subject,
            f"{file} cannot be written by this user, so nobody can be erased; set TACIT_BACKUPS to a folder of yours.",
        )
    return Finding(Grade.FINE, subject, f"noted in {file}")


def disk(folder: Path, usage: Callable[[Path], tuple[int, int, int]] = shutil.disk_usage) -> Finding:
    free = usage(_nearest(folder))[2]
    words = f"{free / 1e9:.1f} GB free for {folder}"
    if free < LITTLE_DISK:
        return Finding(
            Grade.WRONG, "Disk", f"{words}; the shop with its data wants at least 1 GB. Free some space."
        )
    return Finding(Grade.FINE, "Disk", words)


def _nearest(folder: Path) -> Path:
    """The folder itself, or the nearest parent that is there."""
    while not folder.exists() and folder != folder.parent:
        folder = folder.parent
    return folder


def settings() -> Finding:
    """Read the settings in a process of their own, so that bad ones hurt only that."""
    done = _python("-m", "tacit.config.reading")
    if done.returncode:
        return Finding(Grade.WRONG, "Settings", f"{_last_line(done)}. docs/settings.md lists them.")
    if strange := environment.unknown(os.environ):
        said = [f"{name} is none of ours{near and f'; is {near} meant?'}" for name, near in strange.items()]
        return Finding(Grade.NOTE, "Settings", f"{', '.join(said)} docs/settings.md lists them.")
    names = sorted(name for name in os.environ if name.startswith("TACIT_"))
    return Finding(Grade.FINE, "Settings", ", ".join(names) if names else "none set, the defaults apply")


def server(url: str) -> Finding:
    """Whether the server behind DATABASE_URL answers and is new enough."""
    import psycopg

    try:
        with psycopg.connect(url, connect_timeout=5) as connection:
            version = connection.info.server_version
    except (psycopg.Error, ValueError) as error:
        reason = str(error).strip().splitlines()[0]
        return Finding(
            Grade.WRONG,
            "DATABASE_URL",
            f"no database there: {reason}. Correct it, or unset it to use the embedded PostgreSQL.",
        )
    if version < NEEDED_POSTGRES * 10_000:
        return Finding(
            Grade.WRONG,
            "DATABASE_URL",
            f"PostgreSQL {version // 10_000} is too old; use {NEEDED_POSTGRES} or newer.",
        )
    return Finding(Grade.FINE, "DATABASE_URL", f"PostgreSQL {version // 10_000} answers")


def programs() -> Finding:
    """Whether the programs of the wheel are there and run as this user (`runner` looks at root's)."""
    own = accounts.own_account()
    found = binaries.package() / binaries.FOLDER / "bin"
    if not binaries.works(found, own):
        return Finding(
            Grade.WRONG,
            "PostgreSQL's programs",
            f"those in {found} do not work. Delete .venv and run bin/demo again, or set DATABASE_URL.",
        )
    return Finding(
        Grade.FINE,
        "PostgreSQL's programs",
        binaries.run(found / "postgres", "--version", account=own).strip(),
    )


def runner(folder: Path) -> Finding:
    """Who runs the server, where its data are, and whether the one can reach the other."""
    where = places.places(folder)
    words = f"{where.account.name} runs it on {where.store}"
    found = binaries.package() / binaries.FOLDER / "bin"
    notes = []
    if where.account.switched:
        if closed := accounts.closed_to(where.account, found):
            notes.append(
                f"its programs are copied to {binaries.SHARED}, because {closed} is closed to that user"
            )
        if binaries.SHARED in where.store.parents:
            notes.append(f"its data are kept there, because {folder} is closed to that user")
        if closed := accounts.closed_to(where.account, where.store):
            return Finding(
                Grade.WRONG, "PostgreSQL's user", f"{words}, but cannot enter {closed}; open that folder."
            )
    if notes:
        return Finding(Grade.NOTE, "PostgreSQL's user", "; ".join([words, *notes]))
    return Finding(Grade.FINE, "PostgreSQL's user", words)


def socket(folder: Path) -> Finding:
    where = places.places(folder)
    found = cluster.look(where)
    if not os.access(_nearest(where.sockets), os.W_OK | os.X_OK):
        return Finding(
            Grade.WRONG,
            "PostgreSQL's socket",
            f"{_nearest(where.sockets)} cannot be written; set TACIT_SOCKET_DIR to a short folder of yours.",
        )
    return Finding(Grade.FINE, "PostgreSQL's socket", f"{where.sockets} ({found.state.value})")


def shared_memory(folder: Path, usage: Callable[[Path], tuple[int, int, int]] = shutil.disk_usage) -> Finding:
    """Linux keeps it in a file system, which containers sometimes make tiny or leave out."""
    if sys.platform != "linux":
        return Finding(Grade.FINE, "Shared memory", "given by the system")
    if not folder.is_dir() or not os.access(folder, os.W_OK):
        return Finding(
            Grade.WRONG,
            "Shared memory",
            f"{folder} is missing or read-only; PostgreSQL needs it. Mount a tmpfs there.",
        )
    free = usage(folder)[2]
    if free < LITTLE_SHARED_MEMORY:
        return Finding(
            Grade.WRONG,
            "Shared memory",
            f"only {free / 1e6:.0f} MB free in {folder}; give the container more (docker: --shm-size=256m).",
        )
    return Finding(Grade.FINE, "Shared memory", f"{free / 1e6:.0f} MB free in {folder}")


def tables(folder: Path, *, named: bool) -> Finding:
    """Whether the database has this version's tables. Starts the embedded server if it has data."""
    if not _has_data(folder, named=named):
        return Finding(Grade.NOTE, "Tables", "no data yet; bin/demo makes them.")
    done = _python("-m", "tacit.config.cli", "django", "migrate", "--check")
    if done.returncode == 0:
        return Finding(Grade.FINE, "Tables", "up to date")
    if "[ ]" in done.stdout or "perform" in done.stdout.lower() or not done.stderr.strip():
        return Finding(Grade.WRONG, "Tables", "older than this version of Tacit; run: tacit migrate")
    return Finding(Grade.WRONG, "Tables", f"cannot be looked at: {_last_line(done)}")


def style_sheets(folder: Path, *, named: bool) -> Finding:
    """Whether what pages look like is there; a backup does not bring it."""
    if not collected.are_missing(folder):
        return Finding(Grade.FINE, "Style sheets", f"in {folder / collected.FOLDER}")
    if not _has_data(folder, named=named):
        return Finding(Grade.NOTE, "Style sheets", "none yet; tacit prepare or bin/demo collects them.")
    return Finding(Grade.WRONG, "Style sheets", collected.sentence(folder))


def _has_data(folder: Path, *, named: bool) -> bool:
    return named or (places.places(folder).data / "PG_VERSION").exists()


def delivery(folder: Path, *, named: bool) -> Finding:
    """Whether the shop can send to its own country and knows the tax there; without, nobody can order."""
    if not _has_data(folder, named=named):
        return Finding(Grade.NOTE, "Delivery", "no data yet; bin/demo makes them.")
    done = _python("-m", "tacit.config.selling")
    if done.returncode:
        return Finding(Grade.NOTE, "Delivery", "not looked at before settings and tables are right")
    if lines := done.stdout.strip().splitlines():
        return Finding(Grade.NOTE, "Delivery", f"{'; '.join(lines)}. {DELIVERY_COMES_BY}")
    return Finding(Grade.FINE, "Delivery", "there is a way to the shop's own country, and a tax rate")


def port_free(port: int) -> Finding:
    if free_port.is_free("127.0.0.1", port):
        return Finding(Grade.FINE, "Port", f"{port} is free")
    return Finding(
        Grade.NOTE,
        "Port",
        f"{port} is taken (by a shop that runs?); bin/demo takes the next free one, or name one: --port",
    )


def chromium() -> str | None:
    """The browser for the browser tests: TACIT_CHROMIUM, or one that is installed."""
    if named := os.environ.get("TACIT_CHROMIUM"):
        return shutil.which(named)
    for name in (*BROWSERS, *MAC_BROWSERS):
        if found := shutil.which(name):
            return found
    return None


def browser() -> Finding:
    if found := chromium():
        return Finding(Grade.FINE, "Chromium", found)
    return Finding(Grade.NOTE, "Chromium", "not found; only the browser tests of bin/test need it.")


def _python(*arguments: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [sys.executable, *arguments],
        capture_output=True,
        text=True,
        stdin=subprocess.DEVNULL,
        timeout=SUBPROCESS_SECONDS,
        check=False,
    )


def _last_line(done: "subprocess.CompletedProcess[str]") -> str:
    lines = (done.stderr.strip() or done.stdout.strip() or f"exit {done.returncode}").splitlines()
    return lines[-1].strip().rstrip(".")
