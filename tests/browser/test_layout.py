"""Pages fit a small screen, and can be used without a mouse."""

from __future__ import annotations

import pytest

from tests.browser.conftest import LONG_PRODUCT, LONG_SLUG, Watched
from tests.browser.test_purchase import pay, to_checkout, type_contact

pytestmark = pytest.mark.browser

LARGEST_PAGE, LARGEST_SCRIPTS = 51_200, 15_360
"""Bytes before compression; pictures apart."""


def test_a_product_page_is_light(scripted: Watched, address: str) -> None:
    sizes: dict[str, int] = {}
    scripted.page.on("response", lambda answer: sizes.update({answer.url: len(answer.body())}))
    scripted.page.goto(f"{address}/p/enamel-kettle", wait_until="networkidle")
    assert sum(size for url, size in sizes.items() if url.endswith(".js")) <= LARGEST_SCRIPTS
    assert sum(size for url, size in sizes.items() if "/pictures/" not in url) <= LARGEST_PAGE


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


def test_long_words_give_way_on_a_small_screen(scripted: Watched, address: str) -> None:
    page = scripted.page

    def fits(*, shown: int) -> None:
        assert page.get_by_text(LONG_PRODUCT).count() >= shown
        assert page.evaluate("document.scrollingElement.scrollWidth") <= 320, page.url
        cut = page.evaluate(
            "[...document.querySelectorAll('main *, header *')].filter(each => each.offsetParent"
            " && !each.closest('.shelves, .slot, .unseen') && each.getBoundingClientRect().right > innerWidth + 1)"
            ".map(each => each.outerHTML.slice(0, 80))"
        )
        assert cut == [], page.url

    page.goto(f"{address}/p/{LONG_SLUG}")
    fits(shown=1)
    to_checkout(page, address, LONG_SLUG)
    fits(shown=1)
    type_contact(page)
    page.fill("[name=name]", "Wolfeschlegelsteinhausenbergerdorffsöhne")
    pay(page, "card-4242")
    page.wait_for_url("**/order/**")
    fits(shown=1)
