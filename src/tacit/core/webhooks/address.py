"""Where webhooks may go: to public addresses by https, and in a demo to this machine.

Whoever may add an endpoint must not thereby reach what only this machine can: its own services, the network
around it, the provider's metadata.
"""

from __future__ import annotations

import contextlib
import ipaddress
import re
import socket
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from urllib.parse import urlsplit

LONGEST_URL = 500
MOST_ADDRESSES = 2
"""Of a name with many addresses the first ones are tried."""

IPAddress = ipaddress.IPv4Address | ipaddress.IPv6Address

_UNICAST = ipaddress.ip_network("2000::/3")
_NOT_FOR_ALL = tuple(
    ipaddress.ip_network(each)
    for each in (
        "192.88.99.0/24",  # 6to4 relays
        "2001::/23",  # protocol assignments, Teredo among them
        "2001:db8::/32",
        "2002::/16",  # 6to4: an IPv4 address inside, and a relay that goes there
        "3fff::/20",
    )
)
_HERE = ("localhost", "localhost.")
_INSIDE = frozenset({"localhost", "local", "internal"})
_NUMBERS = re.compile(r"(0[xX][0-9a-fA-F]*|[0-9]+)(\.(0[xX][0-9a-fA-F]*|[0-9]+)){0,3}", re.ASCII)
_NAT64 = ipaddress.ip_network("64:ff9b::/96")


class BadUrl(ValueError):
    """``code``: too_long, unreadable, scheme, host, port, userinfo, fragment, not_public."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


class Unreachable(Exception):
    """It did not get there. ``code``: name, not_public, connection, tls, timeout."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


ERRORS = ("name", "not_public", "connection", "tls", "timeout", "status", "redirect", "gone", "broken")
"""Every short word for what went wrong with a delivery."""


@dataclass(frozen=True, slots=True)
class Url:
    """An address in parts. ``path`` with its query."""

    secure: bool
    host: str
    port: int
    path: str

    @property
    def host_header(self) -> str:
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port == (443 if self.secure else 80) else f"{host}:{self.port}"


def parse(url: str, *, demo: bool) -> Url:
    """``url`` in parts, when webhooks may go there as far as that can be told without asking anybody.

    In a demo http is for this machine's own names and numbers. Raises BadUrl.
    """
    if len(url) > LONGEST_URL:
        raise BadUrl("too_long")
    if not url.isascii() or any(each <= " " or each in {"\x7f", "\\"} for each in url):
        raise BadUrl("unreadable")
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        raise BadUrl("unreadable") from None
    if parts.scheme != "https" and not (demo and parts.scheme == "http"):
        raise BadUrl("scheme")
    if not parts.hostname:
        raise BadUrl("host")
    if port == 0:
        raise BadUrl("port")
    if parts.username is not None or parts.password is not None:
        raise BadUrl("userinfo")
    if parts.fragment or url.endswith("#"):
        raise BadUrl("fragment")
    secure = parts.scheme == "https"
    if not secure and not _is_here(parts.hostname):
        raise BadUrl("scheme")
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    found = Url(secure, parts.hostname, port or (443 if secure else 80), path)
    literal = _written(found.host)
    if literal is not None and not _allowed(literal, secure=secure):
        raise BadUrl("not_public")
    if secure and literal is None and _is_inside(found.host):
        raise BadUrl("not_public")
    return found


def is_public(address: IPAddress) -> bool:
    """Whether everybody on the internet would reach the same machine there."""
    if isinstance(address, ipaddress.IPv6Address):
        inner = address.ipv4_mapped
        if inner is None and address in _NAT64:
            inner = ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)
        if inner is not None:
            return is_public(inner)
        return (
            address in _UNICAST
            and address.is_global
            and not any(address in network for network in _NOT_FOR_ALL if network.version == 6)
        )
    return (
        address.is_global
        and not (address.is_multicast or address.is_reserved or address.is_unspecified)
        and not any(address in network for network in _NOT_FOR_ALL if network.version == 4)
    )


Resolver = Callable[[str, int], Sequence[str]]


def resolve(host: str, port: int) -> list[str]:
    """The addresses of ``host``. Raises OSError."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(each[4][0]) for each in found))


def checked(url: Url, resolver: Resolver = resolve) -> list[str]:
    """The addresses to connect to; connect to these and to nothing the name says later. Asks the resolver.

    One address that is not public is enough to refuse them all. Raises Unreachable.
    """
    try:
        found = list(resolver(url.host, url.port))
    except (OSError, UnicodeError):
        raise Unreachable("name") from None
    if not found:
        raise Unreachable("name")
    for each in found:
        literal = _literal(each)
        if literal is None or not _allowed(literal, secure=url.secure):
            raise Unreachable("not_public")
    return found[:MOST_ADDRESSES]


def _allowed(address: IPAddress, *, secure: bool) -> bool:
    """Without TLS, which ``parse`` grants demos alone, this machine and nothing else."""
    if secure:
        return is_public(address)
    inner = address.ipv4_mapped if isinstance(address, ipaddress.IPv6Address) else None
    return (inner or address).is_loopback


def _is_here(host: str) -> bool:
    """Whether that is this machine whoever is asked: where a demo may go without TLS."""
    literal = _written(host)
    return host in _HERE if literal is None else _allowed(literal, secure=False)


def _is_inside(host: str) -> bool:
    """Whether no public machine can have that name: it has no dot, or ends as only a network's own names do."""
    labels = host.rstrip(".").split(".")
    return len(labels) == 1 or labels[-1] in _INSIDE


def _written(host: str) -> IPAddress | None:
    """``host`` as the system reads it, which takes 127.1 and 0x7f000001 for numbers as well."""
    literal = _literal(host)
    if literal is None and _NUMBERS.fullmatch(host):
        with contextlib.suppress(OSError):
            return ipaddress.IPv4Address(socket.inet_aton(host))
    return literal


def _literal(host: str) -> IPAddress | None:
    try:
        return ipaddress.ip_address(host)
    except ValueError:
        return None
