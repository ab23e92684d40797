"""Pages fit a small screen, and can be used without a mouse."""

from __future__ import annotations

import pytest

from tests.browser.conftest import Watched
from tests.browser.test_purchase import to_checkout

pytestmark = pytest.mark.browser

PAGES = [
    "/",
    "/c/kitchen",
    "/search?q=kettle",
    "/p/rain-jacket",
    "/checkout",
    "/sign-in",
    "/demo/outbox",
    "/nothing",
]


def test_nothing_is_wider_than_a_small_screen(scripted: Watched, address: str) -> None:
    page = scripted.page
    for path in PAGES:
        page.goto(address + path)
        assert page.evaluate("document.scrollingElement.scrollWidth") <= 320, path
    to_checkout(page, address)
    assert page.evaluate("document.scrollingElement.scrollWidth") <= 320
    assert scripted.strangers == []


def test_a_product_page_is_light_and_brings_no_script(scripted: Watched, address: str) -> None:
    sizes: dict[str, int] = {}
    scripted.page.on("response", lambda answer: sizes.update({answer.url: len(answer.body())}))
    scripted.page.goto(f"{address}/p/enamel-kettle", wait_until="networkidle")
    assert scripted.page.locator("script").count() == 0
    assert not [url for url in sizes if url.endswith(".js")]
    assert sum(size for url, size in sizes.items() if "/pictures/" not in url) <= 50_000


def test_targets_are_large_enough_for_a_thumb(scripted: Watched, address: str) -> None:
    page = scripted.page
    to_checkout(page, address)
    for control in page.locator("button:visible, select:visible, label.pick:visible").all():
        box = control.bounding_box()
        if box and box["width"] > 2:
            assert min(box["width"], box["height"]) >= 24, control.inner_text()


def test_the_keyboard_reaches_buy_and_focus_is_seen(scripted: Watched, address: str) -> None:
    page = scripted.page
    page.goto(f"{address}/p/enamel-kettle")
    for _ in range(30):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.textContent.trim().startsWith('Buy')"):
            break
    outline = page.evaluate("getComputedStyle(document.activeElement).outlineStyle")
    assert outline == "solid"
    page.keyboard.press("Enter")
    page.wait_for_url("**/checkout")
