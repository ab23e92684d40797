"""A light stand-in for a browser: one kept connection, cookies, forms. No threads, no parsing it can avoid."""

from __future__ import annotations

import re
import socket
from collections.abc import Mapping
from dataclasses import dataclass, field
from html import unescape
from urllib.parse import urlencode, urlsplit

HOST = "127.0.0.1"
PRODUCT = "enamel-kettle"
SECONDS = 30.0
CONTACT = {
    "email": "mira@example.org",
    "name": "Mira Lindqvist",
    "line1": "Hafenstraße 12",
    "line2": "",
    "postcode": "20457",
    "city": "Hamburg",
}
_INPUT = re.compile(r"<input\b[^>]*>")
_ATTRIBUTE = re.compile(r'([a-z_-]+)="([^"]*)"')
_CHOSEN = re.compile(r'<option value="([^"]+)"[^>]* selected')


class BrowserError(Exception):
    """The shop did not answer as a purchase needs; the text says where and how."""


@dataclass(frozen=True, slots=True)
class Answer:
    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def is_page(self) -> bool:
        return self.status == 200 and self.headers.get("content-type", "").startswith("text/html")


@dataclass(slots=True)
class Browser:
    """``requests`` and ``pages`` (HTML answers 200) count since the last ``forget``."""

    host: str
    port: int
    cookies: dict[str, str] = field(default_factory=dict)
    requests: int = 0
    pages: int = 0
    _connection: socket.socket | None = None

    def forget(self) -> None:
        """Be somebody new on the same connection."""
        self.cookies.clear()
        self.requests = self.pages = 0

    def get(self, path: str, headers: Mapping[str, str] | None = None) -> Answer:
        more = "".join(f"{name}: {value}\r\n" for name, value in (headers or {}).items())
        return self._ask(f"GET {path} HTTP/1.1\r\n{more}", b"")

    def post(self, path: str, values: Mapping[str, str]) -> Answer:
        """Send a form of ours."""
        body = urlencode(values).encode()
        head = (
            f"POST {path} HTTP/1.1\r\nSec-Fetch-Site: same-origin\r\n"
            f"Content-Type: application/x-www-form-urlencoded\r\nContent-Length: {len(body)}\r\n"
        )
        return self._ask(head, body)

    def close(self) -> None:
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    def _ask(self, head: str, body: bytes) -> Answer:
        if self._connection is None:
            self._connection = socket.create_connection((self.host, self.port), SECONDS)
            self._connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        cookies = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        lines = f"{head}Host: {self.host}:{self.port}\r\nAccept: text/html\r\n"
        lines += f"Cookie: {cookies}\r\n\r\n" if cookies else "\r\n"
        try:
            self._connection.sendall(lines.encode() + body)
            answer = receive(self._connection, self.cookies)
        except OSError:
            self.close()
            raise
        if answer.headers.get("connection", "").lower() == "close":
            self.close()
        self.requests += 1
        self.pages += answer.is_page
        return answer


def receive(connection: socket.socket, cookies: dict[str, str]) -> Answer:
    """Read one answer, with a length or in chunks; keep its cookies."""
    data = b""
    while (end := data.find(b"\r\n\r\n")) < 0:
        data += more(connection)
    first, *lines = data[:end].decode("latin-1").split("\r\n")
    headers = {}
    for line in lines:
        name, _, value = line.partition(":")
        name, value = name.lower(), value.strip()
        if name == "set-cookie":
            cookie, _, kept = value.partition(";")[0].partition("=")
            cookies[cookie] = kept
        headers[name] = value
    body = data[end + 4 :]
    if "chunked" in headers.get("transfer-encoding", ""):
        body = chunks(connection, body)
    else:
        length = int(headers.get("content-length", "0"))
        while len(body) < length:
            body += more(connection)
    return Answer(int(first.split(" ", 2)[1]), headers, body)


def chunks(connection: socket.socket, data: bytes) -> bytes:
    body = b""
    while True:
        while (end := data.find(b"\r\n")) < 0:
            data += more(connection)
        size = int(data[:end].partition(b";")[0], 16)
        while len(data) < end + 2 + size + 2:
            data += more(connection)
        body += data[end + 2 : end + 2 + size]
        data = data[end + 2 + size + 2 :]
        if size == 0:
            return body


def more(connection: socket.socket) -> bytes:
    data = connection.recv(65_536)
    if not data:
        raise ConnectionError("the server hung up")
    return data


def form_values(page: str) -> dict[str, str]:
    """What a browser would send of a page's inputs: hidden ones, and the radio that is chosen."""
    values: dict[str, str] = {}
    for tag in _INPUT.findall(page):
        attributes = {name: unescape(value) for name, value in _ATTRIBUTE.findall(tag)}
        name, kind = attributes.get("name", ""), attributes.get("type", "text")
        if name and (kind == "hidden" or (kind == "radio" and " checked" in tag)):
            values[name] = attributes.get("value", "")
    if chosen := _CHOSEN.search(page):
        values["country"] = chosen[1]
    return values


def path_of(answer: Answer, where: str) -> str:
    """Where a 303 leads, on this host."""
    if answer.status != 303:
        said = " ".join(re.sub(r"<[^>]+>", " ", answer.body.decode("utf-8", "replace")).split())
        raise BrowserError(f"{where}: {answer.status} instead of 303: {said[:300]}")
    parts = urlsplit(answer.headers["location"])
    return f"{parts.path}?{parts.query}" if parts.query else parts.path


def fill_cart(browser: Browser, product: str) -> tuple[str, dict[str, str]]:
    """From the product's page to the checkout, everything filled in: the path to post to, and the values."""
    page = browser.get(f"/p/{product}")
    if not page.is_page:
        raise BrowserError(f"/p/{product}: {page.status}")
    bought = browser.post("/buy", form_values(page.body.decode()))
    checkout = path_of(bought, "/buy")
    page = browser.get(checkout)
    if not page.is_page:
        raise BrowserError(f"{checkout}: {page.status}")
    return checkout, form_values(page.body.decode()) | CONTACT


def purchase(browser: Browser, product: str) -> None:
    """One guest buys one piece: product, *Buy*, checkout, *Order and pay*, the order's page."""
    browser.forget()
    checkout, values = fill_cart(browser, product)
    order = path_of(browser.post(checkout, values), checkout)
    page = browser.get(order)
    if not page.is_page:
        raise BrowserError(f"{order}: {page.status}")
