"""One HTTP exchange: reading a request whole, answering it, and hanging up without an answer."""

from __future__ import annotations

import json
import socket
from asyncio import BaseTransport, Transport
from collections.abc import Awaitable, Callable, MutableMapping
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from uvicorn.protocols.http.h11_impl import H11Protocol

from tacit.connectors.practice_provider.process.rules import Refusal

LARGEST_BODY_BYTES = 16 * 1024

Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class Request:
    """What was asked."""

    method: str
    path: str
    query: str
    headers: dict[str, str]
    client: str
    body: bytes


@dataclass(frozen=True, slots=True)
class Reply:
    """What is answered."""

    status: int
    body: bytes
    headers: tuple[tuple[str, str], ...] = field(default=(("content-type", "application/json"),))

    @classmethod
    def of(cls, value: object, status: int = 200) -> Reply:
        """``value`` as JSON."""
        return cls(status, json.dumps(value).encode())

    @classmethod
    def refusing(cls, refusal: Refusal) -> Reply:
        """``{"error": {"code", "field", "message"}}``."""
        error = {"code": refusal.code, "field": refusal.field, "message": refusal.message}
        return cls.of({"error": error}, refusal.status)


async def read_request(scope: Message, receive: Receive) -> Request:
    """Raises Refusal 413 when the body is too large; what is left of it is not read."""
    headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"]}
    body = b""
    more = True
    while more:
        message = await receive()
        body += message.get("body", b"")
        more = bool(message.get("more_body", False))
        if len(body) > LARGEST_BODY_BYTES:
            raise Refusal(413, "too_large", f"the body is larger than {LARGEST_BODY_BYTES} bytes")
    return Request(
        method=scope["method"],
        path=scope["path"],
        query=scope["query_string"].decode("latin-1"),
        headers=headers,
        client=scope["client"][0] if scope["client"] else "",
        body=body,
    )


async def send_reply(reply: Reply, send: Send) -> None:
    """Status, headers and body."""
    headers = [(name.encode("latin-1"), value.encode("latin-1")) for name, value in reply.headers]
    headers += [(b"content-length", str(len(reply.body)).encode()), (b"cache-control", b"no-store")]
    if reply.status == 413:
        headers.append((b"connection", b"close"))
    await send({"type": "http.response.start", "status": reply.status, "headers": headers})
    await send({"type": "http.response.body", "body": reply.body})


async def hang_up(scope: Message, receive: Receive) -> None:
    """Close the connection without a word."""
    scope["extensions"]["tacit.connection"].abort()
    while (await receive())["type"] != "http.disconnect":
        pass


class Protocol(H11Protocol):
    """uvicorn's, except that the application can reach its connection in order to hang up."""

    def connection_made(self, transport: BaseTransport) -> None:
        assert isinstance(transport, Transport)
        super().connection_made(transport)
        # Head and body are two writes; without this the second waits 40 ms for the first to be acknowledged.
        transport.get_extra_info("socket").setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.app = partial(_with_connection, self.app, transport)


async def _with_connection(app: Any, transport: Transport, scope: Any, receive: Any, send: Any) -> None:
    scope.setdefault("extensions", {})["tacit.connection"] = transport
    await app(scope, receive, send)
