"""``python -m tacit.connectors.practice_provider --port P --state FILE``: run the provider."""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import ipaddress
import os
import signal
import socket
import sys
from pathlib import Path

import uvicorn

from tacit.connectors.practice_provider.process.application import Application
from tacit.connectors.practice_provider.process.books import Books, BooksUnusable
from tacit.connectors.practice_provider.process.exchange import Protocol
from tacit.connectors.practice_provider.process.fields import is_web_address
from tacit.connectors.practice_provider.process.provider import Provider
from tacit.connectors.practice_provider.process.trouble import Trouble
from tacit.connectors.practice_provider.process.webhooks import Background

KNOWN_SECRET = "practice-secret"  # noqa: S105 (what both sides use on one machine when nothing is set)


def main() -> None:
    """Read the arguments, bind the port, say where, serve until told to stop."""
    options = _options()
    try:
        listener = socket.create_server(
            (options.host, options.port),
            family=socket.AF_INET6 if ":" in options.host else socket.AF_INET,
            backlog=512,
        )
    except OSError as error:
        sys.exit(f"practice provider: cannot listen on {options.host} port {options.port}: {error.strerror}")
    try:
        books = Books(options.state)
    except BooksUnusable as error:
        sys.exit(f"practice provider: {error}")
    port = listener.getsockname()[1]
    base_url = options.base_url or f"http://127.0.0.1:{port}"
    trouble = Trouble(webhook_url=options.webhook)
    if options.calm:
        trouble.webhook_copies, trouble.webhook_shuffle = 1, False
    print(f"practice provider on port {port}", flush=True)
    # uvicorn ends what is under way and then raises the signal again.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    with contextlib.suppress(KeyboardInterrupt):
        provider = Provider(books, base_url=base_url, secret=options.secret, trouble=trouble)
        asyncio.run(_serve(listener, provider, stop_on_eof=options.stop_on_eof))


async def _serve(listener: socket.socket, provider: Provider, *, stop_on_eof: bool) -> None:
    config = uvicorn.Config(
        Application(provider),
        http=Protocol,
        ws="none",
        lifespan="off",
        access_log=False,
        log_level="warning",
        server_header=False,
        # The shop keeps its connections; closing one just as it is used would look like an outage.
        timeout_keep_alive=600,
        timeout_graceful_shutdown=2,
    )
    server = uvicorn.Server(config)
    if stop_on_eof:
        asyncio.get_running_loop().add_reader(sys.stdin, setattr, server, "should_exit", True)
    background = asyncio.create_task(Background(provider).run())
    # A provider that no longer sends webhooks must not look alive.
    background.add_done_callback(lambda _: setattr(server, "should_exit", True))
    try:
        await server.serve(sockets=[listener])
        if background.done():
            background.result()
    finally:
        background.cancel()
        provider.books.close()


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="practice_provider", description="The practice payment provider.")
    environment = os.environ.get
    parser.add_argument("--port", type=int, required=True, help="0 chooses a free one")
    parser.add_argument(
        "--state", type=Path, required=True, metavar="FILE", help="SQLite file, made if missing"
    )
    parser.add_argument("--host", default="127.0.0.1", help="address to listen on (%(default)s)")
    parser.add_argument(
        "--base-url",
        default=environment("TACIT_PRACTICE_URL", ""),
        help="TACIT_PRACTICE_URL: its own address",
    )
    parser.add_argument(
        "--webhook",
        default=environment("TACIT_PRACTICE_WEBHOOK", ""),
        help="TACIT_PRACTICE_WEBHOOK: the shop's /hooks/practice; without it none are sent",
    )
    parser.add_argument("--calm", action="store_true", help="webhooks once and in order")
    parser.add_argument("--stop-on-eof", action="store_true", help="stop when standard input ends")
    options = parser.parse_args()
    # Not an argument: other users of the machine can read those.
    options.secret = environment("TACIT_PRACTICE_SECRET") or KNOWN_SECRET
    options.base_url = options.base_url.rstrip("/")
    for name in ("base_url", "webhook"):
        if getattr(options, name) and not is_web_address(getattr(options, name)):
            parser.error(f"--{name.replace('_', '-')} must be an http or https address")
    if not _is_loopback(options.host) and options.secret == KNOWN_SECRET:
        parser.error("set TACIT_PRACTICE_SECRET to a random text before listening beyond this machine")
    if not 0 <= options.port <= 65535:
        parser.error("--port must be between 0 and 65535")
    return options


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


if __name__ == "__main__":
    main()
