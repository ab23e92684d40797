"""Locks between processes: who starts or stops the server, and who uses it.

Both are `flock`s: the system drops them when their holder dies, however it dies. Python opens the files so
that no program started later inherits them; a server holding its own users' lock would never be stopped.
"""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tacit.config.postgres.errors import PostgresError


@contextmanager
def turn(home: Path) -> Iterator[None]:
    """Only one process at a time starts or stops the server; others wait here."""
    with _opened(home / "postgres.turn.lock") as descriptor:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield


class User:
    """This process's part in the lock that every user of the server shares."""

    def __init__(self, descriptor: int) -> None:
        self._descriptor = descriptor

    def begin(self) -> None:
        """Count as a user. To be called in `turn`."""
        fcntl.flock(self._descriptor, fcntl.LOCK_SH)

    def is_last(self) -> bool:
        """Whether nobody else uses the server. To be called in `turn`, so that nobody can come in between."""
        try:
            fcntl.flock(self._descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            fcntl.flock(self._descriptor, fcntl.LOCK_SH)  # the failed attempt may have dropped it
            return False
        fcntl.flock(self._descriptor, fcntl.LOCK_SH)
        return True


@contextmanager
def user(home: Path) -> Iterator[User]:
    with _opened(home / "postgres.users.lock") as descriptor:
        yield User(descriptor)


@contextmanager
def _opened(file: Path) -> Iterator[int]:
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        descriptor = os.open(file, os.O_RDWR | os.O_CREAT, 0o600)
    except OSError as error:
        raise PostgresError(
            f"{file} cannot be opened: {error.strerror}. Its folder belongs to another user or is read-only. "
            "Run this as that user, or set TACIT_HOME to a folder of your own."
        ) from None
    try:
        yield descriptor
    finally:
        os.close(descriptor)
