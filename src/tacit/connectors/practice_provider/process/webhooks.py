"""The background of the provider: time passes over payments, and webhooks are delivered until accepted."""

from __future__ import annotations

import asyncio
import contextlib
import ssl
import sys
import time
from urllib.parse import urlsplit

from tacit.connectors.practice_provider import signature
from tacit.connectors.practice_provider.process.books import GIVE_UP_AFTER_SECONDS, Delivery
from tacit.connectors.practice_provider.process.provider import Provider

AT_ONCE = 4
ANSWER_WITHIN_SECONDS = 10
LONGEST_WAIT_SECONDS = 600


def wait_before_retry(attempts: int) -> float:
    """Seconds until the next try after ``attempts`` failed ones: 0.5, 1, 2 … ten minutes."""
    return float(min(LONGEST_WAIT_SECONDS, 0.5 * 2 ** min(attempts, 20)))


class Background:
    """Sleeps until something is due or ``provider.news`` says that something changed."""

    def __init__(self, provider: Provider) -> None:
        self.provider = provider
        self._sending: dict[int, asyncio.Task[None]] = {}

    async def run(self) -> None:
        """Until cancelled."""
        while True:
            self.provider.news.clear()
            now = self.provider.now()
            self._let_time_pass(now)
            self._send_due(now)
            due = self.provider.books.next_due(deliveries_after=now)
            timeout = None if due is None else max(0.005, due - self.provider.now())
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self.provider.news.wait(), timeout)

    def _let_time_pass(self, now: float) -> None:
        books = self.provider.books
        due = books.payments_due(now)
        if due:
            with books.transaction():
                for payment in due:
                    self.provider.up_to_date(payment, now=now)

    def _send_due(self, now: float) -> None:
        # Two under way at once may overtake each other.
        room = (AT_ONCE if self.provider.trouble.webhook_shuffle else 1) - len(self._sending)
        if room <= 0:
            return
        for delivery in self.provider.books.deliveries_due(now, limit=room, not_these=set(self._sending)):
            self._sending[delivery.id] = asyncio.create_task(self._send(delivery))

    async def _send(self, delivery: Delivery) -> None:
        books = self.provider.books
        try:
            url = self.provider.trouble.webhook_url
            header = signature.sign(self.provider.secret, delivery.body, at=int(time.time()))
            status = await post(url, delivery.body, header) if url else 200
            now = self.provider.now()
            if 200 <= status < 300 or now - delivery.created_at > GIVE_UP_AFTER_SECONDS:
                books.delivered(delivery.id)
            else:
                books.deliver_later(delivery.id, due_at=now + wait_before_retry(delivery.attempts))
        except Exception as error:  # the other deliveries must go on
            print(f"practice provider: webhook {delivery.id}: {error!r}", file=sys.stderr)
            books.deliver_later(delivery.id, due_at=self.provider.now() + LONGEST_WAIT_SECONDS)
        finally:
            del self._sending[delivery.id]
            self.provider.news.set()


async def post(url: str, body: bytes, signed: str) -> int:
    """POST ``body`` as JSON. Returns the status, or 0 when there was no answer in time."""
    parts = urlsplit(url)
    secure = parts.scheme == "https"
    head = (
        f"POST {parts.path or '/'}{'?' + parts.query if parts.query else ''} HTTP/1.1\r\n"
        f"Host: {parts.netloc.rpartition('@')[2]}\r\nContent-Type: application/json\r\n"
        f"Content-Length: {len(body)}\r\n{signature.HEADER}: {signed}\r\nConnection: close\r\n\r\n"
    )
    try:
        async with asyncio.timeout(ANSWER_WITHIN_SECONDS):
            reader, writer = await asyncio.open_connection(
                parts.hostname,
                parts.port or (443 if secure else 80),
                ssl=ssl.create_default_context() if secure else None,
            )
            try:
                writer.write(head.encode("ascii") + body)
                await writer.drain()
                status_line = await reader.readline()
            finally:
                writer.close()
    except (OSError, TimeoutError, ValueError):
        return 0
    protocol, _, rest = status_line.partition(b" ")
    code = rest[:3]
    return int(code) if protocol.startswith(b"HTTP/") and code.isdigit() else 0
