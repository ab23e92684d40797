"""Tables for people, JSON for programs, and what machine it was."""

from __future__ import annotations

import json
import os
import platform
from collections.abc import Mapping, Sequence
from pathlib import Path


def machine() -> str:
    """The machine in a line: cores, kind of CPU, memory, system, Python."""
    import psutil

    memory = psutil.virtual_memory().total / 2**30
    return (
        f"{os.cpu_count()} cores ({processor()}), {memory:.0f} GB, {platform.system()} {platform.machine()}, "
        f"Python {platform.python_version()}"
    )


def processor() -> str:
    try:
        for line in Path("/proc/cpuinfo").read_text().splitlines():
            if line.startswith("model name"):
                return " ".join(line.partition(":")[2].split())
    except OSError:
        pass
    return platform.processor() or "unknown CPU"


def table(rows: Sequence[Sequence[object]], head: Sequence[str]) -> None:
    """Print rows in columns; numbers to the right."""
    cells = [list(head), *([shown(cell) for cell in row] for row in rows)]
    widths = [max(len(row[column]) for row in cells) for column in range(len(head))]
    for place, row in enumerate(cells):
        first, *others = (
            cell.ljust(width) if column == 0 else cell.rjust(width)
            for column, (cell, width) in enumerate(zip(row, widths, strict=True))
        )
        print("  ".join([first, *others]).rstrip())
        if place == 0:
            print("  ".join("-" * width for width in widths))


def shown(cell: object) -> str:
    if cell is None:
        return "–"
    if isinstance(cell, float):
        return f"{cell:,.1f}"
    if isinstance(cell, int):
        return f"{cell:,}"
    return str(cell)


def as_json(values: Mapping[str, object]) -> None:
    """One JSON object on a line of its own; fractions to a tenth."""
    rounded = {name: round(value, 1) if isinstance(value, float) else value for name, value in values.items()}
    print(json.dumps(rounded))
