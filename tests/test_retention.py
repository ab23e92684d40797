"""Every column that can hold something about a person is declared, and nothing else is."""

from __future__ import annotations

from pathlib import Path

import pytest
from django.db import connection

from tacit.core import ports
from tacit.core.personal import Fate, PersonalData
from tests.retention import as_table, declared

CAN_HOLD = (
    "SELECT table_name, column_name FROM information_schema.columns c JOIN information_schema.tables USING"
    " (table_schema, table_name) WHERE table_schema = 'public' AND table_type = 'BASE TABLE' AND (data_type IN"
    " ('text', 'character varying', 'character', 'json', 'jsonb', 'uuid', 'bytea', 'inet', 'cidr', 'xml', 'ARRAY',"
    " 'tsvector') OR data_type = 'USER-DEFINED' OR data_type = 'name')"
)
ALL = "SELECT table_name, column_name FROM information_schema.columns WHERE table_schema = 'public'"


def undeclared() -> set[tuple[str, str]]:
    with connection.cursor() as cursor:
        cursor.execute(CAN_HOLD)
        return set(cursor.fetchall()) - set(declared())


@pytest.mark.django_db
def test_every_column_has_its_fate() -> None:
    assert not undeclared(), (
        "say in the room's rules/retention.py what becomes of them when a person is erased"
    )
    with connection.cursor() as cursor:
        cursor.execute(ALL)
        gone = set(declared()) - set(cursor.fetchall())
    assert not gone, "these columns are declared and not there"


@pytest.mark.django_db
def test_a_column_nobody_thought_of_is_noticed() -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "ALTER TABLE checkout_order ADD COLUMN greeting text; CREATE TABLE whims (of_whom inet)"
        )
    assert undeclared() == {("checkout_order", "greeting"), ("whims", "of_whom")}


@pytest.mark.django_db
def test_everything_that_goes_has_a_name_people_know() -> None:
    for room in ports.every(PersonalData).values():
        for table, columns in room.retention.items():
            for column, fate in columns.items():
                if fate.fate in {Fate.ERASED, Fate.KEPT}:
                    assert room.name(fate.what), f"{table}.{column}"
                    assert fate.how is not None
                assert (fate.fate is Fate.KEPT) == (fate.reason is not None)


def test_the_docs_show_the_map() -> None:
    page = (Path(__file__).parents[1] / "docs" / "privacy.md").read_text()
    assert as_table() in page, "print it by `python -m tests.retention` and put it into docs/privacy.md"
