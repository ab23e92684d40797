"""Product, cart and order by the API beside the same pages as HTML: requests a second, CPU."""

from __future__ import annotations

import argparse
import json
import os
import statistics
import time
from collections.abc import Callable
from typing import Any

from benchmarks.harness import cpu, report
from benchmarks.harness.browser import (
    CONTACT,
    HOST,
    PRODUCT,
    Answer,
    Browser,
    BrowserError,
    fill_cart,
    path_of,
)
from benchmarks.harness.house import PLENTY, House, ground, opened

ROUNDS = 3
NOT_KEPT = {"TACIT_PAGE_CACHE": "0", "TACIT_RATE": "0"}
SKU = (
    "SELECT sku FROM catalog_variant v JOIN catalog_product p ON p.id = v.product_id"
    " WHERE p.slug = %(slug)s ORDER BY v.position LIMIT 1"
)


class Program(Browser):
    """Speaks JSON on the connection a browser would keep."""

    def call(self, method: str, path: str, body: object = None, key: str = "") -> Any:
        sent = b"" if body is None else json.dumps(body).encode()
        head = f"{method} {path} HTTP/1.1\r\nContent-Length: {len(sent)}\r\n"
        head += "Content-Type: application/json\r\n" if sent else ""
        head += f"Idempotency-Key: {key}\r\n" if key else ""
        answer = self._ask(head, sent)
        if answer.status not in {200, 201}:
            raise BrowserError(f"{method} {path}: {answer.status} {answer.body[:300]!r}")
        return json.loads(answer.body)


class Sides:
    """The same three things to do, as a program and as a browser does them."""

    def __init__(self, house: House) -> None:
        self.house = house
        self.sku = str(house.ask(SKU, slug=PRODUCT)[0][0])
        self.variant = str(house.first_variant())
        self.program = Program(HOST, house.port)
        self.browser = Browser(HOST, house.port)
        self.counted = 0

    def api_product(self) -> None:
        self.program.call("GET", f"/api/products/{PRODUCT}")

    def html_product(self) -> None:
        page(self.browser.get(f"/p/{PRODUCT}"))

    def api_cart(self) -> dict[str, Any]:
        made: dict[str, Any] = self.program.call(
            "POST", "/api/carts", {"lines": [{"sku": self.sku, "quantity": 1}]}
        )
        return made

    def html_cart(self) -> None:
        self.browser.forget()
        where = path_of(self.browser.post("/buy", {"variant": self.variant}), "/buy")
        page(self.browser.get(where))

    def ready_for_api(self) -> Callable[[], None]:
        cart = self.api_cart()
        self.counted += 1
        key = f"benchmark-{self.counted}"
        chosen = next(each for each in cart["delivery"] if each["code"] == cart["shipping"])
        body = {
            **CONTACT,
            "country": cart["country"],
            "shipping": cart["shipping"],
            "method": cart["methods"][0]["code"],
            "total_seen": chosen["total"],
        }

        def order() -> None:
            placed = self.program.call("POST", f"/api/carts/{cart['token']}/orders", body, key)
            self.program.call("GET", f"/api/orders/{placed['number']}?signature={placed['signature']}")

        return order

    def ready_for_html(self) -> Callable[[], None]:
        self.browser.forget()
        path, values = fill_cart(self.browser, PRODUCT)
        cookies = dict(self.browser.cookies)

        def order() -> None:
            self.browser.cookies = dict(cookies)
            page(self.browser.get(path_of(self.browser.post(path, values), path)))

        return order


def page(answer: Answer) -> None:
    if not answer.is_page:
        raise BrowserError(f"{answer.status}: {answer.body[:200]!r}")


def measured(house: House, acts: list[Callable[[], object]]) -> tuple[float, float, float]:
    """(requests a second of one asker, CPU ms of web servers, of PostgreSQL), each an act."""
    before, begin = house.cpu(), time.monotonic()
    for act in acts:
        act()
    seconds, used = time.monotonic() - begin, cpu.spent(before, house.cpu())
    return len(acts) / seconds, used["web"] * 1000 / len(acts), used["postgres"] * 1000 / len(acts)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json", action="store_true", help="one JSON object as the last line")
    parser.add_argument("--times", type=int, default=300, help="requests in each round")
    given = parser.parse_args()
    values: dict[str, object] = {}
    rows: list[tuple[object, ...]] = []
    with ground() as home, opened(home, extra=NOT_KEPT) as house:
        house.stock(PLENTY)
        sides = Sides(house)
        kinds: dict[str, Callable[[], Callable[[], object]]] = {
            "product_api": lambda: sides.api_product,
            "product_html": lambda: sides.html_product,
            "cart_api": lambda: sides.api_cart,
            "cart_html": lambda: sides.html_cart,
            "order_api": sides.ready_for_api,
            "order_html": sides.ready_for_html,
        }
        for ready in kinds.values():  # nothing is measured cold
            for _ in range(30):
                ready()()
        house.settle()
        begin, busy, ours = time.monotonic(), cpu.busy(), sum(house.cpu().values()) + time.process_time()
        found: dict[str, list[tuple[float, float, float]]] = {name: [] for name in kinds}
        for _ in range(ROUNDS):
            for name, ready in kinds.items():
                acts = [ready() for _ in range(given.times // (3 if name.startswith("order") else 1))]
                house.settle()
                found[name].append(measured(house, acts))
        ours = sum(house.cpu().values()) + time.process_time() - ours
        others = max(cpu.busy() - busy - ours, 0) / (time.monotonic() - begin) / (os.cpu_count() or 1)
    for name, rounds in found.items():
        rate, web, postgres = (statistics.median(each[place] for each in rounds) for place in range(3))
        values |= {
            f"{name}_per_s": rate,
            f"{name}_cpu_ms": web + postgres,
        }
        rows.append((name.replace("_", ", "), rate, web, postgres, web + postgres))
    values["others_cpu_percent"] = others * 100
    print(f"One asker on a kept connection, {given.times} times a round, the median of {ROUNDS} rounds.")
    print("Product: one request. Cart: begun, with delivery and ways to pay. Order: placed, paid and read.")
    print(report.machine() + "\n")
    report.table(rows, ("", "a second", "web ms", "PostgreSQL ms", "CPU ms"))
    print(f"\nOther programs took {others * 100:.0f} % of the machine.")
    if given.json:
        report.as_json(values)


if __name__ == "__main__":
    main()
