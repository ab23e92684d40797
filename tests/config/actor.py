"""A program for the supervisor's tests: notes in a file that it starts and that it is told to stop.

`python -m tests.config.actor NAME FILE [stubborn|brief]`
"""

import signal
import sys
import time
from pathlib import Path
from types import FrameType


def main(name: str, file: Path, *manners: str) -> None:
    def note(what: str) -> None:
        with file.open("a") as notes:
            notes.write(f"{name} {what}\n")

    def stop(number: int, frame: FrameType | None) -> None:
        note("stops")
        if "stubborn" not in manners:
            sys.exit(0)

    signal.signal(signal.SIGTERM, stop)
    note("starts")
    if "brief" in manners:
        print("cannot go on")
        sys.exit(3)
    while True:
        time.sleep(0.05)


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]), *sys.argv[3:])
