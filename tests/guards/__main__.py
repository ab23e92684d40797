"""`bin/guards [NAME…]`: takes out each listed guard in turn and expects a red test. Exits 1 when one is not noticed."""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Sequence

from tests.guards.listed import GUARDS
from tests.guards.mutation import Guard, Verdict, copied, judge, run


def main(arguments: Sequence[str] | None = None) -> int:
    reader = argparse.ArgumentParser(prog="bin/guards", description=__doc__)
    reader.add_argument("names", nargs="*", help="guards by name; all when none is given")
    reader.add_argument("--list", action="store_true", help="names and tests, nothing is run")
    reader.add_argument("--unchecked", action="store_true", help="skip the run with all guards in place")
    given = reader.parse_args(arguments)
    known = {guard.name: guard for guard in GUARDS}
    if strange := set(given.names) - set(known):
        reader.error(f"no such guard: {', '.join(sorted(strange))}; bin/guards --list names them")
    chosen = [known[name] for name in given.names] or list(GUARDS)
    if given.list:
        for guard in chosen:
            print(f"{guard.name:<28} {' '.join(guard.tests)}")
        return 0
    return try_all(chosen, check_first=not given.unchecked)


def try_all(guards: Sequence[Guard], *, check_first: bool = True) -> int:
    """Prints a line a guard; 1 when one is not noticed."""
    with copied() as copy:
        if check_first:
            code, said = run(copy, sorted({test for guard in guards for test in guard.tests}))
            if code:
                print(said, file=sys.stderr)
                print("the tests fail with every guard in place; mend that first", file=sys.stderr)
                return 1
        bad = 0
        for guard in guards:
            begin = time.monotonic()
            verdict, said = judge(guard, copy)
            print(f"{guard.name:<28} {verdict} ({time.monotonic() - begin:.0f} s)", flush=True)
            if verdict is not Verdict.SEEN:
                bad += 1
                print("\n".join(said.splitlines()[-15:]), file=sys.stderr)
    print(f"{len(guards) - bad} of {len(guards)} guards are noticed when they are gone")
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
