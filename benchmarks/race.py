"""200 buyers for 10 pieces over HTTP: how many are sold, with the guard and with read-then-write instead."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

from benchmarks.harness import report
from benchmarks.harness.buyers import send
from benchmarks.harness.house import LEFT, SOLD, ground, opened

GUARDED = "tacit.config.settings"
UNGUARDED = "tests.settings.unguarded"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json", action="store_true", help="one JSON object as the last line")
    parser.add_argument("--buyers", type=int, default=200)
    parser.add_argument("--pieces", type=int, default=10)
    given = parser.parse_args()
    with ground() as home:
        guarded = race(home, GUARDED, given.buyers, given.pieces)
    with ground() as home:
        unguarded = race(home, UNGUARDED, given.buyers, given.pieces)
    print(f"{given.buyers} buyers, {given.pieces} pieces. {report.machine()}\n")
    report.table(
        [(name, guarded[name], unguarded[name]) for name in guarded],
        ("", "conditional UPDATE", "read-then-write"),
    )
    print("\nElsewhere, of 10 pieces: Vendure sold 100, django-oscar 16, Saleor 15.")
    if given.json:
        values = {**guarded, "unguarded_sold": unguarded["sold"], "unguarded_left": unguarded["left"]}
        report.as_json({"buyers": given.buyers, "pieces": given.pieces, **values})


def race(home: Path, settings: str, buyers: int, pieces: int) -> dict[str, Any]:
    """Let ``buyers`` order the same variant in the same moment; what came of it."""
    with opened(home, settings=settings) as house:
        house.stock(pieces)
        found = send(house.port, purchases=buyers, clients=buyers, at_once=True)
        house.settle()
        which = house.first_variant()
        return {
            "sold": int(str(house.ask(SOLD, variant=which)[0][0])),
            "left": int(str(house.ask(LEFT, variant=which)[0][0])),
            "seconds": found["seconds"],
            "answers": " ".join(f"{status}×{count}" for status, count in found["statuses"].items()),
            "orders": " ".join(f"{status}×{count}" for status, count in house.orders().items()),
            "failures": found["failures"],
        }


if __name__ == "__main__":
    main()
