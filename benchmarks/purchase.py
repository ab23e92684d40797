"""A guest buys one product over HTTP: requests, SQL statements, CPU, purchases a second, typed fields."""

from __future__ import annotations

import argparse
import os
import sys
from collections import Counter

from benchmarks.harness import cpu, fields, report, statements, steps
from benchmarks.harness.buyers import send
from benchmarks.harness.house import PLENTY, ground, opened

WARM_UP = 40
LOGGED = 20
MOST_SECONDS = 120.0
PEERS = ("Vendure 3.7.3", "Saleor", "django-oscar", "Medusa")
PEER_FIGURES = {
    "http_requests": (9, None, None, None),
    "sql_statements": (351, 705, 523, 586),
    "cpu_ms": (699, 1888, 1155, 2836),
    "purchases_per_s": (3.6, None, None, None),
}
GOALS = {
    "http_requests": "≤ 6",
    "sql_statements": "≤ 40",
    "cpu_ms": "≤ 35",
    "purchases_per_s": "≥ 40",
    "fields": "≤ 7",
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json", action="store_true", help="one JSON object as the last line")
    parser.add_argument("--purchases", type=int, default=200)
    parser.add_argument("--clients", type=int, default=16)
    parser.add_argument("--steps", action="store_true", help="CPU request by request, too")
    parser.add_argument("--statements", action="store_true", help="list the statements of one purchase")
    given = parser.parse_args()
    with ground() as home:
        with opened(home, options=statements.OPTIONS) as house:
            house.stock(PLENTY)
            send(house.port, purchases=WARM_UP, clients=4)
            house.settle()
            position = house.log.stat().st_size
            logged = send(house.port, purchases=LOGGED, clients=1)
            house.settle()
            counted = statements.since(house.log, position)
        with opened(home) as house:
            typed = fields.count(house.port)
            send(house.port, purchases=WARM_UP, clients=4)
            house.settle()
            before = house.cpu()
            alone = send(house.port, purchases=given.purchases, clients=1, seconds=MOST_SECONDS)
            bought = house.cpu()
            waited = house.settle()
            settled = house.cpu()
            before_crowd, busy_before = house.cpu(), cpu.busy()
            crowd = send(
                house.port, purchases=given.purchases * 2, clients=given.clients, seconds=MOST_SECONDS
            )
            crowd_used, busy_after = cpu.spent(before_crowd, house.cpu()), cpu.busy()
            house.settle()
            orders = house.orders()
            rows = steps.measure(house) if given.steps else []
    complete(logged, alone, crowd)
    ours = sum(crowd_used.values()) + crowd["client_cpu_ms"] * crowd["purchases"] / 1000
    others = max(busy_after - busy_before - ours, 0) / crowd["seconds"] / (os.cpu_count() or 1)
    used, after = cpu.spent(before, bought), cpu.spent(before, settled)
    each = 1000 / max(alone["purchases"], 1)
    web = counted.get("web", Counter())
    values = {
        "http_requests": alone["http_requests"],
        "sql_statements": sum(web.values()) / max(logged["purchases"], 1),
        "server_cpu_ms": used["web"] * each,
        "postgres_cpu_ms": used["postgres"] * each,
        "cpu_ms": (used["web"] + used["postgres"]) * each,
        "purchases_per_s": crowd["purchases"] / crowd["seconds"],
        "fields": typed,
        "pages": alone["pages"],
        "median_ms": alone["median_ms"],
        "p95_ms": alone["p95_ms"],
        "crowd_median_ms": crowd["median_ms"],
        "crowd_p95_ms": crowd["p95_ms"],
        "jobs_cpu_ms": after["worker"] * each,
        "jobs_sql_statements": sum(counted.get("worker", Counter()).values()) / max(logged["purchases"], 1),
        "provider_cpu_ms": after["provider"] * each,
        "client_cpu_ms": crowd["client_cpu_ms"],
        "others_cpu_percent": others * 100,
        "failures": alone["failures"] + crowd["failures"],
    }
    print(
        f"{alone['purchases']} purchases by one buyer, then {crowd['purchases']} by {given.clients} at a time."
    )
    print(f"Orders afterwards: {orders}. Jobs were done {waited:.1f} s later.")
    print(report.machine() + "\n")
    report.table(
        [
            (name, value, GOALS.get(name, ""), *PEER_FIGURES.get(name, (None,) * 4))
            for name, value in values.items()
        ],
        ("per purchase", "here", "goal", *PEERS),
    )
    if rows:
        print()
        report.table(rows, ("CPU in ms", "web", "PostgreSQL", "provider"))
    if given.statements:
        print()
        report.table(
            [(sql[:100], n / logged["purchases"]) for sql, n in web.most_common()], ("statement", "each")
        )
    if given.json:
        report.as_json(values)


def complete(*runs: dict[str, object]) -> None:
    for run in runs:
        if run["failures"]:
            print(f"{run['failures']} purchases failed, among them: {run['failed']}", file=sys.stderr)


if __name__ == "__main__":
    main()
