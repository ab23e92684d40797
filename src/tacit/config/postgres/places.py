"""Where a home's server keeps its data, its log and its socket."""

import hashlib
import os
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

from tacit.config.postgres import binaries
from tacit.config.postgres.account import Account, closed_to, server_account
from tacit.config.postgres.errors import PostgresError

PORT = 5432  # names the socket file; nothing listens on TCP
LONGEST_SOCKET_PATH = 103  # bytes; Linux allows 107, macOS 103
ROLE = DATABASE = "tacit"


@dataclass(frozen=True)
class Places:
    """The folders of one server. `store` holds `data` and `log`; it belongs to `account`, mode 0700."""

    account: Account
    store: Path
    sockets: Path

    @property
    def data(self) -> Path:
        return self.store / "data"

    @property
    def log(self) -> Path:
        return self.store / "log"


def places(home: Path) -> Places:
    """Where the server of `home` lives. Makes nothing. Raises PostgresError when it has no place to live."""
    inside = home / "postgres"
    outside = outside_of(home)
    try:
        account = server_account(inside if inside.exists() else outside)
        made_inside, made_outside = (inside / "data").exists(), (outside / "data").exists()
    except PermissionError as error:
        raise PostgresError(
            f"{error.filename} belongs to another user. Run this as that user, or name another TACIT_HOME."
        ) from None
    closed = closed_to(account, inside) if account.switched else None
    if made_inside and closed:
        raise PostgresError(
            f"The data in {inside} cannot be reached by user {account.name}, who runs PostgreSQL: "
            f"{closed} is closed. Open it again (chmod o+x {closed}), or run this as the owner of the data."
        )
    # Data once put outside stay there, also when the folder has been opened since.
    store = outside if closed or (made_outside and not made_inside) else inside
    return Places(account, store, socket_folder(store))


def outside_of(home: Path) -> Path:
    """Where root keeps the data of a `home` that is closed to the server's user."""
    return binaries.SHARED / f"data-{digest(home / 'postgres')}"


def digest(path: Path) -> str:
    return hashlib.sha256(os.fsencode(path.absolute())).hexdigest()[:12]


def socket_folder(store: Path) -> Path:
    """A short folder for the socket, the same for everybody who asks.

    TACIT_SOCKET_DIR overrides the base. Raises PostgresError when the socket's path would be too long.
    """
    named = os.environ.get("TACIT_SOCKET_DIR", "").strip()
    if named:
        base = Path(named).absolute()
    elif os.geteuid() == 0 and os.access("/run", os.W_OK):
        base = Path("/run")
    else:
        base = Path("/tmp")  # noqa: S108  the folder in it is checked to be ours
    folder = base / f"tacit-{os.geteuid()}-{digest(store)}"
    check_length(folder)
    return folder


def check_length(folder: Path) -> None:
    """Raise PostgresError when a socket in `folder` would exceed the operating system's limit."""
    length = len(os.fsencode(folder / f".s.PGSQL.{PORT}"))
    if length > LONGEST_SOCKET_PATH:
        raise PostgresError(
            f"The socket's path in {folder} would be {length} bytes long; {LONGEST_SOCKET_PATH} are allowed. "
            "Set TACIT_SOCKET_DIR to a short folder, for example /tmp."
        )


def url(sockets: Path, database: str = DATABASE) -> str:
    """The libpq URL of `database` on the server that listens in `sockets`."""
    return f"postgresql://{ROLE}@:{PORT}/{database}?host={quote(str(sockets), safe='')}"


def make_store(where: Places) -> None:
    """Make the folders of the server, owned and closed, or check those that are there."""
    for folder in (where.store, where.sockets):
        binaries.own_folder(folder, mode=0o700, uid=where.account.uid, gid=where.account.gid)
