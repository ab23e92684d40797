"""What the docs say is run: every command, every setting, every link between pages."""

from __future__ import annotations

import re
import shlex
import subprocess
from pathlib import Path

import pytest
from click.testing import CliRunner

from tacit.config.cli import main

ROOT = Path(__file__).parents[1]
PAGES = sorted(
    [
        *ROOT.glob("*.md"),
        *(ROOT / "docs").rglob("*.md"),
    ]
)
BLOCK = re.compile(r"```sh\n(.*?)```", re.S)
INDENTED = re.compile(r"^ {4}((?:bin/|tacit ).*)$", re.M)


def commands() -> set[str]:
    found: set[str] = set()
    for page in PAGES:
        text = page.read_text()
        for block in BLOCK.findall(text):
            found |= {line.strip() for line in block.splitlines() if line.strip()}
        found |= set(INDENTED.findall(text))
    return found


def test_there_are_commands_and_the_readme_begins_with_the_two():
    assert len(commands()) > 5
    first = BLOCK.search((ROOT / "README.md").read_text())
    assert first and first[1].split() == ["bin/demo", "bin/test"]


@pytest.mark.parametrize("line", sorted(commands()))
def test_every_command_in_the_docs_is_one(line):
    words = shlex.split(line.replace("[", "").replace("]", ""), comments=True)
    program = words[0]
    if program == "tacit":
        # Up to its options it must name a command; the options must be known to it.
        names = [word for word in words[1:] if not word.startswith("-")]
        result = CliRunner().invoke(main, [*command_path(names), "--help"])
        assert result.exit_code == 0, result.output
        for option in (word for word in words if word.startswith("--")):
            assert option.split("=")[0] in result.output, f"{line}: no {option}"
    else:
        assert (ROOT / program).is_file(), f"{program} does not exist"
        if program == "bin/bench" and len(words) > 1:
            listed = subprocess.run([ROOT / "bin/bench"], capture_output=True, text=True, check=True).stdout
            assert f"\n{words[1]} " in f"\n{listed}"


def command_path(names: list[str]) -> list[str]:
    """The leading words that are commands and groups of the tool."""
    path: list[str] = []
    group: object = main
    for name in names:
        commands_of = getattr(group, "list_commands", None)
        if commands_of is None or name not in commands_of(None):
            break
        path.append(name)
        group = group.get_command(None, name)  # type: ignore[attr-defined]
    assert path, f"no such command: {names}"
    return path


def test_every_setting_is_documented_and_none_is_invented():
    internal = {"TACIT_PARENT", "TACIT_TEST_BEGIN"}
    used = {
        name
        for folder, pattern in (("src", "*.py"), ("bin", "*"), ("tests", "database.py"))
        for path in (ROOT / folder).rglob(pattern)
        if path.is_file() and path.suffix in {".py", ""}
        for name in re.findall(r"\bTACIT_[A-Z_]+\b", path.read_text())
    } - internal
    listed = set(re.findall(r"`(TACIT_[A-Z_]+)", (ROOT / "docs" / "settings.md").read_text()))
    assert listed == used


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_links_between_pages_lead_somewhere(page):
    for target in re.findall(r"\]\(([^)#]+)[^)]*\)", page.read_text()):
        if "://" not in target:
            assert (page.parent / target).exists(), f"{page.name} → {target}"


def test_every_dependency_is_explained():
    import tomllib

    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    names = project["project"]["dependencies"] + project["dependency-groups"]["dev"]
    explained = (ROOT / "docs" / "decisions" / "dependencies.md").read_text().lower()
    for requirement in names:
        name = re.match(r"[a-z0-9\-]+", requirement)
        assert name and name[0] in explained, requirement
