"""The whole shop as its owner starts it, and a browser without JavaScript."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, Request, sync_playwright

CHROMIUM = Path("/usr/bin/chromium")
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update"]
START_SECONDS = 150
STEP_MS = 15_000


def free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])


@pytest.fixture(scope="package")
def address() -> Iterator[str]:
    """A demo of its own, with every process it has."""
    home = Path(tempfile.mkdtemp(prefix="tacit-browser-"))
    home.chmod(0o755)
    port = free_port()
    ours = {"TACIT_HOME": str(home)}
    others = {k: v for k, v in os.environ.items() if not k.startswith("TACIT_") and k != "DATABASE_URL"}
    log = (home / "demo.log").open("wb")
    demo = subprocess.Popen(
        [sys.executable, "-m", "tacit.config.cli", "demo", f"--port={port}"],
        env=others | ours,
        stdout=log,
        stderr=subprocess.STDOUT,
        start_new_session=True,
    )
    try:
        url = f"http://127.0.0.1:{port}"
        await_answer(f"{url}/healthz", demo, home / "demo.log")
        yield url
    finally:
        demo.send_signal(signal.SIGTERM)
        try:
            demo.wait(60)
        except subprocess.TimeoutExpired:
            os.killpg(demo.pid, signal.SIGKILL)
            demo.wait()
        log.close()
        shutil.rmtree(home, ignore_errors=True)


def await_answer(url: str, demo: subprocess.Popen[bytes], log: Path) -> None:
    end = time.monotonic() + START_SECONDS
    while time.monotonic() < end and demo.poll() is None:
        try:
            with urllib.request.urlopen(url, timeout=2):
                return
        except (urllib.error.URLError, OSError):
            time.sleep(0.3)
    pytest.fail(f"the demo does not start:\n{log.read_text(errors='replace')}")


@pytest.fixture(scope="package")
def chromium() -> Iterator[Browser]:
    """Stopped with this package: its event loop would be in the way of other tests' database."""
    if not CHROMIUM.exists():
        text = f"{CHROMIUM} is missing: apt-get install --no-install-recommends chromium"
        if os.environ.get("CI") == "true":
            pytest.fail(text)
        pytest.skip(text)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=str(CHROMIUM), args=FLAGS)
        yield browser
        browser.close()


@dataclass
class Watched:
    """A page, and everything that should not happen on it."""

    page: Page
    errors: list[str] = field(default_factory=list)
    strangers: list[str] = field(default_factory=list)
    visited: list[str] = field(default_factory=list)


@pytest.fixture
def guest(chromium: Browser, address: str) -> Iterator[Watched]:
    """A guest on a small telephone without JavaScript."""
    context = chromium.new_context(viewport={"width": 360, "height": 740}, java_script_enabled=False)
    yield watch(context)
    context.close()


@pytest.fixture
def scripted(chromium: Browser, address: str) -> Iterator[Watched]:
    """A browser the test may measure with; the pages themselves bring no script."""
    context = chromium.new_context(viewport={"width": 320, "height": 740})
    yield watch(context)
    context.close()


def watch(context: BrowserContext) -> Watched:
    watched = Watched(context.new_page())
    watched.page.set_default_timeout(STEP_MS)

    def asked(request: Request) -> None:
        if not request.url.startswith(("http://127.0.0.1:", "about:")):
            watched.strangers.append(request.url)
        if request.resource_type == "document":
            watched.visited.append(f"{request.method} {request.url}")

    watched.page.on("request", asked)
    watched.page.on("pageerror", lambda error: watched.errors.append(str(error)))
    watched.page.on(
        "console", lambda message: watched.errors.append(message.text) if message.type == "error" else None
    )
    return watched
