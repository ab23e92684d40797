"""Take the pictures of the docs anew: `.venv/bin/python -m tests.browser.pictures [ONLINE_RETAIL_CSV]`.

The eight main pages, wide and small, light and dark. With the file named it also imports that history and buys
one of its products.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Literal

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
SCHEMES: tuple[Literal["light", "dark"], ...] = ("light", "dark")
QUALITY = 86
SETTLED_MS = 600
"""Longer than what comes after the page takes."""


class Photographer:
    def __init__(self, page: Page, address: str, ending: str) -> None:
        self.page, self.address, self.ending = page, address, ending

    def go(self, path: str) -> None:
        self.page.goto(self.address + path)

    def take(self, name: str) -> None:
        IMAGES.mkdir(parents=True, exist_ok=True)
        self.page.wait_for_timeout(SETTLED_MS)
        self.page.screenshot(path=IMAGES / f"{name}-{self.ending}.jpg", type="jpeg", quality=QUALITY)

    def shop(self) -> None:
        for name, path in (("home", "/"), ("category", "/c/kitchen"), ("search", "/search?q=kettel")):
            self.go(path)
            self.take(name)
        self.go("/demo")
        self.take("demo")

    def buy(self, product: str, name: str, country: str = "DE") -> None:
        self.go(f"/p/{product}")
        self.take(f"{name}product")
        self.page.click("button:has-text('Buy')")
        for field, value in CONTACT.items():
            self.page.fill(f"[name={field}]", value)
        if self.page.input_value("[name=country]") != country:
            self.page.select_option("[name=country]", country)
            self.page.click("[name=look]")
        self.page.evaluate("scrollTo(0, 0)")
        self.take(f"{name}checkout")
        self.page.locator("main .btn.primary").last.click()
        self.page.wait_for_url("**/order/**")
        self.take(f"{name}order")

    def work(self) -> None:
        self.go("/demo")
        self.page.click("button:has-text('Staff')")
        self.go("/desk")
        self.take("desk")


def photograph(shop: House, history: str | None) -> None:
    address = f"http://127.0.0.1:{shop.port}"
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        for size, viewport in SIZES.items():
            for scheme in SCHEMES:
                context = browser.new_context(viewport=viewport, color_scheme=scheme)
                photographer = Photographer(context.new_page(), address, f"{size}-{scheme}")
                photographer.shop()
                photographer.buy("enamel-kettle", "")
                photographer.work()
                context.close()
        if history:
            bring_in(shop, history)
            context = browser.new_context(viewport=SIZES["wide"], color_scheme="light")
            context.request.post(f"{address}/currency", form={"currency": "GBP", "next": "/"})
            photographer = Photographer(context.new_page(), address, "wide-light")
            photographer.buy("white-hanging-heart-t-light-holder", "imported-", "GB")
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
