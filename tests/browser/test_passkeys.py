"""Passkeys in a real browser, with an authenticator that the browser itself plays."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, CDPSession, Page, expect

from tests.browser.conftest import STEP_MS

pytestmark = pytest.mark.browser


@pytest.fixture
def local(address: str) -> str:
    """The same demo by its name: an IP address has no passkeys."""
    return address.replace("127.0.0.1", "localhost")


@pytest.fixture
def page(chromium: Browser) -> Iterator[Page]:
    context = chromium.new_context(viewport={"width": 360, "height": 740})
    page = context.new_page()
    page.set_default_timeout(STEP_MS)
    yield page
    context.close()


def authenticator(page: Page) -> tuple[CDPSession, str]:
    """One built into the device, whose owner is there and proves it whenever asked."""
    session = page.context.new_cdp_session(page)
    session.send("WebAuthn.enable")
    options = {
        "protocol": "ctap2",
        "transport": "internal",
        "hasResidentKey": True,
        "hasUserVerification": True,
        "isUserVerified": True,
        "automaticPresenceSimulation": True,
    }
    return session, session.send("WebAuthn.addVirtualAuthenticator", {"options": options})["authenticatorId"]


def become_staff(page: Page, address: str) -> None:
    page.goto(f"{address}/demo")
    page.locator("button[name=part][value=staff]").click()
    page.goto(f"{address}/account/passkeys")


def sign_out(page: Page, address: str) -> None:
    page.goto(f"{address}/account")
    page.get_by_role("button", name="Sign out").click()
    page.wait_for_url(f"{address}/")


def test_a_passkey_opens_shop_and_desk(page: Page, local: str) -> None:
    errors: list[str] = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    become_staff(page, local)
    session, device = authenticator(page)
    page.get_by_role("button", name="Add a passkey").click()
    expect(page.get_by_text("Chrome on Linux")).to_have_count(1)
    held = session.send("WebAuthn.getCredentials", {"authenticatorId": device})["credentials"]
    assert [(each["rpId"], each["isResidentCredential"]) for each in held] == [("localhost", True)]

    session.send("WebAuthn.setUserVerified", {"authenticatorId": device, "isUserVerified": False})
    sign_out(page, local)
    page.goto(f"{local}/sign-in?next=/desk")
    page.get_by_role("button", name="Sign in with a passkey").click()
    expect(page.get_by_role("alert")).to_contain_text("No passkey was used.")

    session.send("WebAuthn.setUserVerified", {"authenticatorId": device, "isUserVerified": True})
    page.get_by_role("button", name="Sign in with a passkey").click()
    page.wait_for_url(f"{local}/desk")
    expect(page).to_have_title(re.compile("Desk"))

    page.goto(f"{local}/account/passkeys")
    page.get_by_role("button", name="Remove").first.click()
    expect(page.get_by_text("Chrome on Linux")).to_have_count(0)
    sign_out(page, local)
    page.goto(f"{local}/sign-in")
    page.get_by_role("button", name="Sign in with a passkey").click()
    expect(page.get_by_role("alert")).to_contain_text("does not open anything here")
    assert not errors


def test_an_ip_address_offers_none(page: Page, address: str) -> None:
    page.goto(f"{address}/sign-in")
    expect(page.get_by_role("button", name="Mail me a code")).to_be_visible()
    expect(page.get_by_text("passkey")).to_have_count(0)
