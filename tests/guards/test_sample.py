"""Two guards of the list, taken out for real (`bin/guards` does all), and a control: a test that sees nothing."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.guards.listed import GUARDS
from tests.guards.mutation import Edit, Guard, Verdict, copied, judge

BY_NAME = {guard.name: guard for guard in GUARDS}


@pytest.fixture(scope="module")
def copy() -> Iterator[Path]:
    with copied() as made:
        yield made


@pytest.mark.parametrize("name", ["webhook-freshness", "journal-append-only"])
def test_its_tests_fail_without_it(copy: Path, name: str) -> None:
    verdict, said = judge(BY_NAME[name], copy)
    assert verdict is Verdict.SEEN, said


def test_the_control_a_test_that_does_not_notice(copy: Path) -> None:
    guard = BY_NAME["webhook-freshness"]
    blind = "tests/connectors/practice_provider/test_signature.py::test_a_fresh_message_is_believed"
    assert judge(Guard("blind", (blind,), guard.edits), copy)[0] is Verdict.UNSEEN
    gone = Edit(guard.edits[0].file, "no such line", "")
    assert judge(Guard("gone", (blind,), (gone,)), copy)[0] is Verdict.STALE
    assert judge(Guard("none", (f"{blind}_not",), guard.edits), copy)[0] is Verdict.BROKEN
