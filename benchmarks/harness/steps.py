"""CPU of a purchase, request by request: where the time goes."""

from __future__ import annotations

from collections.abc import Callable

from benchmarks.harness.browser import HOST, PRODUCT, Browser, fill_cart, path_of
from benchmarks.harness.cpu import spent
from benchmarks.harness.house import House

TIMES = 150


def measure(house: House) -> list[tuple[str, float, float, float]]:
    """(request, web ms, PostgreSQL ms, provider ms), each the mean of TIMES; webhooks fall to *Order and pay*."""
    browser = Browser(HOST, house.port)
    carts = []
    for _ in range(TIMES):
        browser.forget()
        path, values = fill_cart(browser, PRODUCT)
        carts.append((dict(browser.cookies), path, values))
    waiting = iter(carts)
    orders: list[str] = []

    def buy() -> None:
        browser.forget()
        browser.post("/buy", {"variant": variant})

    def place() -> None:
        cookies, path, values = next(waiting)
        browser.cookies = dict(cookies)
        orders.append(path_of(browser.post(path, values), path))

    def look() -> None:
        browser.get(orders.pop())

    variant = str(house.first_variant())
    house.settle()
    steps: list[tuple[str, Callable[[], object]]] = [
        ("nothing (/healthz)", lambda: browser.get("/healthz")),
        ("product", lambda: browser.get(f"/p/{PRODUCT}")),
        ("Buy", buy),
        ("checkout", lambda: browser.get("/checkout")),
        ("Order and pay", place),
        ("order", look),
    ]
    rows: list[tuple[str, float, float, float]] = []
    for name, act in steps:
        before = house.cpu()
        for _ in range(TIMES):
            act()
        used = spent(before, house.cpu())
        web, postgres, provider = (
            used[program] * 1000 / TIMES for program in ("web", "postgres", "provider")
        )
        rows.append((name, web, postgres, provider))
    browser.close()
    return rows
