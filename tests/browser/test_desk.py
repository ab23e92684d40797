"""The desk in a browser: a parcel sent without a mouse, rows that change in place, and small screens."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pyotp
import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from tests.browser.conftest import STEP_MS, Watched, watch

pytestmark = pytest.mark.browser
PAGES = ["/desk", "/desk/orders", "/desk/stock", "/desk/outbox", "/desk/jobs", "/desk/journal"]


@pytest.fixture(scope="module")
def signed_in(chromium: Browser, address: str) -> Iterator[dict[str, object]]:
    """Cookies of a member of staff who typed the mailed code and set their authenticator app up."""
    context = chromium.new_context(java_script_enabled=False)
    page = context.new_page()
    page.set_default_timeout(STEP_MS)
    page.goto(f"{address}/sign-in?next=/desk")
    page.fill("input[name=email]", "staff@example.com")
    page.press("input[name=email]", "Enter")
    outbox = context.new_page()
    outbox.goto(f"{address}/demo/outbox")
    outbox.locator("main table a, main li a").first.click()
    mailed = re.search(r"\b(\d{6})\b", outbox.frame_locator("iframe").locator("body").inner_text())
    assert mailed
    page.fill("input[name=code]", mailed[1])
    page.press("input[name=code]", "Enter")
    app = pyotp.TOTP(page.locator("code.secret").inner_text().replace(" ", ""))
    page.fill("input[name=code]", app.now())
    page.press("input[name=code]", "Enter")
    page.get_by_role("link", name="I have them").click()
    assert page.url == f"{address}/desk"
    yield dict(context.storage_state())
    context.close()


def at_desk(
    chromium: Browser, state: dict[str, object], width: int, *, script: bool = True
) -> BrowserContext:
    return chromium.new_context(
        storage_state=state,  # type: ignore[arg-type]
        viewport={"width": width, "height": 740},
        java_script_enabled=script,
    )


@pytest.fixture
def staff(chromium: Browser, signed_in: dict[str, object]) -> Iterator[Watched]:
    context = at_desk(chromium, signed_in, 1280)
    yield watch(context)
    context.close()


def waiting(page: Page) -> int:
    return int(re.sub(r"\D", "", page.locator("#need-sending").inner_text()))


def test_an_order_is_sent_by_keys_alone(staff: Watched, address: str) -> None:
    page = staff.page
    page.goto(f"{address}/desk")
    before = waiting(page)
    first = page.locator("section:has(#need-sending) tbody.row").first
    identifier = first.get_attribute("id")
    for _ in range(30):
        page.keyboard.press("j")
        if page.evaluate("document.activeElement.closest('[data-row]').id") == identifier:
            break
    page.keyboard.press("s")
    page.keyboard.type("Jks courier")  # keys stay quiet while somebody types
    assert page.evaluate("document.activeElement.value") == "Jks courier"
    page.keyboard.press("Tab")
    page.keyboard.type("j-0042")
    page.keyboard.press("Enter")
    row = page.locator(f"#{identifier}")
    expect(row.locator(".did")).to_contain_text("is sent.")
    expect(page.locator("#said")).to_contain_text("is sent.")
    assert page.url == f"{address}/desk"
    assert page.evaluate("document.activeElement.closest('[data-row]').id") == identifier
    page.keyboard.press("g")
    page.keyboard.press("o")
    page.wait_for_url(f"{address}/desk/orders")
    page.keyboard.press("/")
    assert page.evaluate("document.activeElement.name") == "q"
    page.goto(f"{address}/desk")
    assert waiting(page) == before - 1
    assert staff.errors == []
    assert staff.strangers == []


def test_keys_are_listed_and_can_be_switched_off(staff: Watched, address: str) -> None:
    page = staff.page
    page.goto(f"{address}/desk/orders")
    page.keyboard.press("?")
    expect(page.locator("#keys")).to_be_visible()
    page.locator("#keys-on").uncheck()
    page.keyboard.press("Escape")
    expect(page.locator("#keys")).to_be_hidden()
    page.keyboard.press("j")
    assert page.evaluate("document.activeElement.closest('[data-row]')") is None
    page.reload()
    page.keyboard.press("j")
    assert page.evaluate("document.activeElement.closest('[data-row]')") is None
    page.locator("#show-keys").click()
    page.locator("#keys-on").check()
    page.locator("#keys button").click()
    page.locator("h1").click()
    page.keyboard.press("j")
    assert page.evaluate("document.activeElement.closest('[data-row]')") is not None


def test_a_refused_row_says_why_where_it_stands(staff: Watched, address: str) -> None:
    page = staff.page
    page.goto(f"{address}/desk/stock")
    row = page.locator("tbody.row").first
    row.locator("input[name=on_hand]").fill("many")
    row.locator("input[name=on_hand]").press("Enter")
    expect(row.locator(".why")).to_have_text("This is not a whole number.")
    assert row.locator("input[name=on_hand]").input_value() == "many"
    assert page.evaluate("document.activeElement.name") == "on_hand"


def test_without_a_script_an_order_is_sent_from_the_list(
    chromium: Browser, signed_in: dict[str, object], address: str
) -> None:
    context = at_desk(chromium, signed_in, 360, script=False)
    page = context.new_page()
    page.set_default_timeout(STEP_MS)
    page.goto(f"{address}/desk/orders?status=paid")
    row = page.locator("tbody.row:has(form[action$='/ship'])").first
    row.locator("summary", has_text="Send").click()
    row.locator("button", has_text="Send it").click()
    expect(page.locator("main [role=status]").first).to_contain_text("is sent.")
    assert "/desk/orders?status=paid" in page.url
    context.close()


@pytest.mark.parametrize("width", [320, 360])
def test_no_page_of_the_desk_is_wider_than_a_small_screen(
    chromium: Browser, signed_in: dict[str, object], address: str, width: int
) -> None:
    context = at_desk(chromium, signed_in, width)
    watched = watch(context)
    page = watched.page
    page.goto(f"{address}/desk/orders")
    order = page.locator("[data-main]").first.get_attribute("href")
    number = str(order).rsplit("/", 1)[-1]
    for path in [*PAGES, str(order), f"/desk/send?number={number}"]:
        page.goto(address + path)
        page.evaluate(
            "document.querySelectorAll('details').forEach(each => { each.name = ''; each.open = true })"
        )
        assert page.evaluate("document.scrollingElement.scrollWidth") <= width, path
        cut = page.evaluate(
            "[...document.querySelectorAll('main td, main th')].filter(each => each.offsetParent"
            " && each.getBoundingClientRect().right > innerWidth + 1).map(each => each.textContent)"
        )
        assert cut == [], path
    assert watched.errors == []
    context.close()


def test_a_key_chooses_all_orders_and_none(staff: Watched, address: str) -> None:
    page = staff.page
    page.goto(f"{address}/desk/orders?status=paid")
    boxes = page.locator("input[name=number]")
    assert boxes.count() > 1
    page.keyboard.press("a")
    assert page.locator("input[name=number]:checked").count() == boxes.count()
    page.locator("#choose-all").click()
    assert page.locator("input[name=number]:checked").count() == 0


def test_setting_stock_moves_no_column(staff: Watched, address: str) -> None:
    page = staff.page
    page.goto(f"{address}/desk/stock")
    edges = "[...document.querySelectorAll('.stock thead th')].map(each => each.getBoundingClientRect().left)"
    before = page.evaluate(edges)
    row = page.locator("tbody.row").first
    row.locator("input[name=on_hand]").fill("1234567")
    row.locator("input[name=on_hand]").press("Enter")
    expect(row.locator(".undo")).to_be_visible()
    assert page.evaluate(edges) == before
    row.locator(".undo button").click()
    expect(row.locator("[data-key=s]")).not_to_have_value("1234567")
