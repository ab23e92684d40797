"""Take the pictures of the docs anew: `.venv/bin/python -m tests.browser.pictures [ONLINE_RETAIL_CSV]`.

With the file named it also imports that history and buys one of its products.
"""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

from playwright.sync_api import Page, ViewportSize, sync_playwright

from tests.browser.chromium import CHROMIUM, FLAGS
from tests.journeys.house import House, house

IMAGES = Path(__file__).parents[2] / "docs" / "images"
CONTACT = {
    "email": "ana@example.com",
    "name": "Ana Berg",
    "line1": "Hafenweg 3",
    "postcode": "20457",
    "city": "Hamburg",
}
SIZES = {"wide": ViewportSize(width=1280, height=860), "small": ViewportSize(width=360, height=740)}


class Photographer:
    def __init__(self, page: Page, address: str, ending: str) -> None:
        self.page, self.address, self.ending = page, address, ending

    def go(self, path: str) -> None:
        self.page.goto(self.address + path)

    def take(self, name: str, *, whole: bool = False) -> None:
        IMAGES.mkdir(parents=True, exist_ok=True)
        self.page.screenshot(path=IMAGES / f"{name}-{self.ending}.png", full_page=whole)

    def buy(self, product: str, name: str, country: str = "DE") -> None:
        self.go(f"/p/{product}")
        self.take(f"{name}product")
        self.page.click("button:has-text('Buy')")
        for field, value in CONTACT.items():
            self.page.fill(f"[name={field}]", value)
        self.page.select_option("[name=country]", country)
        self.take(f"{name}checkout", whole=True)
        self.page.locator("main .btn.primary").last.click()
        self.page.wait_for_url("**/order/**")
        self.take(f"{name}order")

    def enter_as_staff(self) -> None:
        self.go("/desk")
        self.page.fill("[name=email]", "staff@example.com")
        self.page.click("main button")
        code_page = self.page.context.new_page()
        for _ in range(20):
            code_page.goto(self.address + "/demo/outbox")
            code_page.click("ul.lines a >> nth=0")
            found = re.search(r"\b(\d{6})\b", code_page.locator("pre").first.inner_text())
            if found:
                break
            code_page.wait_for_timeout(500)
        code_page.close()
        assert found
        self.page.fill("[name=code]", found[1])
        self.page.click("main button")


def photograph(shop: House, history: str | None) -> None:
    address = f"http://127.0.0.1:{shop.port}"
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        for size, scheme in (("wide", "light"), ("small", "dark")):
            context = browser.new_context(
                viewport=SIZES[size], color_scheme="dark" if scheme == "dark" else "light"
            )
            photographer = Photographer(context.new_page(), address, f"{size}-{scheme}")
            photographer.go("/")
            photographer.take("home")
            photographer.buy("enamel-kettle", "")
            if size == "wide":
                photographer.enter_as_staff()
                photographer.take("desk")
            context.close()
        if history:
            bring_in(shop, history)
            context = browser.new_context(viewport=SIZES["wide"], color_scheme="light")
            Photographer(context.new_page(), address, "wide-light").buy(
                "white-hanging-heart-t-light-holder", "imported-", "GB"
            )
            context.close()
        browser.close()


def bring_in(shop: House, history: str) -> None:
    program = [sys.executable, "-m", "tacit.config.cli", "import", "orders", history]
    subprocess.run(
        [*program, "--profile", "uci-online-retail", "--stock", "100"],
        env={"TACIT_HOME": str(shop.home), "PATH": "/usr/bin:/bin"},
        check=True,
    )


if __name__ == "__main__":
    with house() as shop:
        photograph(shop, sys.argv[1] if len(sys.argv) > 1 else None)
