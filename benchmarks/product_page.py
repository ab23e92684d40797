"""A stranger opens product pages over HTTP, pages kept and not: SQL statements, CPU, bytes."""

from __future__ import annotations

import argparse
import gzip
import os
import re
import statistics
import time
from collections import Counter
from collections.abc import Sequence

from benchmarks.harness import cpu, report, statements
from benchmarks.harness.browser import HOST, PRODUCT, Answer, Browser, BrowserError
from benchmarks.harness.house import House, ground, opened

WARM_UP = 300
LOGGED = 20
ROUNDS = 5
GOALS = {
    "sql_statements": "≤ 4",
    "cpu_ms": "≤ 5",
    "cached_cpu_ms": "≤ 1",
    "page_bytes": "≤ 51,200",
    "script_bytes": "≤ 15,360",
}
PEER_FIGURES = {
    "sql_statements": (17, None),
    "server_cpu_ms": (34, 26),
    "postgres_cpu_ms": (6, 15),
}
"""Best of the peers, django-oscar and Vendure, taken earlier on the same kind of machine."""
NOT_KEPT, KEPT = {"TACIT_PAGE_CACHE": "0"}, {"TACIT_PAGE_CACHE": "5"}
_FILES = {
    "css_bytes": re.compile(r'<link rel="stylesheet" href="([^"]+)"'),
    "script_bytes": re.compile(r'<script src="([^"]+)"'),
}
_PART = re.compile(r'data-part="([^"]+)"')


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json", action="store_true", help="one JSON object as the last line")
    parser.add_argument("--pages", type=int, default=2_000, help="pages in each measurement")
    parser.add_argument("--statements", action="store_true", help="list the statements of a first page")
    given = parser.parse_args()
    with ground() as home:
        with opened(home, options=statements.OPTIONS, workers=1, extra=NOT_KEPT) as house:
            first, each = logged(house)
        with opened(home, options=statements.OPTIONS, workers=1, extra=KEPT) as house:
            _, cached = logged(house)
        with opened(home, extra=NOT_KEPT) as house:
            sizes = weigh(house)
            plain = rounds(house, given.pages)
            part = rounds(house, given.pages // 2, paths=[part_of(house)])
        with opened(home, extra=KEPT) as house:
            kept = rounds(house, given.pages)
            same = rounds(house, given.pages, tagged=True)
    values: dict[str, object] = {
        "sql_statements": sum(first.values()),
        "sql_statements_later": sum(each.values()) / LOGGED,
        **plain,
        **sizes,
        "cached_sql_statements": sum(cached.values()) / LOGGED,
        **{f"cached_{name}": value for name, value in kept.items()},
        "not_modified_cpu_ms": same["cpu_ms"],
        "part_cpu_ms": part["cpu_ms"],
    }
    print(f"{given.pages} pages of every product in turn, one at a time, the median of {ROUNDS} rounds.")
    print(report.machine() + "\n")
    rows = [
        (name, value, GOALS.get(name, ""), *PEER_FIGURES.get(name, (None, None)))
        for name, value in values.items()
    ]
    report.table(rows, ("a product page", "here", "goal", "django-oscar", "Vendure"))
    if given.statements:
        print()
        report.table([(sql[:110], count) for sql, count in first.most_common()], ("statement", "times"))
    if given.json:
        report.as_json(values)


def logged(house: House) -> tuple[Counter[str], Counter[str]]:
    """The statements of the very first page, when nothing at all is known yet, and of LOGGED later ones."""
    browser = Browser(HOST, house.port)
    found = []
    for times in (1, LOGGED):
        position = house.log.stat().st_size
        for _ in range(times):
            look(browser, f"/p/{PRODUCT}")
        found.append(Counter(statements.since(house.log, position).get("web", Counter())))
    browser.close()
    return found[0], found[1]


def rounds(house: House, pages: int, *, paths: Sequence[str] = (), tagged: bool = False) -> dict[str, float]:
    """CPU milliseconds a page of web server and PostgreSQL. ``tagged``: the browser has the page already."""
    paths = paths or [f"/p/{slug}" for slug in house.products()]
    browser = Browser(HOST, house.port)
    tags = {path: look(browser, path).headers.get("etag", "") for path in paths}
    for place in range(WARM_UP):
        look(browser, paths[place % len(paths)])
    web, postgres = [], []
    begin, busy, ours = time.monotonic(), cpu.busy(), sum(house.cpu().values()) + time.process_time()
    for _ in range(ROUNDS):
        before = house.cpu()
        for place in range(pages // ROUNDS):
            path = paths[place % len(paths)]
            look(browser, path, tag=tags[path] if tagged else "")
        used = cpu.spent(before, house.cpu())
        web.append(used["web"] * 1000 / (pages // ROUNDS))
        postgres.append(used["postgres"] * 1000 / (pages // ROUNDS))
    ours = sum(house.cpu().values()) + time.process_time() - ours
    others = max(cpu.busy() - busy - ours, 0) / (time.monotonic() - begin) / (os.cpu_count() or 1)
    browser.close()
    together = [one + other for one, other in zip(web, postgres, strict=True)]
    return {
        "server_cpu_ms": statistics.median(web),
        "postgres_cpu_ms": statistics.median(postgres),
        "cpu_ms": statistics.median(together),
        "others_cpu_percent": others * 100,
    }


def weigh(house: House) -> dict[str, int]:
    """Bytes as a browser gets them, compressed: the page, its style sheets and scripts; the fragment after it."""
    browser = Browser(HOST, house.port)
    page = look(browser, f"/p/{PRODUCT}")
    html = gzip.decompress(page.body).decode()
    sizes = {"html_bytes": len(page.body)}
    for kind, pattern in _FILES.items():
        sizes[kind] = sum(len(look(browser, path).body) for path in pattern.findall(html))
    sizes["page_bytes"] = sum(sizes.values())
    sizes["part_bytes"] = len(look(browser, part_of(house)).body)
    browser.close()
    return sizes


def part_of(house: House) -> str:
    """Where the fragment of the product page is."""
    browser = Browser(HOST, house.port)
    found = _PART.search(gzip.decompress(look(browser, f"/p/{PRODUCT}").body).decode())
    browser.close()
    if not found:
        raise BrowserError(f"/p/{PRODUCT} has no fragment")
    return found[1]


def look(browser: Browser, path: str, *, tag: str = "") -> Answer:
    more = {"Accept-Encoding": "gzip"}
    answer = browser.get(path, {**more, "If-None-Match": tag} if tag else more)
    if answer.status != (304 if tag else 200):
        raise BrowserError(f"{path}: {answer.status}")
    return answer


if __name__ == "__main__":
    main()
