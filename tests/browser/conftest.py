"""The whole shop as its owner starts it, and a browser without JavaScript."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass, field

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, Request, sync_playwright

from tests.browser.chromium import CHROMIUM, FLAGS
from tests.journeys.house import house

STEP_MS = 15_000
LONG_SHOP = "Donaudampfschifffahrtsgesellsch"
LONG_SLUG, LONG_PRODUCT = "enamel-mug", "Donaudampfschifffahrtsgesellschaftskapitänsmütze"
"""Words that do not break by themselves, in the header and in lists of every page that is looked at."""


@pytest.fixture(scope="package")
def address() -> Iterator[str]:
    """A demo of its own, with every process it has."""
    with house(TACIT_SHOP_NAME=LONG_SHOP) as shop:
        shop.ask(
            f"UPDATE catalog_product SET name = '{LONG_PRODUCT}', translations = '{{}}'"
            f" WHERE slug = '{LONG_SLUG}' RETURNING id"
        )
        yield f"http://127.0.0.1:{shop.port}"


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
    """A browser with JavaScript on a small screen, which the test may measure with."""
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
