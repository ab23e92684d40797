"""Cancelled pieces go back to earlier purchases, never more than were bought."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from tacit.connectors.order_files.returns import Movement, allocate

PIECES = st.integers(-20, 20).filter(bool)


def test_the_newest_earlier_purchase_comes_first_and_later_ones_never() -> None:
    found = allocate([Movement(1, 5), Movement(2, 3), Movement(3, -4), Movement(4, 9), Movement(5, -20)])
    assert found.returned == {1: 5, 2: 3, 4: 9}
    assert found.matched == {3: 4, 5: 13}
    assert allocate([Movement(1, 5), Movement(2, 3), Movement(3, -2)]).returned == {2: 2}
    assert allocate([Movement(1, -5), Movement(2, 5)]).matched == {1: 0}


@settings(deadline=None)
@given(st.lists(PIECES, max_size=30))
def test_returned_is_within_bought_and_nothing_is_lost(pieces: list[int]) -> None:
    movements = [Movement(line, each) for line, each in enumerate(pieces)]
    found = allocate(movements)
    bought = {each.line: each.pieces for each in movements if each.pieces > 0}
    wanted = {each.line: -each.pieces for each in movements if each.pieces < 0}
    assert all(0 < found.returned[line] <= bought[line] for line in found.returned)
    assert found.matched.keys() == wanted.keys()
    assert all(0 <= found.matched[line] <= wanted[line] for line in wanted)
    assert sum(found.returned.values()) == sum(found.matched.values())


@settings(deadline=None)
@given(st.lists(PIECES, max_size=30))
def test_a_cancellation_takes_all_that_is_left_before_it_stays_unmatched(pieces: list[int]) -> None:
    left = 0
    movements = [Movement(line, each) for line, each in enumerate(pieces)]
    matched = allocate(movements).matched
    for each in movements:
        if each.pieces > 0:
            left += each.pieces
        else:
            assert matched[each.line] == min(left, -each.pieces)
            left -= matched[each.line]
