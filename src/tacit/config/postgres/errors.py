"""The one error of the launcher."""

from pathlib import Path

TAIL_LINES = 12
TAIL_BYTES = 16_384


class PostgresError(Exception):
    """The embedded PostgreSQL cannot be used; the text says why, and what to do, in plain words."""


def tail(log: Path) -> str:
    """The last lines of a log file, or "" when there is none to read."""
    try:
        with log.open("rb") as file:
            file.seek(0, 2)
            file.seek(max(0, file.tell() - TAIL_BYTES))
            text = file.read().decode("utf-8", "replace")
    except OSError:
        return ""
    return "\n".join(text.splitlines()[-TAIL_LINES:])


def with_log(sentence: str, log: Path) -> PostgresError:
    """An error made of `sentence` and the end of `log`."""
    last = tail(log)
    return PostgresError(f"{sentence}\nThe last lines of {log}:\n{last}" if last else sentence)
