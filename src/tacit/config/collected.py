"""Style sheets, scripts and pictures of the pages: `tacit prepare` collects them, and without them no page is made."""

from __future__ import annotations

import json
from pathlib import Path

FOLDER = "static"
MANIFEST = "staticfiles.json"
MISSING = (
    "Style sheets and scripts of this version are not collected in {folder}, so pages would fail. "
    "Run `tacit prepare`, which does it."
)


def are_missing(home: Path) -> bool:
    """Whether any file of this version's rooms is not collected in ``home``: never done, or by an older version."""
    try:
        known = json.loads((home / FOLDER / MANIFEST).read_bytes())["paths"]
    except (OSError, ValueError, KeyError, TypeError):
        return True
    return not all(name in known for name in _ours())


def sentence(home: Path) -> str:
    """What is wrong, and the way out."""
    return MISSING.format(folder=home / FOLDER)


def _ours() -> list[str]:
    folders = Path(__file__).parents[1].glob(f"*/{FOLDER}")
    return [
        file.relative_to(folder).as_posix()
        for folder in folders
        for file in folder.rglob("*")
        if file.is_file() and not file.name.startswith(".")
    ]
