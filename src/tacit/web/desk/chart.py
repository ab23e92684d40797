"""A bar for each day: where things stand in the drawing. The template draws it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

STEP = 10
BAR = 7
HEIGHT = 100


@dataclass(frozen=True, slots=True)
class Bar:
    """``x``, ``y`` and ``height`` in the units of a drawing HEIGHT high and STEP wide for each value."""

    x: int
    y: int
    height: int
    title: str


def bars(values: Sequence[int], titles: Sequence[str]) -> tuple[Bar, ...]:
    """One bar a value, the largest as high as the drawing; a value that is not zero can always be seen.

    Values below zero count as zero.
    """
    most = max(values, default=0)
    found = []
    for number, (value, title) in enumerate(zip(values, titles, strict=True)):
        height = max(round(value * HEIGHT / most), 1) if most > 0 and value > 0 else 0
        found.append(Bar(number * STEP, HEIGHT - height, height, title))
    return tuple(found)
