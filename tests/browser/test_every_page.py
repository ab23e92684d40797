"""Every page, small and wide, light and dark: anybody can use it, nothing moves, nothing is fetched elsewhere."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, BrowserContext, Page, Route, StorageState, ViewportSize

from tests.browser.conftest import Watched, watch
from tests.browser.pages import BUYER, PLACES, STAFF, Place
from tests.browser.test_purchase import pay, to_checkout, type_contact

pytestmark = pytest.mark.browser

RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
SMALL, WIDE = ViewportSize(width=360, height=740), ViewportSize(width=1280, height=860)
SETTLED_MS = 150
SLOW = {"offline": False, "latency": 20, "downloadThroughput": 1_000_000, "uploadThroughput": -1}
"""Pictures come after the first paint, as they do elsewhere: only then a page can move."""
EXPECTED = re.compile(r"status of 4(04|22)|Blocked script execution in '[^']*/outbox/\d+/html'")
"""What a browser writes down of pages that say no, and of this test's own script in a mail's frame."""
NOTE_SHIFTS = """
window.shifts = [];
new PerformanceObserver(list => { for (const entry of list.getEntries()) shifts.push(
  entry.value.toFixed(4) + ' ' + entry.sources.map(each => each.node && each.node.nodeName).join(' '));
}).observe({type: 'layout-shift', buffered: true});
"""


@dataclass
class Cast:
    """Who is signed in or has a cart, and where the buyer's order is."""

    states: dict[str, StorageState] = field(default_factory=dict)
    order: str = ""

    def path(self, place: Place) -> str:
        return place.path.format(order=self.order, number=self.order.split("/")[2])


@pytest.fixture(scope="module")
def cast(chromium: Browser, address: str) -> Cast:
    found = Cast()
    context = chromium.new_context(viewport=WIDE)
    page = context.new_page()
    to_checkout(page, address)
    type_contact(page)
    pay(page, "card-4242")
    page.wait_for_url("**/order/**")
    found.order = page.url.removeprefix(address)
    to_checkout(page, address, "wool-blanket")
    found.states[BUYER] = context.storage_state()
    context.close()
    context = chromium.new_context(viewport=WIDE)
    page = context.new_page()
    page.goto(f"{address}/demo")
    page.click("button[name=part][value=staff]")
    page.wait_for_load_state()
    found.states[STAFF] = context.storage_state()
    context.close()
    return found


@pytest.fixture
def opened(chromium: Browser, cast: Cast, request: pytest.FixtureRequest) -> Iterator[Watched]:
    context = chromium.new_context(viewport=SMALL, storage_state=cast.states.get(request.param.who))
    context.add_init_script(NOTE_SHIFTS)
    yield watch(context)
    context.close()


def visit(page: Page, place: Place, url: str) -> None:
    answer = page.goto(url)
    assert answer is not None
    assert answer.status == place.status
    if place.press:
        with page.expect_navigation():
            page.click(place.press)
    page.wait_for_load_state()
    page.wait_for_timeout(SETTLED_MS)


def violations(page: Page) -> list[str]:
    found = Axe().run(page, options={"runOnly": RULES, "resultTypes": ["violations"]}).response["violations"]
    return [f"{each['id']}: {node['html'][:160]}" for each in found for node in each["nodes"]]


def slow(context: BrowserContext, page: Page) -> None:
    context.new_cdp_session(page).send("Network.emulateNetworkConditions", SLOW)


@pytest.mark.parametrize(
    ("opened", "place"), [pytest.param(each, each, id=each.name) for each in PLACES], indirect=["opened"]
)
def test_anybody_can_use_it_and_nothing_moves(
    opened: Watched, place: Place, cast: Cast, address: str
) -> None:
    page, url = opened.page, address + cast.path(place)
    slow(page.context, page)
    visit(page, place, url)
    assert page.evaluate("shifts") == []
    assert violations(page) == []
    page.set_viewport_size({"width": 320, "height": 740})
    assert page.evaluate("document.scrollingElement.scrollWidth") <= 320
    page.set_viewport_size(WIDE)
    page.emulate_media(color_scheme="dark")
    visit(page, place, url)
    assert page.evaluate("shifts") == []
    assert violations(page) == []
    assert opened.strangers == []
    assert [each for each in opened.errors if not EXPECTED.search(each)] == []


def test_the_checks_see_what_is_wrong(scripted: Watched, address: str) -> None:
    page = scripted.page
    page.context.add_init_script(NOTE_SHIFTS)
    page.goto(f"{address}/p/enamel-kettle")
    page.wait_for_timeout(SETTLED_MS)
    page.evaluate(
        "document.body.prepend(Object.assign(new Image(300, 200), {src: '/static/none.png', className: 'x'}))"
    )
    page.wait_for_timeout(SETTLED_MS)
    assert page.evaluate("shifts") != []
    assert any(each.startswith("image-alt") for each in violations(page))


def test_no_script_but_our_own_runs_and_data_is_no_script(scripted: Watched, address: str) -> None:
    page = scripted.page
    page.goto(f"{address}/p/enamel-kettle")
    assert scripted.errors == [], "the page's JSON-LD is not held for a script"
    for way in (
        "s.textContent = 'window.got = 1'",
        "s.src = 'data:text/javascript,window.got = 1'",
        "s.src = 'http://localhost:1/x.js'",
    ):
        page.evaluate(
            f"() => {{ const s = document.createElement('script'); {way}; document.head.append(s) }}"
        )
    page.evaluate("document.body.setAttribute('onclick', 'window.got = 1'); document.body.click()")
    page.evaluate("document.body.insertAdjacentHTML('beforeend', '<p style=\"color: red\" id=x>x</p>')")
    page.wait_for_timeout(100)
    assert page.evaluate("window.got") is None
    assert page.evaluate("getComputedStyle(document.getElementById('x')).color") != "rgb(255, 0, 0)"
    assert len(scripted.errors) >= 5
    assert all("Content Security Policy" in each for each in scripted.errors)


def test_a_mail_is_styled_in_its_frame_but_runs_nothing(scripted: Watched, cast: Cast, address: str) -> None:
    page = scripted.page
    page.goto(f"{address}/demo/outbox")
    page.locator("ul.lines a").first.click()
    page.wait_for_timeout(SETTLED_MS)
    assert scripted.errors == []

    def strictly(route: Route) -> None:
        answer = route.fetch()
        said = re.sub(r" 'sha256-[^']*'", "", answer.headers["content-security-policy"])
        route.fulfill(response=answer, headers={**answer.headers, "content-security-policy": said})

    page.route("**/demo/outbox/*/html", strictly)
    page.reload()
    page.wait_for_timeout(SETTLED_MS)
    assert any("inline style" in each for each in scripted.errors), "each style needs its hash"
