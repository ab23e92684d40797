"""One tap in a real browser: the box comes without moving anything, buys, and can be undone; also without a script."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.conftest import Watched, watch

pytestmark = pytest.mark.browser

SHIFTS = """
new Promise(done => { let sum = 0;
  new PerformanceObserver(list => { for (const each of list.getEntries()) sum += each.value })
    .observe({ type: 'layout-shift', buffered: true });
  setTimeout(() => done(sum), 300) })
"""


def become_shopper(page: Page, address: str) -> None:
    page.goto(f"{address}/demo")
    page.locator("form:has([value=shopper]) button, button[value=shopper]").first.click()
    page.goto(f"{address}/account/methods")
    expect(page.get_by_text("for one tap")).to_be_visible()


def undo(page: Page) -> None:
    expect(page.get_by_role("heading", level=1)).to_contain_text("Thank you")
    expect(page.get_by_text(re.compile(r"You can undo this until \d\d:\d\d"))).to_be_visible()
    page.get_by_role("button", name="Undo").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("cancelled")


def test_one_tap_on_a_product_page_and_undone(scripted: Watched, address: str) -> None:
    page = scripted.page
    become_shopper(page, address)
    page.goto(f"{address}/p/enamel-kettle")
    tap = page.get_by_role("button", name=re.compile("^Buy now for"))
    expect(tap).to_contain_text("€43.90")
    box = page.locator(".once")
    assert page.evaluate(SHIFTS) < 0.001
    assert box.evaluate("each => each.scrollHeight <= each.clientHeight"), "all of it is to be seen"
    expect(page.get_by_role("button", name=re.compile("^Buy €"))).to_be_visible()
    tap.click()
    undo(page)
    assert scripted.errors == [] and scripted.strangers == []


def test_the_same_without_a_script(chromium: Browser, address: str) -> None:
    context = chromium.new_context(viewport={"width": 360, "height": 740}, java_script_enabled=False)
    page = watch(context).page
    become_shopper(page, address)
    page.goto(f"{address}/p/enamel-kettle")
    page.get_by_role("link", name="Buy in one tap").click()
    page.get_by_role("button", name=re.compile("^Buy now for")).click()
    undo(page)
    context.close()


def test_a_guest_sees_nothing_of_it(scripted: Watched, address: str) -> None:
    page = scripted.page
    page.goto(f"{address}/p/enamel-kettle")
    assert page.locator(".once").count() == 0
    page.goto(f"{address}/once/enamel-kettle")
    expect(page).to_have_url(re.compile("/sign-in"))
