"""Run a module as a program that dies with its parent: `python -m tacit.config.child MODULE [ARGUMENT…]`."""

import os
import runpy
import sys

from tacit.config.processes import die_with_parent


def main() -> None:
    parent = os.environ.get("TACIT_PARENT", "")
    die_with_parent(int(parent) if parent.isdigit() else None)
    module = sys.argv[1]
    sys.argv[1:2] = []
    runpy.run_module(module, run_name="__main__", alter_sys=True)


if __name__ == "__main__":
    main()
