"""``/sitemap.xml`` and ``/robots.txt``: which pages there are, in each language, and which are nobody's to list.

Not ``django.contrib.sitemaps``: it counts and renders every address through the template engine (seconds for a
part of this size), keeps a part in memory, and takes the host from whoever asks instead of TACIT_URL. No page
knows when it last changed (a price, a stock, a text), so there is no ``lastmod`` rather than a wrong one.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TypeVar

from django.conf import settings
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.urls import reverse
from django.utils import translation
from django.utils.encoding import iri_to_uri
from django.utils.html import escape
from django.views.decorators.http import require_safe

from tacit.catalog import queries as catalog
from tacit.web import texts
from tacit.web.language import readings

PART = 20_000
"""Products a file. Each has an address a language; a file may hold 50,000 addresses and 50 MB."""

Answer = TypeVar("Answer", HttpResponse, StreamingHttpResponse)

KEPT = "public, max-age=3600"
NOT_LISTED = ("desk", "checkout", "order/", "orders", "sign-in", "go", "buy", "f/", "demo")
"""Beginnings of addresses robots have no business with; they show one person's things, or change something."""

_HEAD = '<?xml version="1.0" encoding="UTF-8"?>\n'
_ADDRESSES = '<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9" xmlns:xhtml="http://www.w3.org/1999/xhtml">\n'
_INDEX = '<sitemapindex xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">\n'
_TOGETHER = 500
"""Pages a piece of the stream."""


@require_safe
def sitemap(request: HttpRequest) -> HttpResponse | StreamingHttpResponse:
    """Every public page; for more than one part's products, where the parts are. Three statements at most."""
    del request
    slugs = catalog.product_slugs(part=1, size=PART)
    if len(slugs) == PART:
        parts = -(-catalog.products_count() // PART)
        if parts > 1:
            return _index(parts)
    return _part(1, slugs)


@require_safe
def part(request: HttpRequest, number: int) -> HttpResponse | StreamingHttpResponse:
    """One part; an empty one is not there. At most two statements."""
    del request
    slugs = catalog.product_slugs(part=number, size=PART) if 0 < number <= 50_000 else ()
    return _part(number, slugs) if slugs else HttpResponse(status=404)


def _index(parts: int) -> HttpResponse:
    rows = (
        f"<sitemap><loc>{settings.SHOP_URL}{reverse('sitemap-part', args=[number])}</loc></sitemap>\n"
        for number in range(1, parts + 1)
    )
    return _kept(HttpResponse([_HEAD, _INDEX, *rows, "</sitemapindex>\n"], content_type="application/xml"))


def _part(number: int, slugs: Iterable[str]) -> StreamingHttpResponse:
    with translation.override(settings.LANGUAGE_CODE):
        first = [*_plain_pages(), *_below("category", catalog.shelf_slugs())] if number == 1 else []
        paths = [*first, *_below("product", slugs)]
    return _kept(StreamingHttpResponse(_written(paths), content_type="application/xml"))


def _kept(answer: Answer) -> Answer:
    answer["Cache-Control"] = KEPT
    return answer


def _plain_pages() -> Iterator[str]:
    for name in ("home", "help", *texts.names(settings.SHOP_PAGES)):
        yield reverse(name)


def _below(name: str, slugs: Iterable[str]) -> Iterator[str]:
    """The path of each: reversed once, for reversing takes longer than all the rest."""
    before, after = reverse(name, args=["-"]).split("-", 1)
    return (f"{before}{iri_to_uri(slug)}{after}" for slug in slugs)


def _written(paths: list[str]) -> Iterator[str]:
    yield _HEAD + _ADDRESSES
    for start in range(0, len(paths), _TOGETHER):
        yield "".join(_entries(path) for path in paths[start : start + _TOGETHER])
    yield "</urlset>\n"


def _entries(path: str) -> str:
    """The page at ``path`` in each language, each naming all."""
    found = [(each.code, escape(settings.SHOP_URL + each.path)) for each in readings(path)]
    others = "".join(
        f'<xhtml:link rel="alternate" hreflang="{code}" href="{address}"/>'
        for code, address in [*found, ("x-default", found[0][1])]
    )
    return "".join(f"<url><loc>{address}</loc>{others}</url>\n" for _code, address in found)


@require_safe
def robots(request: HttpRequest) -> HttpResponse:
    """What robots should leave alone, in each language, and where the list of pages is."""
    del request
    closed = [each.path for name in NOT_LISTED for each in readings(f"/{name}")]
    lines = ["User-agent: *", *(f"Disallow: {path}" for path in closed), ""]
    lines.append(f"Sitemap: {settings.SHOP_URL}{reverse('sitemap')}")
    return _kept(HttpResponse("\n".join(lines) + "\n", content_type="text/plain; charset=utf-8"))
