"""What strings, foreign keys and signals could smuggle past the import contracts.

Each rule is a function over source text or models, tried on a planted violation as well.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.apps import apps
from django.db import models

from tacit.core import jobs

SOURCE = Path(__file__).parents[1] / "src" / "tacit"
LEVELS = ["core", "accounts", "catalog", "checkout"]
"""Rooms with tables, lowest first."""
LONGEST_FILE = 400
DYNAMIC = {"get_model", "import_string", "import_module", "__import__"}


def sources() -> Iterator[tuple[str, Path]]:
    for path in sorted(SOURCE.rglob("*.py")):
        relative = path.relative_to(SOURCE)
        if "migrations" not in relative.parts:
            yield relative.parts[0], path


def own_tables() -> dict[str, str]:
    return {
        model._meta.db_table: model._meta.app_label
        for model in apps.get_models(include_auto_created=True)
        if model.__module__.startswith("tacit.")
    }


def is_module(text: str) -> bool:
    """Whether ``text`` is the dotted name of something in one of our modules."""
    if not re.fullmatch(r"tacit(\.\w+){2,}", text):
        return False
    place = SOURCE.joinpath(*text.split(".")[1:3])
    return place.is_dir() or place.with_suffix(".py").is_file()


def smuggled(source: str, room: str, tables: dict[str, str]) -> list[str]:
    """Dynamic imports, dotted names of our modules, and tables of other rooms in ``source``."""
    found = []
    tree = ast.parse(source)
    docstrings = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            function = node.func
            name = function.attr if isinstance(function, ast.Attribute) else getattr(function, "id", "")
            if name in DYNAMIC and room != "config":
                found.append(f"{node.lineno}: calls {name}")
        if isinstance(node, ast.ImportFrom) and (node.module or "").endswith(("signals", "dispatch")):
            found.append(f"{node.lineno}: behaviour hidden in signals")
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in docstrings:
            if is_module(node.value) and room != "config":
                found.append(f"{node.lineno}: names the module {node.value}")
            for table in re.findall(r"\b[a-z]+_[a-z]+\b", node.value):
                if tables.get(table, room) != room:
                    found.append(f"{node.lineno}: reads {table}, a table of {tables[table]}")
    return found


@pytest.mark.parametrize(("room", "path"), [pytest.param(r, p, id=f"{r}/{p.name}") for r, p in sources()])
def test_nothing_is_smuggled_past_the_import_contracts(room, path):
    assert smuggled(path.read_text(), room, own_tables()) == []
    assert len(path.read_text().splitlines()) <= LONGEST_FILE, f"{path} outgrew one idea"


@pytest.mark.parametrize(
    "planted",
    [
        "apps.get_model('checkout', 'Order')",
        "import_string('x')",
        "X = 'tacit.checkout.actions.place'",
        "SQL = 'SELECT * FROM checkout_order'",
        "from django.db.models.signals import post_save",
    ],
)
def test_a_planted_violation_is_found(planted):
    assert smuggled(planted, "catalog", own_tables())


def wrong_keys(model: type[models.Model]) -> list[str]:
    """Foreign keys of ``model`` that point up the house or open a way back."""
    found = []
    room = model._meta.app_label
    for field in model._meta.get_fields():
        if not isinstance(field, models.ForeignKey) or field.related_model is None:
            continue
        target = field.related_model._meta.app_label
        if target == room or target not in LEVELS:
            continue
        if LEVELS.index(target) > LEVELS.index(room):
            found.append(f"{model.__name__}.{field.name} points up to {target}")
        if not (field.remote_field.related_name or "").endswith("+"):
            found.append(f"{model.__name__}.{field.name} opens a way back from {target}")
    return found


@pytest.mark.parametrize("label", LEVELS)
def test_foreign_keys_point_down_and_open_no_way_back(label):
    assert [wrong for model in apps.get_app_config(label).get_models() for wrong in wrong_keys(model)] == []


def test_an_upward_foreign_key_is_found():
    class Planted(models.Model):
        order = models.ForeignKey("checkout.Order", on_delete=models.CASCADE, related_name="planted")

        class Meta:
            app_label = "catalog"

    try:
        assert len(wrong_keys(Planted)) == 2
    finally:
        del apps.all_models["catalog"]["planted"]
        apps.clear_cache()


def enqueued(source: str) -> set[str]:
    return {
        node.args[0].value
        for node in ast.walk(ast.parse(source))
        if isinstance(node, ast.Call)
        and getattr(node.func, "attr", getattr(node.func, "id", "")) == "enqueue"
        and node.args
        and isinstance(node.args[0], ast.Constant)
    }


def test_every_enqueued_job_exists():
    wanted = set().union(*(enqueued(path.read_text()) for _, path in sources()))
    assert "checkout.run_intent" in wanted
    assert wanted <= jobs.names()


def test_no_room_is_empty():
    for room in {room for room, path in sources() if path.parent != SOURCE}:
        assert any(path.stat().st_size for owner, path in sources() if owner == room), room
