"""Which server takes our mail, how, and who it is from: read from one URL. No I/O."""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass, field
from urllib.parse import parse_qsl, unquote, urlsplit

PORTS = {"smtp": 587, "smtps": 465}
OPTIONS = ("starttls", "from", "ca")
YES, NO = ("1", "true", "yes", "on"), ("0", "false", "no", "off")


class ServerError(ValueError):
    """The address of the mail server cannot be used; the text says which part, why, and what to write.

    It never contains the password.
    """


@dataclass(frozen=True, slots=True)
class Server:
    """``tls``: encrypted from the first byte; ``starttls``: must be encrypted before anything is said.

    ``sender`` is what stands in From: ``shop@example.com`` or ``Nordwind <shop@example.com>``. ``ca`` is a
    file of certificates to trust instead of the system's; '' for the system's.
    """

    host: str
    port: int
    sender: str
    user: str = ""
    password: str = field(default="", repr=False)
    tls: bool = False
    starttls: bool = False
    ca: str = ""


def parse(url: str, *, sender: str = "") -> Server:
    """Read ``smtp[s]://[user:password@]host[:port][?starttls=1&from=…&ca=…]``. Raises ServerError.

    ``from`` in the URL goes before ``sender``. User, password and options are percent-decoded.
    """
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        raise ServerError("the port is not a number from 1 to 65535") from None
    if parts.scheme not in PORTS:
        raise ServerError("it must start with smtp:// or smtps://")
    if not parts.hostname:
        raise ServerError("the host is missing: smtp://HOST:587")
    if port == 0:
        raise ServerError("the port is not a number from 1 to 65535")
    if parts.path.strip("/") or parts.fragment:
        raise ServerError(
            "there is something after the host; a / ? or # in the password is written %2F %3F %23"
        )
    options = _options(parts.query)
    tls = parts.scheme == "smtps"
    starttls = _flag("starttls", options.get("starttls", "0"))
    if tls and starttls:
        raise ServerError("smtps:// is encrypted from the start: leave starttls out, or write smtp://")
    user, password = unquote(parts.username or ""), unquote(parts.password or "")
    if bool(user) != bool(password):
        raise ServerError("user and password belong together: smtp://USER:PASSWORD@HOST")
    if user and not (tls or starttls) and not _is_here(parts.hostname):
        raise ServerError("the password would travel unencrypted: add starttls=1, or write smtps://")
    if not (source := options.get("from") or sender):
        raise ServerError("the sender is missing: add from=shop%40example.com")
    return Server(
        host=parts.hostname,
        port=port or PORTS[parts.scheme],
        sender=source,
        user=user,
        password=password,
        tls=tls,
        starttls=starttls,
        ca=options.get("ca", ""),
    )


def _options(query: str) -> dict[str, str]:
    pairs = parse_qsl(query, keep_blank_values=True)
    for name, _ in pairs:
        if name not in OPTIONS:
            raise ServerError(f"it has an unknown option; known are {', '.join(OPTIONS)}")
    if len(pairs) != len(dict(pairs)):
        raise ServerError("an option is given twice")
    return dict(pairs)


def _flag(name: str, value: str) -> bool:
    if value.lower() in YES:
        return True
    if value.lower() in NO:
        return False
    raise ServerError(f"{name} is 1 or 0, not {value!r}")


def _is_here(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
