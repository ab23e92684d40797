"""Sample orders for the demo: paid through the practice provider, which keeps its books for later."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager

from django.conf import settings

from tacit.checkout.types.carrier import Carrier
from tacit.checkout.types.payment import PaymentProvider
from tacit.config import practice
from tacit.connectors import sample_shop
from tacit.connectors.practice_carrier.adapter import PracticeCarrier
from tacit.core import ports

STOP_SECONDS = 10


def fill(*, orders: bool) -> None:
    """Goods on empty shelves and, if wanted, orders where nobody ordered yet; both only at a demo's first start."""
    loaded = sample_shop.load()
    wanted = orders and loaded.products and settings.PAYMENT_PROVIDER == "practice"
    if wanted and not sample_shop.has_orders():
        with practising():
            sample_shop.load_orders(tell=_tell())


def _tell() -> sample_shop.Tell | None:
    """How the sample's parcels come to be late or lost: by the practice carrier, where it is wired."""
    try:
        carrier = ports.get(Carrier)
    except ports.PortNotWired:
        return None
    return carrier.tell if isinstance(carrier, PracticeCarrier) else None


@contextmanager
def practising() -> Iterator[None]:
    """The practice provider of this home, running for a moment: the one that starts later knows these payments."""
    environment = {name: value for name, value in os.environ.items() if name != "TACIT_PRACTICE_WEBHOOK"}
    with subprocess.Popen(
        [
            sys.executable,
            "-m",
            "tacit.connectors.practice_provider",
            "--port=0",
            f"--state={settings.HOME / 'practice.sqlite'}",
            "--stop-on-eof",
        ],
        env={**environment, "TACIT_PRACTICE_SECRET": settings.PRACTICE_SECRET},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdin and process.stdout
        try:
            told = re.search(r"on port (\d+)", process.stdout.readline())
            if told is None:
                raise RuntimeError("the practice provider did not start")
            address = f"http://127.0.0.1:{told[1]}"
            provider = practice.provider(address)
            with (
                ports.replaced(PaymentProvider, provider),
                ports.replaced(PaymentProvider, provider, name=provider.name),
            ):
                yield
        finally:
            process.stdin.close()
            try:
                process.wait(STOP_SECONDS)
            except subprocess.TimeoutExpired:
                process.kill()
