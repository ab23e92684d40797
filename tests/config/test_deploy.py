"""The files for production fit each other, the repository and the settings' documentation."""

from __future__ import annotations

import configparser
import json
import os
import re
import shlex
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from contextlib import suppress
from pathlib import Path
from typing import Any

import psutil
import pytest
import yaml
from click.testing import CliRunner

from tacit.config import environment, free_port
from tacit.config.cli import main
from tests.config.conftest import wait_until

ROOT = Path(__file__).parents[2]
UNITS = [ROOT / "deploy" / "tacit.service", ROOT / "deploy" / "tacit-worker.service"]
SETTING = re.compile(r"\b(?:TACIT_[A-Z_]+|DATABASE_URL|POSTGRES_PASSWORD)\b")
HARDENED = {
    "CapabilityBoundingSet": "",
    "NoNewPrivileges": "yes",
    "PrivateTmp": "yes",
    "ProtectHome": "yes",
    "ProtectSystem": "strict",
    "UMask": "0077",
}


def compose() -> dict[str, Any]:
    found: dict[str, Any] = yaml.safe_load((ROOT / "compose.yaml").read_text())
    return found


def steps() -> list[tuple[str, str]]:
    """The Dockerfile's instructions with their arguments."""
    text = re.sub(r"\\\n\s*", " ", (ROOT / "Dockerfile").read_text())
    lines = [line for line in text.splitlines() if line and not line.startswith("#")]
    return [(line.split()[0], line.split(maxsplit=1)[1]) for line in lines]


def unit(path: Path) -> configparser.SectionProxy:
    parser = configparser.RawConfigParser(strict=False)
    parser.optionxform = str  # type: ignore[assignment,method-assign]
    parser.read_string(path.read_text())
    return parser["Service"]


def check_command(words: list[str]) -> None:
    """It is a command of ours, and it knows each option."""
    assert Path(words[0]).name == "tacit"
    result = CliRunner().invoke(main, [words[1], "--help"])
    assert result.exit_code == 0, result.output
    for option in (word.split("=")[0] for word in words if word.startswith("--")):
        assert option in result.output, f"{words}: no {option}"


def test_compose_has_the_services_a_shop_needs() -> None:
    services = compose()["services"]
    assert set(services) == {"database", "prepare", "web", "worker"}
    for name in ("prepare", "web", "worker"):
        check_command(services[name]["command"])
        assert services[name]["environment"] == services["web"]["environment"]
        assert services[name]["read_only"]
    assert set(services["web"]["ports"]) == {"127.0.0.1:8000:8000"}, "only the proxy reaches it"
    assert "ports" not in services["database"]
    for name in ("web", "worker"):
        assert services[name]["depends_on"] == {"prepare": {"condition": "service_completed_successfully"}}
    volumes = {mount.split(":")[0] for service in services.values() for mount in service.get("volumes", [])}
    assert volumes == set(compose()["volumes"])
    homes = dict(word.split("=") for step, words in steps() if step == "ENV" for word in words.split())
    assert services["web"]["volumes"] == [f"home:{homes['TACIT_HOME']}"]


NOT_BY_COMPOSE = {
    *("TACIT_DEMO", "TACIT_HOME", "TACIT_SOCKET_DIR", "TACIT_PARENT"),
    *("TACIT_PRACTICE_ALLOWED", "TACIT_PRACTICE_SECRET", "TACIT_PRACTICE_URL", "TACIT_PRACTICE_WEBHOOK"),
    *("TACIT_CHROMIUM", "TACIT_NO_BROWSER", "TACIT_STRIPE_API", "TACIT_TEST_BEGIN", "TACIT_TEST_HOME"),
}
"""Of the demo, of the machine, of tests."""


def test_compose_passes_every_setting_a_shop_may_have() -> None:
    passed = compose()["x-shop"]["environment"]
    assert set(passed) == (environment.KNOWN - NOT_BY_COMPOSE) | {"DATABASE_URL"}
    for name, value in passed.items():
        assert value == "1" or f"${{{name}:" in value or name == "DATABASE_URL", name


def test_everything_the_image_copies_exists_and_is_let_in() -> None:
    copied = [
        source
        for step, words in steps()
        if step == "COPY" and not words.startswith("--from")
        for source in words.split()[:-1]
    ]
    assert "src" in copied
    let_in = {line[1:] for line in (ROOT / ".dockerignore").read_text().splitlines() if line.startswith("!")}
    assert {source.removeprefix("./") for source in copied} == let_in
    for source in copied:
        assert (ROOT / source).exists(), source


def test_the_image_is_made_in_stages_by_the_same_uv_and_runs_as_nobody_special() -> None:
    stages = [words for step, words in steps() if step == "FROM"]
    assert len(stages) == 2
    assert len({words.split()[0] for words in stages}) == 1, (
        "the environment needs the Python it was made with"
    )
    version = re.search(r'^UV = "([\d.]+)"', (ROOT / "bin" / "_setup.py").read_text(), re.M)
    assert version and any(f"uv=={version[1]}" in words for _, words in steps())
    names = [step for step, _ in steps()]
    last = dict(steps()[len(names) - names[::-1].index("FROM") :])
    assert last["USER"] == "shop"
    assert "/healthz" in last["HEALTHCHECK"]
    check_command(json.loads(last["CMD"]))


@pytest.mark.parametrize("path", UNITS, ids=lambda path: path.name)
def test_units_run_commands_of_ours_without_privileges(path: Path) -> None:
    service = unit(path)
    for name in ("ExecStartPre", "ExecStart"):
        if name in service:
            check_command(shlex.split(service[name]))
    assert {name: service[name] for name in HARDENED} == HARDENED
    assert service["User"] not in {"root", ""}
    assert service["Restart"] == "always"


def test_every_setting_used_is_documented() -> None:
    files = [ROOT / "Dockerfile", ROOT / "compose.yaml", *UNITS, ROOT / "docs" / "deploy.md"]
    used = {name for file in files for name in SETTING.findall(file.read_text())}
    assert {"DATABASE_URL", "TACIT_URL", "TACIT_SECRET_KEY", "POSTGRES_PASSWORD"} <= used
    documented = set(SETTING.findall((ROOT / "docs" / "settings.md").read_text()))
    assert used <= documented


def test_django_finds_nothing_to_warn_of_behind_https(home: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "tacit.config.cli", "django", "check", "--deploy", "--fail-level=WARNING"],
        env=os.environ | {"TACIT_HOME": str(home), "TACIT_URL": "https://shop.example"},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    settings = (ROOT / "src" / "tacit" / "config" / "settings.py").read_text()
    silenced = re.findall(r'^ +"security\.W\d+",(.*)$', settings, re.M)
    assert silenced and all(len(reason) > 20 and "#" in reason for reason in silenced)


def ask(address: str) -> tuple[int, str]:
    try:
        with urllib.request.urlopen(address, timeout=5) as answer:
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as error:
        return error.code, error.read().decode()
    except OSError:
        return 0, ""


def test_figures_add_up_over_workers_also_those_that_died_and_are_not_public(home: Path) -> None:
    port = free_port.free("127.0.0.1", 8750)
    figures = free_port.free("127.0.0.1", 9750, besides={port})
    address = {"TACIT_URL": "https://shop.example", "TACIT_PROXY": "1"}
    environment = os.environ | address | {"TACIT_HOME": str(home)}
    command = [sys.executable, "-m", "tacit.config.cli"]
    subprocess.run([*command, "prepare"], env=environment, capture_output=True, timeout=120, check=True)
    with (home / "serve.log").open("wb") as log:
        server = subprocess.Popen(
            [*command, "serve", f"--port={port}", f"--metrics-port={figures}", "--workers=2"],
            env=environment,
            stdout=log,
            stderr=log,
        )
    try:
        public, private = f"http://127.0.0.1:{port}", f"http://127.0.0.1:{figures}/metrics"
        wait_until(lambda: ask(f"{public}/healthz")[0] == 200 and ask(private)[0] == 200, 60)
        before = counted(ask(private)[1])
        for _ in range(40):  # several connections, so that both workers get some
            assert ask(f"{public}/healthz")[0] == 200
        assert counted(ask(private)[1]) - before == 40
        workers = [
            each
            for each in psutil.Process(server.pid).children()
            if "tacit.config.metrics" not in each.cmdline()
        ]
        workers[0].send_signal(signal.SIGKILL)
        time.sleep(0.2)
        assert counted(ask(private)[1]) - before == 40, "what a dead worker counted stays counted"
        assert ask(f"{public}/metrics")[0] == 404
        with urllib.request.urlopen(
            urllib.request.Request(f"{public}/healthz", headers={"X-Forwarded-Proto": "https"}), timeout=5
        ) as answer:
            assert answer.headers["Strict-Transport-Security"]
    finally:
        server.send_signal(signal.SIGTERM)
        with suppress(subprocess.TimeoutExpired):
            server.wait(20)
        server.kill()
    wait_until(lambda: ask(private)[0] == 0)


def counted(text: str) -> float:
    found = re.search(r'^tacit_requests_total\{page="healthz",status="2xx"\} ([\d.]+)$', text, re.M)
    return float(found[1]) if found else 0.0
