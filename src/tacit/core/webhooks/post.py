"""One POST to an address that was checked: no proxy, no redirect, no second look at the name, an end in time."""

from __future__ import annotations

import contextlib
import functools
import http.client
import socket
import ssl
import threading
from collections.abc import Mapping

import urllib3
from urllib3.connection import HTTPConnection, HTTPSConnection

from tacit.core.webhooks.address import Resolver, Unreachable, Url, checked, resolve

CONNECT_SECONDS = 2.0
READ_SECONDS = 10.0
WHOLE_SECONDS = 13.0
"""Also one that answers a byte at a time is over then; asking for its address comes before."""


def post(
    url: Url,
    text: str,
    headers: Mapping[str, str],
    *,
    resolver: Resolver = resolve,
    trust: ssl.SSLContext | None = None,
) -> int:
    """Send ``text``; the status of the answer, whose body nobody reads. Raises Unreachable.

    ``trust``: whose certificates are believed; the system's by default.
    """
    trouble = Unreachable("connection")
    for address in checked(url, resolver):
        connection = _connection(url, address, trust)
        try:
            connection.connect()
        except Exception as error:
            connection.close()
            trouble = Unreachable(_word(error))
            continue
        return _exchange(connection, url, text, headers)
    raise trouble


def _connection(url: Url, address: str, trust: ssl.SSLContext | None) -> HTTPConnection:
    if not url.secure:
        return HTTPConnection(address, url.port, timeout=CONNECT_SECONDS)
    return HTTPSConnection(
        address,
        url.port,
        timeout=CONNECT_SECONDS,
        ssl_context=trust or _system_trust(),
        server_hostname=url.host,  # for SNI and for the certificate: the name, wherever we connect to
    )


@functools.cache
def _system_trust() -> ssl.SSLContext:
    return ssl.create_default_context()


def _exchange(connection: HTTPConnection, url: Url, text: str, headers: Mapping[str, str]) -> int:
    end = _End(connection.sock)
    end.start()
    try:
        assert connection.sock is not None
        connection.timeout = READ_SECONDS  # the answer's
        connection.sock.settimeout(READ_SECONDS)
        connection.request(
            "POST",
            url.path,
            body=text.encode(),
            headers={**headers, "host": url.host_header, "connection": "close"},
        )
        # Not urllib3's own, which logs the address, where secrets may stand, when it cannot read a header.
        code = http.client.HTTPConnection.getresponse(connection).status
        if end.came:
            raise TimeoutError
        return int(code)
    except Exception as error:
        raise Unreachable("timeout" if end.came else _word(error)) from error
    finally:
        end.cancel()
        with contextlib.suppress(Exception):
            connection.close()


class _End(threading.Timer):
    """Ends a connection after WHOLE_SECONDS; time-outs of reading begin anew with every byte."""

    def __init__(self, sock: socket.socket | None) -> None:
        super().__init__(WHOLE_SECONDS, self._cut)
        self.daemon = True
        self.came = False
        self._sock = sock

    def _cut(self) -> None:
        self.came = True
        if self._sock is not None:
            with contextlib.suppress(OSError):
                # The plain socket's own: that of TLS would wait for the other side.
                socket.socket.shutdown(self._sock, socket.SHUT_RDWR)


_TLS = (ssl.SSLError, urllib3.exceptions.SSLError)
_TIMEOUTS = (TimeoutError, urllib3.exceptions.TimeoutError)


def _word(error: Exception) -> str:
    if isinstance(error, urllib3.exceptions.NewConnectionError):  # which is a time-out to urllib3
        return "connection"
    if isinstance(error, _TIMEOUTS):
        return "timeout"
    if isinstance(error, _TLS):
        return "tls"
    if isinstance(error, OSError | urllib3.exceptions.HTTPError | http.client.HTTPException):
        return "connection"
    return "broken"
