"""200 buyers for 10 pieces over HTTP, through real processes: with the guard, and the control without it."""

from __future__ import annotations

import pytest
from benchmarks.harness.house import ground
from benchmarks.race import GUARDED, UNGUARDED, race

BUYERS, PIECES = 200, 10


@pytest.mark.parametrize("settings", [GUARDED, UNGUARDED])
def test_ten_pieces_are_sold_ten_times(settings):
    with ground() as home:
        outcome = race(home, settings, BUYERS, PIECES)
    if settings == GUARDED:
        assert (outcome["sold"], outcome["left"]) == (PIECES, 0)
    else:
        assert outcome["sold"] > PIECES, "the control must fail: this would be no race"
