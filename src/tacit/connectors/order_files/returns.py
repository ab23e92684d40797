"""Which earlier purchases a cancellation gives back. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Movement:
    """``pieces`` of one code bought (> 0) or cancelled (< 0) by one customer in line ``line`` of the file."""

    line: int
    pieces: int


@dataclass(frozen=True, slots=True)
class Allocation:
    """``returned``: purchase line → pieces given back. ``matched``: cancelled line → pieces found bought."""

    returned: dict[int, int]
    matched: dict[int, int]


def allocate(movements: Iterable[Movement]) -> Allocation:
    """Give cancelled pieces back to purchases, the newest purchase before the cancellation first.

    ``movements`` of one customer and one code in order of time, purchases before cancellations of the same
    time. No purchase gives back more than was bought; what finds no purchase stays unmatched.
    """
    open_purchases: list[tuple[int, int]] = []
    returned: dict[int, int] = {}
    matched: dict[int, int] = {}
    for movement in movements:
        if movement.pieces > 0:
            open_purchases.append((movement.line, movement.pieces))
            continue
        wanted = -movement.pieces
        while wanted and open_purchases:
            line, left = open_purchases.pop()
            taken = min(left, wanted)
            wanted -= taken
            returned[line] = returned.get(line, 0) + taken
            if left > taken:
                open_purchases.append((line, left - taken))
        matched[movement.line] = -movement.pieces - wanted
    return Allocation(returned, matched)
