"""PostgreSQL without an installation: a server of our own per home, shared by its users, gone with the last.

`lease(home)` gives a URL for as long as it is held. The first lease starts the server, the last one stops it;
a server whose users were all killed is adopted by the next lease. `database(home)` prefers DATABASE_URL.
"""

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from tacit.config.environment import home
from tacit.config.postgres import cluster, locks
from tacit.config.postgres import places as _places
from tacit.config.postgres.errors import PostgresError

__all__ = ["PostgresError", "database", "home", "lease", "revive", "url"]


def url(folder: Path) -> str:
    """Where the server of `folder` listens, or will listen once it is started. Makes nothing."""
    where = _places.places(folder)
    return _places.url(cluster.listens_in(where))


@contextmanager
def lease(folder: Path, *, options: Mapping[str, str] | None = None) -> Iterator[str]:
    """Use the server of `folder`; yields a libpq URL over its unix socket.

    `options` are more PostgreSQL settings (name → value); None takes a running server as it is. Raises
    PostgresError when there can be no server, in words meant for the person at the terminal.
    """
    with locks.user(folder) as user:
        with locks.turn(folder):
            user.begin()
            where = _places.places(folder)
            try:
                sockets = cluster.ensure(where, options=options, alone=user.is_last)
            except BaseException:
                if user.is_last():
                    cluster.stop(where)
                raise
        try:
            yield _places.url(sockets)
        finally:
            with locks.turn(folder):
                if user.is_last():
                    cluster.stop(where)


def revive(folder: Path) -> bool:
    """Start the server of `folder` again when it is gone while the caller holds a lease; whether it was gone.

    Costs a look at its process id. Raises PostgresError when it does not start.
    """
    where = _places.places(folder)
    if cluster.running(where) is not None:
        return False
    with locks.turn(folder):
        if cluster.running(where) is not None:
            return False
        cluster.ensure(where, options=None, alone=lambda: False)
    return True


@contextmanager
def database(folder: Path, *, options: Mapping[str, str] | None = None) -> Iterator[str]:
    """The URL of the database to use: DATABASE_URL when it is set, else a lease, which sets it meanwhile."""
    if named := os.environ.get("DATABASE_URL", "").strip():
        yield named
        return
    with lease(folder, options=options) as url:
        os.environ["DATABASE_URL"] = url
        try:
            yield url
        finally:
            os.environ.pop("DATABASE_URL", None)
