"""Buyers in a process of their own: `python -m benchmarks.harness.buyers --port P --purchases 200 --clients 1`.

Prints one JSON object. With --at-once everybody fills a cart first; then all order in the same moment.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

from benchmarks.harness.browser import HOST, PRODUCT, Browser, BrowserError, fill_cart, path_of, purchase

ROOT = Path(__file__).resolve().parents[2]
FILLING = 8  # buyers that fill their carts at the same time
SHOWN = 3


def send(
    port: int, *, purchases: int, clients: int, seconds: float = 300, at_once: bool = False
) -> dict[str, Any]:
    """Run buyers in a process of their own; what they found."""
    arguments = [f"--port={port}", f"--purchases={purchases}", f"--clients={clients}", f"--seconds={seconds}"]
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks.harness.buyers", *arguments, *(["--at-once"] if at_once else [])],
        cwd=ROOT,
        check=True,
        stdout=subprocess.PIPE,
        timeout=seconds + 120,
    )
    found: dict[str, Any] = json.loads(done.stdout)
    return found


class Buyers:
    def __init__(self, port: int, purchases: int, seconds: float) -> None:
        self.port = port
        self.left = purchases
        self.until = time.monotonic() + seconds
        self.lock = threading.Lock()
        self.took: list[float] = []
        self.requests: Counter[int] = Counter()
        self.pages: Counter[int] = Counter()
        self.failures: list[str] = []

    def next(self) -> bool:
        with self.lock:
            if self.left <= 0 or time.monotonic() > self.until:
                return False
            self.left -= 1
            return True

    def buy(self) -> None:
        """Buy until all is bought or the time is over."""
        browser = Browser(HOST, self.port)
        while self.next():
            begin = time.monotonic()
            try:
                purchase(browser, PRODUCT)
            except (BrowserError, OSError) as error:
                with self.lock:
                    self.failures.append(str(error))
                browser.close()
                continue
            with self.lock:
                self.took.append(time.monotonic() - begin)
                self.requests[browser.requests] += 1
                self.pages[browser.pages] += 1
        browser.close()

    def found(self, seconds: float) -> dict[str, Any]:
        took = sorted(self.took)
        return {
            "purchases": len(took),
            "seconds": seconds,
            "http_requests": self.requests.most_common(1)[0][0] if self.requests else None,
            "pages": self.pages.most_common(1)[0][0] if self.pages else None,
            "client_cpu_ms": time.process_time() * 1000 / max(len(took), 1),
            "median_ms": took[len(took) // 2] * 1000 if took else None,
            "p95_ms": took[len(took) * 95 // 100] * 1000 if took else None,
            "failures": len(self.failures),
            "failed": self.failures[:SHOWN],
        }


def all_at_once(port: int, buyers: int) -> dict[str, Any]:
    """Everybody has a full cart; then all place their orders in the same moment, each on a connection of his own."""
    ready: list[tuple[Browser, str, dict[str, str]]] = []
    statuses: Counter[int] = Counter()
    failures: list[str] = []
    lock = threading.Lock()
    places = iter(range(buyers))

    def fill() -> None:
        while True:
            with lock:
                if next(places, None) is None:
                    return
            browser = Browser(HOST, port)
            checkout, values = fill_cart(browser, PRODUCT)
            with lock:
                ready.append((browser, checkout, values))

    together(fill, FILLING)
    start = threading.Barrier(len(ready) + 1)

    def place(browser: Browser, checkout: str, values: dict[str, str]) -> None:
        start.wait()
        try:
            answer = browser.post(checkout, values)
            if answer.status == 303:
                browser.get(path_of(answer, checkout))
        except (BrowserError, OSError) as error:
            with lock:
                failures.append(str(error))
        else:
            with lock:
                statuses[answer.status] += 1
        browser.close()

    threads = [threading.Thread(target=place, args=buyer) for buyer in ready]
    for thread in threads:
        thread.start()
    start.wait()
    begin = time.monotonic()
    for thread in threads:
        thread.join()
    return {
        "buyers": len(ready),
        "seconds": time.monotonic() - begin,
        "statuses": {str(status): count for status, count in sorted(statuses.items())},
        "failures": len(failures),
        "failed": failures[:SHOWN],
    }


def together(act: Callable[[], None], threads: int) -> None:
    running = [threading.Thread(target=act) for _ in range(threads)]
    for thread in running:
        thread.start()
    for thread in running:
        thread.join()


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--purchases", type=int, required=True)
    parser.add_argument("--clients", type=int, required=True)
    parser.add_argument("--seconds", type=float, default=300)
    parser.add_argument("--at-once", action="store_true")
    given = parser.parse_args()
    if given.at_once:
        print(json.dumps(all_at_once(given.port, given.purchases)))
        return
    buyers = Buyers(given.port, given.purchases, given.seconds)
    begin = time.monotonic()
    together(buyers.buy, given.clients)
    print(json.dumps(buyers.found(time.monotonic() - begin)))


if __name__ == "__main__":
    main()
