"""Pages for everybody: made without knowing who asks, hence the same for all, hence kept and shared.

``everybody`` gives a view a request that holds nothing of the visitor but the currency, and on a product page
whether there is a slot for one tap: no other cookie, session, person, address or header. So what it makes *cannot*
be about anybody, and may be kept.
docs/decisions/0009-pages-for-everybody.md
"""

from __future__ import annotations

import gzip
import hashlib
import re
import time
from collections.abc import Callable, Collection
from functools import wraps
from io import BytesIO
from typing import Any
from urllib.parse import urlencode, urlsplit

from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.core.handlers.wsgi import WSGIRequest
from django.http import HttpRequest, HttpResponse, HttpResponseBase, QueryDict
from django.urls import ResolverMatch

from tacit.web import currency, returning
from tacit.web.cache_store import Store

View = Callable[..., HttpResponseBase]

PAGED = ("page",)
"""The query parameters of a list with pages, and all that a page may be kept by."""

ENTRIES, SIZE = 2_000, 32 * 2**20
_LATER_PAGE = re.compile(r"([2-9]|[1-9][0-9]{1,3})\Z")
LEAST_PACKED = 500
_PACKING = 5
_READS_GZIP = re.compile(r"\bgzip\b(?!\s*;\s*q=0(\.0*)?\s*(,|$))")
_REVALIDATE = "public, no-cache"
"""Whoever keeps a copy asks whether it is still the page; the answer is 304 while it is. So a price never
outlives TACIT_PAGE_CACHE, and a copy never reaches a visitor who reads another currency."""
VARY = "Accept-Encoding, Cookie"
"""The currency is a cookie. A proxy that makes one request of several at once must know that as well."""


class Page:
    """A finished page: its bytes, plain and (made when first asked for) compressed, and its tag."""

    __slots__ = ("_packed", "body", "headers", "match", "size", "tag")

    def __init__(self, response: HttpResponse, match: ResolverMatch | None) -> None:
        self.body = response.content
        self.headers = [(name, value) for name, value in response.items() if name not in _OURS]
        self.tag = f'W/"{hashlib.blake2b(self.body, digest_size=12).hexdigest()}"'
        self.match = match
        self._packed: bytes | None = None
        self.size = len(self.body) * 4 // 3 + 1_000  # with the compressed copy, and what an object costs

    def packed(self) -> bytes:
        """Compressed. No secret and nothing of the visitor is on the page, so its length gives nothing away."""
        if self._packed is None:
            self._packed = gzip.compress(self.body, _PACKING, mtime=0)
        return self._packed


_OURS = {"Content-Length", "ETag", "Cache-Control", "Vary", "Content-Encoding"}
store: Store[Page] = Store(entries=ENTRIES, size=SIZE)


def everybody(
    view: View,
    *,
    parameters: Collection[str] = (),
    headers: Collection[str] = (),
    kept: bool = True,
) -> View:
    """``view`` (answers of ``answering.page``) made without knowing who asks.

    ``parameters``: query parameters it may read, all others are taken away; ``headers``: request headers it may
    read, only with ``kept`` off, for what every request must do, such as noting a search. A page is kept
    TACIT_PAGE_CACHE seconds.
    """
    if kept and (headers or not set(parameters) <= set(PAGED)):
        raise ValueError("a page that is kept reads no header and only the parameters it is kept by")

    @wraps(view)
    def answer(request: HttpRequest, *args: object, **kwargs: object) -> HttpResponseBase:
        if request.method not in {"GET", "HEAD"}:
            return view(request, *args, **kwargs)
        refusal: list[HttpResponseBase] = []

        def make() -> Page | None:
            asked = stripped(request, parameters, headers, method="GET" if kept else str(request.method))
            response = view(asked, *args, **kwargs)
            response.cookies.clear()
            if response.status_code != 200 or not isinstance(response, HttpResponse):
                response.headers.setdefault("Cache-Control", "no-cache")
                response.headers.setdefault("Vary", VARY)
                refusal.append(response)
                return None
            return Page(response, request.resolver_match)

        seconds = settings.PAGE_CACHE_SECONDS if kept else 0
        key = key_of(request, parameters) if seconds else None
        page = store.get(key, make, clock=time.monotonic, seconds=seconds) if key else make()
        return shown(page, request) if page else refusal[-1]

    return answer


class KeptPages:
    """Middleware that answers with a kept page before an address is resolved or a session opened."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        seconds = settings.PAGE_CACHE_SECONDS
        if seconds and request.method in {"GET", "HEAD"} and (key := key_of(request)):
            page = store.fresh(key, now=time.monotonic(), seconds=seconds)
            if page is not None:
                request.resolver_match = page.match
                return shown(page, request)
        return self.get_response(request)


def key_of(request: HttpRequest, parameters: Collection[str] = PAGED) -> str | None:
    """What a kept page is found by: path, known parameters, currency, slot for one tap. None: not kept, nor found.

    The language is in the path. The host is in neither key nor page: by whatever name and port the shop is asked,
    the page is the same, so made-up ones take no room. The same holds for other ways to write a page's number.
    """
    query = ""
    if request.META.get("QUERY_STRING"):
        query = normalised(request.GET, parameters)
        if query and not _LATER_PAGE.match(query.removeprefix("page=")):
            return None
    slot = returning.COOKIE if returning.has_slot(request) else ""
    return f"{request.path}?{query} {currency.currency_of(request)} {slot}"


def normalised(given: QueryDict, parameters: Collection[str]) -> str:
    """The query string of the known ``parameters`` alone, in their order; the first page is the list itself."""
    pairs = [(name, value) for name in parameters for value in given.getlist(name) if value]
    return "" if not pairs or pairs == [("page", "1")] else urlencode(pairs)


def stripped(
    request: HttpRequest, parameters: Collection[str], headers: Collection[str], *, method: str
) -> HttpRequest:
    """The same question as anybody would ask it: address, language, currency and slot, and nothing of the visitor.

    The host is the shop's own, whatever name it was asked by.

    There is no session: a view that opens one fails, rather than showing somebody's.
    """
    meta = request.META
    shop = urlsplit(settings.SHOP_URL)
    environ: dict[str, Any] = {
        "REQUEST_METHOD": method,
        "SCRIPT_NAME": meta.get("SCRIPT_NAME", ""),
        "PATH_INFO": meta.get("PATH_INFO", "/"),
        "QUERY_STRING": normalised(request.GET, parameters) if meta.get("QUERY_STRING") else "",
        "SERVER_NAME": shop.hostname or "",
        "SERVER_PORT": str(shop.port or (443 if shop.scheme == "https" else 80)),
        "SERVER_PROTOCOL": "HTTP/1.1",
        "HTTP_HOST": shop.netloc,
        "wsgi.url_scheme": shop.scheme,
        "wsgi.input": BytesIO(),
    }
    for name in headers:
        field = f"HTTP_{name.upper().replace('-', '_')}"
        if field in meta:
            environ[field] = meta[field]
    asked = WSGIRequest(environ)
    asked.COOKIES = {currency.COOKIE: currency.currency_of(request)}
    if returning.has_slot(request):
        asked.COOKIES[returning.COOKIE] = returning.YES
    asked.user = AnonymousUser()
    asked.resolver_match = request.resolver_match
    asked.LANGUAGE_CODE = getattr(request, "LANGUAGE_CODE", settings.LANGUAGE_CODE)
    return asked


def shown(page: Page, request: HttpRequest) -> HttpResponse:
    """The page as this request gets it: 304 when it has it, compressed when it can read that."""
    meta = request.META
    if page.tag in meta.get("HTTP_IF_NONE_MATCH", ""):
        response = HttpResponse(status=304)
        del response.headers["Content-Type"]
    else:
        reads = _READS_GZIP.search(meta.get("HTTP_ACCEPT_ENCODING", ""))
        packs = reads is not None and len(page.body) >= LEAST_PACKED
        body = page.packed() if packs else page.body
        response = HttpResponse(b"" if request.method == "HEAD" else body)
        for name, value in page.headers:
            response.headers[name] = value
        if packs:
            response.headers["Content-Encoding"] = "gzip"
        response.headers["Content-Length"] = str(len(body))
    response.headers["ETag"] = page.tag
    response.headers["Cache-Control"] = _REVALIDATE
    response.headers["Vary"] = VARY
    return response
