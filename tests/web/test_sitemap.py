"""The list of pages names every public page in each language, and nothing else; robots are told the rest."""

from __future__ import annotations

import re
from urllib.robotparser import RobotFileParser
from xml.etree import ElementTree

import pytest
from django.conf import settings
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from tacit.catalog import actions as catalog
from tacit.catalog.models import Product
from tacit.catalog.types import NewProduct, NewVariant
from tacit.web import sitemap
from tests.conftest import NOW

pytestmark = pytest.mark.django_db
SPACE = {"s": "http://www.sitemaps.org/schemas/sitemap/0.9", "x": "http://www.w3.org/1999/xhtml"}
HREF, HREFLANG = "href", "hreflang"


def fetch(path: str) -> tuple[ElementTree.Element, int]:
    """The file at ``path`` and how many statements it took."""
    with CaptureQueriesContext(connection) as asked:
        answer = Client().get(path)
        assert answer.status_code == 200
        text = b"".join(answer.streaming_content) if answer.streaming else answer.content
    assert answer["Content-Type"] == "application/xml"
    return ElementTree.fromstring(text), len(asked)


def listed(root: ElementTree.Element) -> dict[str, dict[str, str]]:
    """Address → language → address in it, from the root of the site."""
    found: dict[str, dict[str, str]] = {}
    for url in root.findall("s:url", SPACE):
        address = url.findtext("s:loc", namespaces=SPACE) or ""
        assert address.startswith(settings.SHOP_URL)
        found[address.removeprefix(settings.SHOP_URL)] = {
            link.attrib[HREFLANG]: link.attrib[HREF].removeprefix(settings.SHOP_URL)
            for link in url.findall("x:link", SPACE)
        }
    return found


def products(many: int) -> None:
    for number in range(many):
        catalog.save_product(
            NewProduct(
                slug=f"more-{number}", name=f"More {number}", variants=(NewVariant(sku=f"M{number}"),)
            ),
            now=NOW,
        )


def test_every_public_page_is_listed_in_each_language_and_opens(shop: int) -> None:
    catalog.save_category(slug="house", name="House")
    catalog.save_category(slug="kitchen", name="Kitchen", parent="house")
    catalog.save_category(slug="bare", name="Bare")
    root, statements = fetch("/sitemap.xml")
    found = listed(root)
    english = {"/", "/c/house", "/c/kitchen", "/p/kettle", "/p/lid"}
    assert {path for path in found if not path.startswith("/de/")} >= english
    assert "/c/bare" not in found
    assert {f"/de{path}" for path in english} <= set(found)
    for path, others in found.items():
        bare = path.removeprefix("/de")
        assert others == {"en": bare, "de": f"/de{bare}", "x-default": bare}
        answer = Client().get(path)
        assert answer.status_code == 200
        assert b'content="noindex"' not in answer.content
        assert f'rel="canonical" href="{settings.SHOP_URL}{path}"' in answer.content.decode()
    assert statements <= 2


def test_what_is_no_longer_sold_is_not_listed(shop: int) -> None:
    Product.objects.update(active=False)
    assert [path for path in listed(fetch("/sitemap.xml")[0]) if "/p/" in path or "/c/" in path] == []


def test_many_products_are_listed_in_parts_each_once(shop: int, monkeypatch: pytest.MonkeyPatch) -> None:
    products(5)
    monkeypatch.setattr(sitemap, "PART", 3)
    index, statements = fetch("/sitemap.xml")
    assert statements <= 2
    parts = [each.text or "" for each in index.findall("s:sitemap/s:loc", SPACE)]
    assert len(parts) == 3
    found: list[str] = []
    for address in parts:
        root, statements = fetch(address.removeprefix(settings.SHOP_URL))
        assert statements <= 2
        found += listed(root)
    assert len(found) == len(set(found))
    slugs = set(Product.objects.values_list("slug", flat=True))
    assert {path.removeprefix("/p/") for path in found if path.startswith("/p/")} == slugs
    for absent in ("/sitemap-4.xml", "/sitemap-0.xml", "/sitemap-99999999999999999999.xml"):
        assert Client().get(absent).status_code == 404


def test_exactly_one_part_needs_no_index(shop: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sitemap, "PART", 2)
    assert fetch("/sitemap.xml")[0].tag.endswith("urlset")


def test_a_part_stays_below_what_one_file_may_hold() -> None:
    longest = f"/p/{'x' * 120}"
    assert sitemap.PART * len(settings.LANGUAGES) <= 45_000
    per_page = len(sitemap._entries(longest).encode()) + len(settings.LANGUAGES) * 4 * 40  # a longer address
    assert sitemap.PART * per_page < 50_000_000


def test_robots_leave_alone_what_is_personal_and_find_the_list(shop: int) -> None:
    text = Client().get("/robots.txt").content.decode()
    robots = RobotFileParser()
    robots.parse(text.splitlines())
    site = settings.SHOP_URL
    for path in (
        "/desk/orders",
        "/checkout",
        "/order/A1/sig",
        "/orders",
        "/sign-in",
        "/go/K:1",
        "/demo/outbox",
    ):
        assert not robots.can_fetch("*", site + path)
        assert not robots.can_fetch("*", f"{site}/de{path}")
    for path in ("/", "/de/", "/p/kettle", "/de/c/kitchen", "/static/tacit/base.css"):
        assert robots.can_fetch("*", site + path)
    assert robots.site_maps() == [f"{site}/sitemap.xml"]


def test_they_are_the_same_under_no_language_prefix_and_for_all(shop: int) -> None:
    for path in ("/sitemap.xml", "/robots.txt"):
        answer = Client().get(path)
        assert re.search(r"max-age=\d+", answer["Cache-Control"])
        assert not answer.cookies
        assert Client().get(f"/de{path}").status_code == 404
        assert Client().post(path).status_code == 405
