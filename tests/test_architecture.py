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
DYNAMIC = {
    *(
        "get_model",
        "get_models",
        "get_app_config",
        "get_app_configs",
        "all_models",
        "model_class",
        "app_configs",
    ),
    *("import_string", "import_module", "find_spec", "resolve_name", "__import__", "__builtins__", "__doc__"),
}
"""What finds a module, a model or a text by name; refused however it is spelled: call, attribute or string."""
SIGNALS = {"signals", "dispatch"}
LOADERS = {"builtins", "importlib", "pkgutil", "runpy", "imp", "zipimport", "module_loading", "contenttypes"}
HARMLESS = ("importlib.metadata.", "importlib.resources.", "django.apps.AppConfig")
ROOMS = "|".join(LEVELS)


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
    """Whether ``text`` is the dotted name of something in one of our modules, or the beginning of one."""
    if not re.fullmatch(r"tacit(\.\w+){2,}|tacit\.(\w+\.)*", text):
        return False
    place = SOURCE.joinpath(*text.strip(".").split(".")[1:3])
    return place.is_dir() or place.with_suffix(".py").is_file()


def smuggled(source: str, room: str, tables: dict[str, str]) -> list[str]:
    """Dynamic imports, signals, dotted names of our modules, and tables of other rooms in ``source``.

    ``config`` puts the house together, so it may find modules and models by name.
    """
    found = []
    tree = ast.parse(source)
    docstrings = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    for node in ast.walk(tree):
        names = [*imported(node), *mentioned(node)]
        if isinstance(node, ast.Constant) and id(node) not in docstrings:
            text = node.value.decode("latin-1") if isinstance(node.value, bytes) else node.value
            if isinstance(text, str):
                names += [f"the name {text}"] if text in DYNAMIC else []
                names += [f"the module {text}"] if is_module(text) else []
                found += [f"{node.lineno}: {wrong}" for wrong in foreign_tables(text, room, tables)]
        found += [f"{node.lineno}: {name}" for name in names if room != "config" or name == "signals"]
    return found


def imported(node: ast.AST) -> Iterator[str]:
    """What an import statement brings in that it must not, whatever it calls it here."""
    whole: list[str] = []
    if isinstance(node, ast.Import):
        whole = [name for alias in node.names for name in {alias.name, alias.name.split(".")[0]}]
    elif isinstance(node, ast.ImportFrom) and not node.level:
        whole = [f"{node.module}.{alias.name}" for alias in node.names]
    for name in whole:
        parts = set(name.split("."))
        if parts & SIGNALS:
            yield "signals"
        elif (
            parts & (LOADERS | DYNAMIC) or f"{name}.".startswith("django.apps.")
        ) and not f"{name}.".startswith(HARMLESS):
            yield f"imports {name}"


def mentioned(node: ast.AST) -> Iterator[str]:
    """What an attribute or a bare name reaches that it must not."""
    if isinstance(node, ast.Attribute):
        if node.attr in SIGNALS:
            yield "signals"
        elif node.attr in DYNAMIC or (node.attr == "modules" and getattr(node.value, "id", "") == "sys"):
            yield f"uses {node.attr}"
    elif isinstance(node, ast.Name) and node.id in {*DYNAMIC, "eval", "exec"}:
        yield f"uses {node.id}"


def foreign_tables(text: str, room: str, tables: dict[str, str]) -> Iterator[str]:
    """Tables of other rooms in ``text``, also in capitals, which SQL folds, and with the end put in elsewhere."""
    text = text.lower()
    for table in re.findall(r"\b[a-z]+_[a-z]+\b", text):
        if tables.get(table, room) != room:
            yield f"reads {table}, a table of {tables[table]}"
    for other in re.findall(rf"\b({ROOMS})_(?![a-z])", text):
        if other != room:
            yield f"puts together a table of {other}"


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
        "from django.db.models import signals as harmless",
        "models.signals.post_save.connect(act, sender='checkout.Order')",
        "import django.dispatch",
        "from django import dispatch as harmless",
        "django.dispatch.receiver(x)",
        "from django.utils.module_loading import import_string as harmless",
        "from django.utils import module_loading",
        "import importlib as harmless",
        "import importlib.metadata",  # binds importlib itself
        "from importlib import import_module as harmless",
        "from builtins import __import__ as harmless",
        "import pkgutil as harmless",
        "pkgutil.resolve_name('x')",
        "load = loader.import_module",
        "getattr(apps, 'get_model')('checkout', 'Order')",
        "apps.get_app_config('checkout').get_models()",
        "apps.all_models['checkout']['order']",
        "from django.apps import apps as harmless",
        "import django.apps as harmless",
        "from django.contrib.contenttypes.models import ContentType",
        "sys.modules['x']",
        "eval('x')",
        "exec(text)",
        "X = f'tacit.checkout.{floor}'",
        "X = 'tacit.checkout.' + floor",
        "SQL = f'SELECT * FROM checkout_order WHERE {condition}'",
        "SQL = f'SELECT * FROM {table}, checkout_order'",
        "SQL = f'SELECT * FROM checkout_{table}'",
        "SQL = 'SELECT * FROM checkout_%s' % table",
        "SQL = b'SELECT * FROM checkout_order'",
        "SQL = 'SELECT * FROM CHECKOUT_ORDER'",
        "SQL = 'SELECT * FROM \"checkout_order\"'",
        "cursor.execute(__doc__)",
    ],
)
def test_a_planted_violation_is_found(planted):
    assert smuggled(planted, "catalog", own_tables())


@pytest.mark.parametrize(
    "allowed",
    [
        "from django.apps import AppConfig",
        "from importlib.resources import files",
        "from django.db import connection, models",
        "SQL = f'SELECT * FROM catalog_variant WHERE {condition}'",
        '"""Reads no checkout_order itself."""',
    ],
)
def test_what_is_meant_to_be_there_is_not_refused(allowed):
    assert smuggled(allowed, "catalog", own_tables()) == []


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


def test_every_adapter_is_under_the_contract_of_independence():
    """``files`` is what importers of files share; every other folder is an adapter of its own."""
    text = (SOURCE.parents[1] / ".importlinter").read_text()
    contract = text.split("[importlinter:contract:adapters]")[1].split("[importlinter:")[0]
    listed = set(re.findall(r"tacit\.connectors\.(\w+)", contract))
    folders = {path.parent.name for path in (SOURCE / "connectors").glob("*/__init__.py")}
    assert listed == folders - {"files"}
