"""docs/security.md says what is so: its places, tests and guards exist, and each guard is on it."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest

from tests.guards.listed import GUARDS
from tests.guards.mutation import ROOT, Guard

PAGE = (ROOT / "docs" / "security.md").read_text()
CELL = re.compile(r"`([^`]+)`")


def rows() -> Iterator[tuple[str, list[str], list[str], list[str]]]:
    """(defence, places, tests, guards) of each row."""
    for line in PAGE.splitlines():
        cells = [cell.strip() for cell in line.strip("|").split("|")]
        if line.startswith("|") and len(cells) == 4 and "`" in cells[1]:
            yield cells[0], *(CELL.findall(cell) for cell in cells[1:])  # type: ignore[misc]


def is_there(test: str) -> bool:
    """Whether pytest would find this test, or all of this file."""
    file, _, name = test.partition("::")
    path = ROOT / file
    name = name.partition("[")[0]
    return path.is_file() and (not name or f"def {name}(" in path.read_text())


def test_every_defence_has_its_place_and_its_test() -> None:
    found = list(rows())
    assert len(found) > 40
    for defence, places, tests, _ in found:
        assert places, defence
        assert tests, defence
        assert [place for place in places if not (ROOT / place).exists()] == [], defence
        assert [test for test in tests if not is_there(test)] == [], defence


def test_the_page_and_the_list_name_the_same_guards() -> None:
    named = [guard for row in rows() for guard in row[3]]
    assert sorted(named) == sorted(guard.name for guard in GUARDS)
    assert len(GUARDS) >= 20


@pytest.mark.parametrize("guard", GUARDS, ids=lambda guard: guard.name)
def test_a_guard_is_where_its_edit_expects_it(guard: Guard) -> None:
    assert guard.tests
    assert guard.edits or guard.sql
    assert [edit.file for edit in guard.edits if not edit.fits()] == []
    assert [test for test in guard.tests if not is_there(test)] == []
