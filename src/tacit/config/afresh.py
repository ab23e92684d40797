"""`tacit demo --fresh`: take a home's shop away, wherever its parts are, so that the next start begins anew."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from pathlib import Path

from tacit.config import demo
from tacit.config.postgres import cluster, locks, places
from tacit.config.processes import ProcessError

PARTS = ("secret", "demo.json", "logs", "media", "static")
PRACTICE = "practice*.sqlite*"


def clear(home: Path, *, agree: Callable[[list[Path]], bool]) -> bool:
    """Remove database, secret, pictures, logs and the practice provider's and carrier's books of ``home``.

    ``agree`` is asked with what would be removed; whether it agreed. Nothing to remove is agreed. Stops nothing
    that is used. Raises ProcessError when the shop runs or its database is not ours; PostgresError.
    """
    if os.environ.get("DATABASE_URL", "").strip():
        raise ProcessError(
            "DATABASE_URL is set, and its database is not the demo's to destroy. Unset it first."
        )
    with demo.only_one(home) as only, locks.user(home) as user, locks.turn(home):
        user.begin()
        if not only or not user.is_last():
            raise ProcessError(
                f"The shop in {home} runs, or another command uses it. Stop it first (Ctrl-C)."
            )
        where = places.places(home)
        doomed = [each for each in _parts(home, where) if each.exists()]
        if doomed and not agree(doomed):
            return False
        cluster.stop(where)  # what a killed demo left behind; nobody uses it
        for each in doomed:
            try:
                shutil.rmtree(each) if each.is_dir() and not each.is_symlink() else each.unlink()
            except OSError as error:
                raise ProcessError(
                    f"{each} cannot be removed: {error.strerror}. Remove it yourself."
                ) from None
    return True


def _parts(home: Path, where: places.Places) -> list[Path]:
    stores = {home / "postgres", places.outside_of(home), where.store}
    return [*sorted(stores), *(home / name for name in PARTS), *sorted(home.glob(PRACTICE))]
