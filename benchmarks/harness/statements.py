"""SQL statements, read from PostgreSQL's own log."""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path

OPTIONS = {"log_statement": "all", "log_line_prefix": "@%a@ "}
"""What the server must run with: every statement, and whose it was, by application name."""

_STATEMENT = re.compile(r"@(?P<who>[^@]*)@ LOG:  (?:statement|execute [^:]*): ?(?P<sql>.*)")
_LITERAL = re.compile(r"'(?:[^']|'')*(?:'|$)|\b\d+\b")
_NOT_COUNTED = re.compile(r"(BEGIN|COMMIT|ROLLBACK|SAVEPOINT|RELEASE|SET)\b|$", re.IGNORECASE)


def since(log: Path, position: int) -> dict[str, Counter[str]]:
    """Application → first line of a statement, its values as ``?`` → how often.

    Transaction control, SET and empty statements are left out.
    """
    counts: dict[str, Counter[str]] = {}
    with log.open(encoding="utf-8", errors="replace") as file:
        file.seek(position)
        lines = file.readlines()
    for place, line in enumerate(lines):
        found = _STATEMENT.match(line)
        if not found:
            continue
        first = found["sql"].strip()
        following = place + 1
        # A statement that begins with a line end goes on, indented, in the next lines.
        while not first and following < len(lines) and lines[following].startswith("\t"):
            first = lines[following].strip()
            following += 1
        if not _NOT_COUNTED.match(first):
            counts.setdefault(found["who"], Counter())[_LITERAL.sub("?", first)] += 1
    return counts
