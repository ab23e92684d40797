"""Reading settings from the environment, with errors that say what to write instead."""

from __future__ import annotations

import contextlib
import os
import secrets
from pathlib import Path


class SettingError(Exception):
    """An environment variable cannot be used; the message names it, the reason and the way out."""


def text(name: str, default: str) -> str:
    """The variable, or ``default`` when unset or empty. Control characters are refused."""
    value = os.environ.get(name) or default
    if any(ord(character) < 32 for character in value):
        raise SettingError(f"{name} contains a control character; write it on one line")
    return value


def flag(name: str, *, default: bool) -> bool:
    """1, true, yes, on or 0, false, no, off."""
    value = os.environ.get(name, "").strip().lower()
    if not value:
        return default
    if value in {"1", "true", "yes", "on"}:
        return True
    if value in {"0", "false", "no", "off"}:
        return False
    raise SettingError(f"{name} is {value!r}; write 1 or 0")


def choice(name: str, choices: tuple[str, ...], default: str) -> str:
    """One of ``choices``."""
    value = text(name, default)
    if value not in choices:
        raise SettingError(f"{name} is {value!r}; choose one of {', '.join(choices)}")
    return value


def words(name: str, default: str) -> list[str]:
    """A list separated by spaces or commas."""
    return text(name, default).replace(",", " ").split() if text(name, default) else []


def checkout() -> Path:
    """The nearest parent folder of this file with a pyproject.toml, else the current folder."""
    for folder in Path(__file__).resolve().parents:
        if (folder / "pyproject.toml").is_file():
            return folder
    return Path.cwd()


def home() -> Path:
    """Where this installation keeps what it writes: TACIT_HOME, else ``.tacit`` in the checkout."""
    named = os.environ.get("TACIT_HOME", "").strip()
    return Path(named).expanduser().absolute() if named else checkout() / ".tacit"


def secret_key(folder: Path) -> str:
    """TACIT_SECRET_KEY, else one made once and kept in ``folder/secret``, readable by its owner only.

    Safe when several processes ask at once: all get the same one. Raises OSError when ``folder`` is closed.
    """
    given = os.environ.get("TACIT_SECRET_KEY")
    if given:
        if len(given) < 32:
            raise SettingError("TACIT_SECRET_KEY is shorter than 32 characters; use a long random one")
        return given
    file = folder / "secret"
    if not file.exists():
        folder.mkdir(parents=True, exist_ok=True)
        draft = folder / f".secret-{os.getpid()}-{secrets.token_hex(4)}"
        descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w", encoding="ascii") as writer:
            writer.write(secrets.token_urlsafe(48) + "\n")
        with contextlib.suppress(FileExistsError):
            os.link(draft, file)  # unlike rename, a link never replaces the one another process made first
        draft.unlink()
    return file.read_text(encoding="ascii").strip()
