"""A backup that was cut off, changed or made by a newer version is refused, and nothing is changed."""

from __future__ import annotations

import io
import json
import tarfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tacit.config.backup import BackupError
from tests.config.backups import Made, bring_back, rows


def repack(file: Path, target: Path, change: Callable[[dict[str, bytes]], None]) -> Path:
    """The backup with its files changed."""
    with tarfile.open(file) as tar:
        parts = {entry.name: tar.extractfile(entry).read() for entry in tar}  # type: ignore[union-attr]
    change(parts)
    with tarfile.open(target, "w") as tar:
        for name, body in parts.items():
            entry = tarfile.TarInfo(name)
            entry.size = len(body)
            tar.addfile(entry, io.BytesIO(body))
    return target


def edit(**changes: Any) -> Callable[[dict[str, bytes]], None]:
    def change(parts: dict[str, bytes]) -> None:
        parts["manifest.json"] = json.dumps(json.loads(parts["manifest.json"]) | changes).encode()

    return change


def escape(parts: dict[str, bytes]) -> None:
    manifest = json.loads(parts["manifest.json"])
    parts["home/media/../../escaped"] = parts.pop("home/secret")
    manifest["files"]["home/media/../../escaped"] = manifest["files"].pop("home/secret")
    parts["manifest.json"] = json.dumps(manifest).encode()


def overwrite(parts: dict[str, bytes]) -> None:
    manifest = json.loads(parts["manifest.json"])
    parts["own/secret"] = parts.pop("home/secret")
    manifest["files"]["own/secret"] = manifest["files"].pop("home/secret")
    parts["manifest.json"] = json.dumps(manifest).encode()


def flip(parts: dict[str, bytes]) -> None:
    body = parts["database.dump"]
    parts["database.dump"] = body[:-100] + bytes([body[-100] ^ 1]) + body[-99:]


DAMAGE: list[tuple[Any, str]] = [
    (flip, "the checksum of database.dump is wrong"),
    (lambda parts: parts.pop("home/secret"), "home/secret is missing"),
    (lambda parts: parts.update(more=b"x"), "'more' is not what its manifest says"),
    (escape, "escaped' is not what its manifest says"),
    (lambda parts: parts.update({"manifest.json": b"{"}), "manifest of .* cannot be read"),
    (overwrite, "own/secret' is not what its manifest says"),
    (edit(format=2), "has the format 2; this version reads 1"),
    (edit(server=99), "is of PostgreSQL 99, this server is"),
    (edit(migrations=["core.0999_later"], tacit="9.9"), r"made by Tacit 9\.9, which is newer"),
]


def test_a_damaged_or_newer_backup_changes_nothing(
    made: Made, server: Callable[[], str], open_folder: Path
) -> None:
    file, _, _ = made
    url, new, changed = server(), open_folder / "new", open_folder / "changed"
    whole = file.read_bytes()
    for change, words in DAMAGE:
        with pytest.raises(BackupError, match=words):
            bring_back(repack(file, changed, change), url, new)
    for kept in (0, 100, 600, len(whole) // 2):
        changed.write_bytes(whole[:kept])
        with pytest.raises(BackupError, match="damaged"):
            bring_back(changed, url, new)
    assert not new.exists() or not list(new.iterdir())
    assert rows(url) == {"sequences": []}
    assert not (open_folder / "escaped").exists()
    assert bring_back(repack(file, changed, lambda parts: None), url, new), "unchanged it is taken"
