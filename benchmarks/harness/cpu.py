"""CPU time of process trees."""

from __future__ import annotations

import contextlib

import psutil

Seconds = dict[str, float]
"""Program → CPU seconds, user and system."""


def seconds_of(pid: int) -> float:
    """CPU seconds of a process and everything below it, with those of children that have ended.

    Linux adds a child's time to its parent's ``children_*`` when the child has ended and was waited for.
    """
    total = 0.0
    with contextlib.suppress(psutil.NoSuchProcess):
        root = psutil.Process(pid)
        for process in (root, *root.children(recursive=True)):
            with contextlib.suppress(psutil.NoSuchProcess):
                times = process.cpu_times()
                total += times.user + times.system
                total += getattr(times, "children_user", 0.0) + getattr(times, "children_system", 0.0)
    return total


def spent(before: Seconds, after: Seconds) -> Seconds:
    """CPU seconds between two readings."""
    return {name: after[name] - before[name] for name in before}


def busy() -> float:
    """CPU seconds the whole machine has worked so far, whoever for."""
    times = psutil.cpu_times()
    return sum(times) - times.idle - getattr(times, "iowait", 0.0) - getattr(times, "guest", 0.0)
