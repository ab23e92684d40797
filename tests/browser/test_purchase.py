"""A guest buys, in a real browser without JavaScript, from the real processes."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Watched

pytestmark = pytest.mark.browser

TEXT_CONTROLS = "input:not([type=hidden]):not([type=radio]):not([type=checkbox]), textarea"
BUYER = {
    "email": "mira@example.com",
    "name": "Mira Sonnenschein",
    "line1": "Hafenweg 3",
    "postcode": "20457",
    "city": "Hamburg",
}


def visible_text_controls(page: Page) -> int:
    return sum(control.is_visible() for control in page.locator(TEXT_CONTROLS).all())


def to_checkout(page: Page, address: str, product: str = "enamel-kettle") -> None:
    page.goto(f"{address}/p/{product}")
    page.get_by_role("button", name="Buy").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Checkout")


def type_contact(page: Page) -> None:
    for name, value in BUYER.items():
        page.fill(f"[name={name}]", value)


def pay(page: Page, card: str) -> None:
    page.check(f"[name=method][value={card}]")
    page.locator("button.primary:visible").click()


def test_a_guest_buys_on_three_pages_and_types_at_most_seven_fields(guest: Watched, address: str) -> None:
    page = guest.page
    page.goto(f"{address}/p/enamel-kettle")
    fields = visible_text_controls(page)
    page.get_by_role("radio", name="Chalk").check()
    page.get_by_role("button", name="Buy").click()
    expect(page.get_by_text("Chalk")).to_be_visible()
    fields += visible_text_controls(page)
    total = page.locator("dd.total span:visible")
    expect(total).to_have_text("€43.90")
    assert total.bounding_box()["y"] < page.locator("[name=email]").bounding_box()["y"]  # type: ignore[index]
    page.get_by_text("Express").click()
    expect(total).to_have_text("€48.90")
    expect(page.locator("button.primary:visible")).to_contain_text("€48.90")
    type_contact(page)
    pay(page, "card-4242")
    expect(page.get_by_role("heading", level=1)).to_contain_text("Thank you")
    fields += visible_text_controls(page)
    expect(page.get_by_text("ending 4242")).to_be_visible()

    assert fields <= 7
    pages = [visit for visit in guest.visited if visit.startswith("GET")]
    assert len(pages) == 3, pages
    assert guest.errors == []
    assert guest.strangers == []


def test_the_link_in_the_mail_opens_the_order(guest: Watched, address: str) -> None:
    page = guest.page
    to_checkout(page, address, "wool-blanket")
    type_contact(page)
    pay(page, "card-4242")
    number = re.search(r"/order/([0-9A-Z]+)/", page.url)
    assert number
    for _ in range(20):
        page.goto(f"{address}/demo/outbox")
        letter = page.get_by_role("link", name=number[1])
        if letter.count():
            break
        page.wait_for_timeout(500)
    letter.first.click()
    page.locator("pre a").filter(has_text="/order/").first.click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("Thank you")
    assert number[1] in page.url


def test_a_declined_card_loses_nothing_typed(guest: Watched, address: str) -> None:
    page = guest.page
    to_checkout(page, address)
    type_contact(page)
    pay(page, "card-0002")
    expect(page.get_by_role("alert")).to_contain_text("Nothing was charged")
    for name, value in BUYER.items():
        assert page.input_value(f"[name={name}]") == value
    pay(page, "card-4242")
    expect(page.get_by_role("heading", level=1)).to_contain_text("Thank you")


def test_a_bank_that_asks_first_leads_back_to_the_order(guest: Watched, address: str) -> None:
    page = guest.page
    to_checkout(page, address)
    type_contact(page)
    pay(page, "card-3155")
    page.get_by_role("button", name=re.compile("^Approve")).click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("Thank you")
    assert page.url.startswith(f"{address}/order/")
    assert guest.errors == []


def test_a_late_payment_arrives_on_the_open_page(guest: Watched, address: str) -> None:
    page = guest.page
    to_checkout(page, address)
    type_contact(page)
    pay(page, "card-7777")
    expect(page.get_by_role("heading", level=1)).to_contain_text("Thank you", timeout=30_000)


def test_a_stepper_and_the_enter_key_do_what_they_say(guest: Watched, address: str) -> None:
    page = guest.page
    to_checkout(page, address, "enamel-mug")
    page.fill("[name=name]", "Mira")
    page.get_by_role("button", name=re.compile("more$")).click()
    expect(page.locator(".stepper span")).to_have_text("2")
    assert page.input_value("[name=name]") == "Mira"
    page.press("[name=name]", "Enter")
    expect(page.get_by_role("alert")).to_contain_text("nothing was ordered yet")
    expect(page.locator(".stepper span")).to_have_text("2")
    page.get_by_role("button", name=re.compile("^Remove")).click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Your cart is empty")
