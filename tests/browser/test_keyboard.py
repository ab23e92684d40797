"""Somebody without a mouse buys, and always sees where they are."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Watched
from tests.browser.test_purchase import BUYER

pytestmark = pytest.mark.browser

MOST_STOPS = 60
SEEN = """() => {
  const at = document.activeElement
  if (at === document.body) return true
  const marked = [at, at.closest('label')].filter(Boolean).map(each => getComputedStyle(each))
    .some(style => style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) >= 2)
  const box = (at.closest('label') || at).getBoundingClientRect()
  return marked && box.bottom > 0 && box.top < innerHeight && box.right > 0 && box.left < innerWidth
}"""


def tab_to(page: Page, what: str) -> None:
    """Press Tab until the focus is on ``what`` (a CSS selector); every stop on the way is marked and in view."""
    for _ in range(MOST_STOPS):
        page.keyboard.press("Tab")
        assert page.evaluate(SEEN), page.evaluate("document.activeElement.outerHTML")
        if page.evaluate("what => document.activeElement.matches(what)", what):
            return
    raise AssertionError(f"Tab does not reach {what} on {page.url}")


def test_a_purchase_by_keyboard_alone(scripted: Watched, address: str) -> None:
    page = scripted.page
    page.goto(f"{address}/c/kitchen")
    page.keyboard.press("Tab")
    expect(page.locator(".skip")).to_be_in_viewport()
    page.keyboard.press("Enter")
    tab_to(page, "a[href='/p/enamel-kettle']")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_contain_text("Enamel kettle")
    tab_to(page, "input[name=variant]")
    page.keyboard.press("ArrowRight")
    label = page.evaluate("document.activeElement.closest('label').innerText")
    tab_to(page, "main form[action='/buy'] button")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("Checkout")
    expect(page.locator("main")).to_contain_text(label)
    for name, value in BUYER.items():
        tab_to(page, f"[name={name}]")
        page.keyboard.type(value)
    tab_to(page, "main .btn.primary")
    page.keyboard.press("Enter")
    page.wait_for_url("**/order/**")
    expect(page.get_by_role("heading", level=1)).to_contain_text("Thank you")
    assert re.search(r"/order/\w+/", page.url)
    assert scripted.errors == []
    assert scripted.strangers == []
