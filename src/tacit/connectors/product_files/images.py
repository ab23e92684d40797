"""Pictures from elsewhere, fetched only when asked for, from public addresses only, within limits. No Django.

A host's address is looked up first, every one of them must be public, and the connection goes to the address
that was looked at, so that a name cannot point somewhere else a moment later. Redirects go through the same.
"""

from __future__ import annotations

import hashlib
import ipaddress
import os
import socket
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any
from urllib.parse import urljoin, urlsplit

import urllib3
from urllib3.exceptions import HTTPError, TimeoutError

from tacit.connectors.product_files.pictures import MOST_PIXELS, kind_of, pixels_of

LARGEST_BYTES = 5 * 1024 * 1024
AT_ONCE = 4
MOST_REDIRECTS = 3
FOLDER = "media"
_BLOCK = 64 * 1024
_REDIRECTS = frozenset([301, 302, 303, 307, 308])
_PORTS = {"http": 80, "https": 443}


class NoImage(Exception):
    """A picture that could not be had; the message is one clause that says why."""


@dataclass(frozen=True, slots=True)
class Fetched:
    """``picture``: its path under the shop's home, '' when there is none and ``why`` says the reason."""

    address: str
    picture: str = ""
    why: str = ""


class Fetcher:
    """Fetches pictures into ``home``/media, named after what is in them."""

    def __init__(
        self,
        home: Path,
        *,
        connect_seconds: float = 5,
        total_seconds: float = 20,
        largest: int = LARGEST_BYTES,
        allow_loopback: bool = False,
    ) -> None:
        """``allow_loopback`` is for tests, whose server is here."""
        self._folder = home / FOLDER
        self._connect_seconds = connect_seconds
        self._total_seconds = total_seconds
        self._largest = largest
        self._allow_loopback = allow_loopback

    def fetch_all(
        self, addresses: Iterable[str], *, told: Callable[[int], None] = lambda _done: None
    ) -> Iterator[Fetched]:
        """Each picture or why not, in the order they arrive; AT_ONCE at a time. ``told`` hears how many."""
        rest = iter(addresses)
        done = 0
        with ThreadPoolExecutor(AT_ONCE) as pool:
            running: set[Future[Fetched]] = {pool.submit(self.fetch, each) for each in islice(rest, AT_ONCE)}
            while running:
                ready, running = wait(running, return_when=FIRST_COMPLETED)
                running |= {pool.submit(self.fetch, each) for each in islice(rest, len(ready))}
                for each in ready:
                    done += 1
                    told(done)
                    yield each.result()

    def fetch(self, address: str) -> Fetched:
        """The picture at ``address``."""
        try:
            content = self._content(address, time.monotonic() + self._total_seconds)
            return Fetched(address, picture=self._keep(content))
        except NoImage as why:
            return Fetched(address, why=str(why))

    def _content(self, address: str, until: float) -> bytes:
        for _ in range(MOST_REDIRECTS + 1):
            response, pool = self._open(address, until)
            try:
                if response.status in _REDIRECTS:
                    address = urljoin(address, response.headers.get("Location", ""))
                    continue
                if response.status != 200:
                    raise NoImage(f"the server answered {response.status}")
                return self._read(response, until)
            finally:
                response.close()
                pool.close()
        raise NoImage(f"it was sent on more than {MOST_REDIRECTS} times")

    def _open(self, address: str, until: float) -> tuple[urllib3.BaseHTTPResponse, Any]:
        scheme, host, port, target = _parts(address)
        reachable = self._public(host, port)
        timeout = urllib3.Timeout(connect=self._connect_seconds, read=self._connect_seconds)
        more: dict[str, Any] = {"timeout": timeout, "retries": False, "maxsize": 1}
        pool: urllib3.HTTPConnectionPool
        if scheme == "https":
            pool = urllib3.HTTPSConnectionPool(
                reachable, port, server_hostname=host, assert_hostname=host, **more
            )
        else:
            pool = urllib3.HTTPConnectionPool(reachable, port, **more)
        shown = f"[{host}]" if ":" in host else host
        headers = {
            "Host": shown if port == _PORTS[scheme] else f"{shown}:{port}",
            "User-Agent": "tacit-import",
            "Accept": "image/png,image/jpeg,image/webp,image/gif",
            "Accept-Encoding": "identity",
        }
        try:
            if time.monotonic() > until:
                raise NoImage(f"it took longer than {self._total_seconds:g} seconds")
            response = pool.request(
                "GET", target, headers=headers, redirect=False, preload_content=False, decode_content=False
            )
        except TimeoutError:
            pool.close()
            raise NoImage("the server did not answer in time") from None
        except (HTTPError, OSError, ValueError) as error:
            pool.close()
            raise NoImage(f"there was no connection ({type(error).__name__})") from None
        return response, pool

    def _public(self, host: str, port: int) -> str:
        """An address of ``host`` to connect to. Every one it has must be public."""
        try:
            found = {str(entry[4][0]) for entry in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)}
        except (OSError, UnicodeError):
            raise NoImage("there is no such host") from None
        for each in sorted(found):
            ip: Any = ipaddress.ip_address(each.partition("%")[0])
            ip = getattr(ip, "ipv4_mapped", None) or ip
            loopback = self._allow_loopback and ip.is_loopback
            if not loopback and (not ip.is_global or ip.is_multicast):
                raise NoImage(f"{host} is no public address")
        return min(found, key=lambda each: (":" in each, each))

    def _read(self, response: urllib3.BaseHTTPResponse, until: float) -> bytes:
        said = response.headers.get("Content-Length", "")
        too_large = f"it is larger than {self._largest:,} bytes"
        if said.isascii() and said.isdigit() and int(said) > self._largest:
            raise NoImage(too_large)
        content = bytearray()
        try:
            while block := response.read1(_BLOCK) if hasattr(response, "read1") else response.read(_BLOCK):
                content += block
                if len(content) > self._largest:
                    raise NoImage(too_large)
                if time.monotonic() > until:
                    raise NoImage(f"it took longer than {self._total_seconds:g} seconds")
        except TimeoutError:
            raise NoImage("the server stopped in the middle") from None
        except (HTTPError, OSError) as error:
            raise NoImage(f"the connection broke ({type(error).__name__})") from None
        return bytes(content)

    def _keep(self, content: bytes) -> str:
        suffix = kind_of(content)
        if not suffix:
            raise NoImage("it is no PNG, JPEG, WebP or GIF picture")
        if not 0 < pixels_of(content) <= MOST_PIXELS:
            raise NoImage(f"it is cut off, or has more than {MOST_PIXELS:,} pixels")
        name = f"{hashlib.sha256(content).hexdigest()}.{suffix}"
        target = self._folder / name
        if not target.exists():
            self._folder.mkdir(parents=True, exist_ok=True)
            # Two fetchers may hold the same picture at the same moment: a draft for each.
            draft = self._folder / f".{name}.{os.getpid()}.{threading.get_ident()}"
            draft.write_bytes(content)
            draft.replace(target)
        return f"{FOLDER}/{name}"


def _parts(address: str) -> tuple[str, str, int, str]:
    """(scheme, host, port, path with query). Raises NoImage."""
    try:
        parts = urlsplit(address)
        port = parts.port
    except ValueError:
        raise NoImage("its address cannot be read") from None
    if parts.scheme not in _PORTS or not parts.hostname:
        raise NoImage("its address does not begin with https:// or http://")
    if parts.username or parts.password:
        raise NoImage("its address holds a password")
    target = urlsplit(address)._replace(scheme="", netloc="", fragment="").geturl() or "/"
    return parts.scheme, parts.hostname, port or _PORTS[parts.scheme], target
