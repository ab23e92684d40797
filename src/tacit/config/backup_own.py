"""The merchant's own files in a backup: `settings.env`, and the mark, texts and preview it names inside the home."""

from __future__ import annotations

import os
from pathlib import Path, PurePosixPath

from tacit.config import settings_file
from tacit.web import texts

OF_THE_MACHINE = frozenset({"DATABASE_URL", "TACIT_SOCKET_DIR"})
"""Not kept: a shop brought back for a look would work on the first one's database."""
NAMING = ("TACIT_MARK", "TACIT_PAGES", "TACIT_PREVIEW")


def kept_settings(home: Path, draft: Path) -> Path | None:
    """The settings as they are backed up, written into ``draft``; None when there are none.

    What is of this machine is left out. Paths into the home begin at it, so that they lead there in another home,
    too. Raises SettingError when the file is broken, OSError.
    """
    kept = []
    for line, name, value in settings_file.lines(home):
        inside = _inside(home, value) if name in NAMING and value else None
        if name not in OF_THE_MACHINE:
            kept.append(f"{name}={inside}" if inside else line)
    if not kept:
        return None
    copy = draft / settings_file.NAME
    copy.write_text("\n".join(kept) + "\n", encoding="utf-8")
    return copy


def brand_files(home: Path) -> tuple[list[PurePosixPath], list[str]]:
    """The mark, texts and preview that are named: those inside the home as paths from it, and NAME=value of the others.

    Raises SettingError when the file of settings is broken.
    """
    found: dict[PurePosixPath, None] = {}
    elsewhere = []
    kept = settings_file.values(home)
    for name in NAMING:
        value = os.environ.get(name) or kept.get(name)
        if not value:
            continue
        inside = _inside(home, value)
        if inside is None:
            elsewhere.append(f"{name}={value}")
        elif name == "TACIT_PAGES":
            found |= dict.fromkeys(inside / file.name for file in texts.files(home / inside))
        elif (home / inside).is_file():
            found[inside] = None
    return list(found), elsewhere


def put_back(unpacked: Path, home: Path) -> list[str]:
    """Move each file below ``unpacked`` to the same place in ``home`` where there is none.

    Returns those that could not, by their paths from the home.
    """
    stayed = []
    for file in sorted(each for each in unpacked.rglob("*") if each.is_file()):
        inside = file.relative_to(unpacked)
        target = home / inside
        if target.exists() or target.is_symlink() or home.resolve() not in target.resolve().parents:
            if not (target.is_file() and target.read_bytes() == file.read_bytes()):
                stayed.append(inside.as_posix())
            continue
        try:
            target.parent.mkdir(parents=True, exist_ok=True)
            file.replace(target)
        except OSError:  # a file where a folder should be: nothing of what is there is touched
            stayed.append(inside.as_posix())
    return stayed


def _inside(home: Path, value: str) -> PurePosixPath | None:
    """The path from ``home`` to what a setting names; None when that lies elsewhere."""
    path = os.path.abspath(home / Path(value.strip()).expanduser())  # noqa: PTH100 - resolve() would follow a link
    try:
        return PurePosixPath(Path(path).relative_to(home.absolute()))
    except ValueError:
        return None
