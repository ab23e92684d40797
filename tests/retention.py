"""The rooms' retention maps as one, and as the table of docs/privacy.md. `python -m tests.retention` prints it."""

from __future__ import annotations

import os
from collections import defaultdict

from tacit.core.personal import Column, Fate

WORDS = {
    "row": "row deleted",
    "blank": "blanked",
    "null": "emptied",
    "replaced": "replaced",
    "tax_records": "until tax law lets it go",
    "on_its_way": "until 30 days after the order is over",
}


def maps() -> list[dict[str, dict[str, Column]]]:
    from tacit.catalog.rules.retention import MAP as OF_CATALOG
    from tacit.core import ports
    from tacit.core.personal import PersonalData

    rooms = ports.every(PersonalData).values()
    return [
        {table: dict(columns) for table, columns in each.items()}
        for each in (OF_CATALOG, *(room.retention for room in rooms))
    ]


def declared() -> dict[tuple[str, str], Column]:
    found: dict[tuple[str, str], Column] = {}
    for each in maps():
        for table, columns in each.items():
            for column, fate in columns.items():
                assert (table, column) not in found, f"{table}.{column} is declared twice"
                found[table, column] = fate
    return found


def as_table() -> str:
    """Markdown: a row for each table and fate; tables that hold nothing about people are left out."""
    grouped: dict[tuple[str, str, str], list[str]] = defaultdict(list)
    for (table, column), fate in declared().items():
        grouped[table, *said(fate)].append(f"`{column}`")
    lines = ["| table | columns | at once | the rest |", "|---|---|---|---|"]
    personal = {key[0] for key in grouped if key[1:] != said(Column(Fate.NOT_PERSONAL))}
    for (table, now, later), columns in sorted(grouped.items()):
        if table in personal and (now, later) != said(Column(Fate.NOT_PERSONAL)):
            lines.append(f"| `{table}` | {', '.join(sorted(columns))} | {now} | {later} |")
    return "\n".join(lines) + "\n"


def said(fate: Column) -> tuple[str, str]:
    """What happens at once, and what later."""
    if fate.fate is Fate.ERASED and fate.how:
        return WORDS[fate.how], ""
    if fate.fate is Fate.KEPT and fate.how and fate.reason:
        return "", f"{WORDS[fate.reason]}, then {WORDS[fate.how]}"
    return "", "stays: an opaque id" if fate.fate is Fate.OPAQUE else "stays: nothing about anybody"


if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tacit.config.settings")
    import django

    django.setup()
    print(as_table(), end="")
