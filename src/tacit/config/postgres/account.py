"""The OS user PostgreSQL runs as, and what that user can reach."""

import os
import pwd
import stat
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tacit.config.postgres.errors import PostgresError

UNPRIVILEGED = ("postgres", "nobody")


@dataclass(frozen=True)
class Account:
    """An OS user; `switched` when it is not the user who runs this process."""

    name: str
    uid: int
    gid: int
    groups: tuple[int, ...]
    switched: bool

    def how(self) -> dict[str, Any]:
        """Arguments for `subprocess` to run a program as this user."""
        if not self.switched:
            return {}
        return {"user": self.uid, "group": self.gid, "extra_groups": list(self.groups)}


def server_account(data: Path) -> Account:
    """Who runs the server on `data`.

    An ordinary user runs it as itself. PostgreSQL refuses root, so root takes the owner of the data,
    else `postgres`, else `nobody`. Raises PostgresError when there is no such user.
    """
    if os.geteuid() != 0:
        return own_account()
    owner = data.stat().st_uid if data.exists() else 0
    if owner:
        return _account(owner, switched=True)
    for name in UNPRIVILEGED:
        try:
            return _account(pwd.getpwnam(name).pw_uid, switched=True)
        except KeyError:
            continue
    raise PostgresError(
        "PostgreSQL does not run as root, and this machine has neither a user postgres nor a user nobody. "
        "Run this as an ordinary user, or set DATABASE_URL to a server of yours."
    )


def own_account() -> Account:
    """The user who runs this process."""
    return _account(os.geteuid(), switched=False)


def _account(uid: int, *, switched: bool) -> Account:
    try:
        entry = pwd.getpwuid(uid)
    except KeyError:
        raise PostgresError(
            f"The user id {uid} has no name on this machine, and PostgreSQL needs one. "
            "Add the user (for example: useradd), or set DATABASE_URL to a server of yours."
        ) from None
    groups = os.getgrouplist(entry.pw_name, entry.pw_gid) if switched else os.getgroups()
    return Account(entry.pw_name, uid, entry.pw_gid, tuple(groups), switched)


def closed_to(account: Account, path: Path) -> Path | None:
    """The first folder on the way to `path`, itself included, that `account` may not enter."""
    real = path.resolve()
    for folder in [*reversed(real.parents), real]:
        try:
            entry = folder.stat()
        except FileNotFoundError:
            return None  # what is not there yet is made by us
        except PermissionError:
            return folder.parent
        if stat.S_ISDIR(entry.st_mode) and not may_enter(account, entry):
            return folder
    return None


def may_enter(account: Account, entry: os.stat_result) -> bool:
    """Whether the mode bits let `account` pass through this folder."""
    if account.uid == 0:
        return True
    if entry.st_uid == account.uid:
        return bool(entry.st_mode & stat.S_IXUSR)
    if entry.st_gid == account.gid or entry.st_gid in account.groups:
        return bool(entry.st_mode & stat.S_IXGRP)
    return bool(entry.st_mode & stat.S_IXOTH)
