"""``TACIT_HOME/settings.env``: settings kept beside the data, read before the environment, which wins.

Lines are ``NAME=value``, comments begin with ``#``. The value is the rest of the line; quotes around it are
taken off. The format suits ``EnvironmentFile=`` of systemd and ``--env-file`` of containers.
"""

from __future__ import annotations

import os
import secrets
from collections.abc import Mapping
from pathlib import Path

from tacit.config.environment import SettingError

NAME = "settings.env"
LARGEST = 64 * 1024
OTHERS = frozenset({"DATABASE_URL"})
"""Settings whose names are not ours."""
NOT_HERE = frozenset({"TACIT_HOME", "TACIT_PARENT"})

Line = tuple[str, str, str]
"""The line as it stands, and the name and value it sets; both '' for comments and empty lines."""


def load(home: Path) -> None:
    """Take what the file of ``home`` sets into the environment, except what is set there.

    Empty counts as unset, as everywhere: a compose file passes empty what nobody set. Raises SettingError.
    """
    for name, value in values(home).items():
        if not os.environ.get(name):
            os.environ[name] = value


def values(home: Path) -> dict[str, str]:
    """What the file sets; nothing when there is none. Raises SettingError naming file, line and the way out."""
    return {name: value for _, name, value in lines(home) if name}


def lines(home: Path) -> list[Line]:
    """Every line of the file, in order. Raises SettingError."""
    file = home / NAME
    try:
        with file.open("rb") as reader:
            content = reader.read(LARGEST + 1)
    except (FileNotFoundError, NotADirectoryError):
        return []
    except OSError as error:
        raise SettingError(f"{file} cannot be read: {error.strerror}") from None
    if len(content) > LARGEST:
        raise SettingError(f"{file} is larger than {LARGEST // 1024} KiB; it holds settings only, shorten it")
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        bad = content.count(b"\n", 0, error.start) + 1
        raise SettingError(f"{file}, line {bad}: this is not UTF-8; save the file as UTF-8") from None
    found: list[Line] = []
    seen: dict[str, int] = {}
    for number, line in enumerate(text.splitlines(), 1):
        name, value = _read(f"{file}, line {number}", line)
        if name in seen:
            raise SettingError(
                f"{file}, line {number}: {name} is set in line {seen[name]} already; remove one of them"
            )
        if name:
            seen[name] = number
        found.append((line, name, value))
    return found


def write(home: Path, answers: Mapping[str, str], *, comments: Mapping[str, str]) -> Path:
    """Set ``answers`` in the file, '' taking a name out; all other lines stay as they are. Returns the file.

    The file is replaced at once, so that whoever reads meanwhile gets the old one or the new one, and only its
    owner may read it. ``comments``: what to write above a name that is new. Raises SettingError, OSError.
    """
    kept = lines(home)
    present = {name for _, name, _ in kept}
    out = [
        f"{name}={answers[name]}" if name in answers else line
        for line, name, _ in kept
        if not (name in answers and not answers[name])
    ]
    if not out:
        out = ["# Settings of this shop; docs/settings.md lists them all. Variables of the environment win."]
    for name, value in answers.items():
        if value and name not in present:
            out += ["", f"# {comments[name]}", f"{name}={value}"]
    home.mkdir(parents=True, exist_ok=True)
    draft = home / f".settings-{os.getpid()}-{secrets.token_hex(4)}"
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as writer:
        writer.write("\n".join(out) + "\n")
    return draft.replace(home / NAME)


def _read(where: str, line: str) -> tuple[str, str]:
    bare = line.strip()
    if not bare or bare.startswith("#"):
        return "", ""
    name, sign, value = bare.partition("=")
    name, value = name.strip(), value.strip()
    if not sign:
        raise SettingError(f"{where}: {bare[:40]!r} has no =; write NAME=value, or # before a comment")
    if name in NOT_HERE:
        raise SettingError(f"{where}: {name} cannot be set in this file; set it in the environment")
    if not (name.startswith("TACIT_") or name in OTHERS) or not name.isidentifier():
        raise SettingError(f"{where}: {name[:40]!r} is no setting; docs/settings.md lists them")
    if len(value) > 1 and value[0] == value[-1] and value[0] in "'\"":
        value = value[1:-1]
    if any(ord(character) < 32 for character in value):
        raise SettingError(f"{where}: {name} contains a control character; type the value again")
    return name, value
