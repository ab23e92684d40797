"""How much a guest has to type: counted in Chromium, without JavaScript."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

from benchmarks.harness.browser import CONTACT, HOST, PRODUCT

CONTROLS = ", ".join(
    f"main {control}"
    for control in (
        "textarea",
        "input:not([type])",
        *(
            f'input[type="{kind}"]'
            for kind in ("text", "email", "tel", "search", "number", "password", "url", "date")
        ),
    )
)


def count(port: int) -> int | None:
    """Visible text controls of the purchase's pages (product, checkout, order); None without Chromium."""
    chromium = os.environ.get("CHROMIUM") or shutil.which("chromium") or "/usr/bin/chromium"
    if not Path(chromium).exists():
        return None
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=chromium,
            args=["--no-sandbox", "--disable-gpu", "--disable-background-networking"],
        )
        try:
            page = browser.new_context(java_script_enabled=False).new_page()
            found = 0
            page.goto(f"http://{HOST}:{port}/p/{PRODUCT}")
            found += page.locator(f":is({CONTROLS}):visible").count()
            page.locator('form[action="/buy"] button').first.click()
            page.wait_for_url("**/checkout")
            found += page.locator(f":is({CONTROLS}):visible").count()
            for name, value in CONTACT.items():
                page.locator(f'input[name="{name}"]').fill(value)
            page.locator("button.primary").click()
            page.wait_for_url("**/order/**")
            return found + page.locator(f":is({CONTROLS}):visible").count()
        finally:
            browser.close()
