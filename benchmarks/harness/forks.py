"""Work done in forked processes that may be killed at a named point, each with connections of its own."""

from __future__ import annotations

import json
import os
import select
import signal
import sys
import traceback
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from django.db import connections

from tacit.core import crash

MOST_SECONDS = 60
Work = Callable[[], object]
warming = False
"""Work is done in this very process, and nobody dies."""
_inherited: list[object] = []
"""Kept, so that nothing in a child ever closes what the parent goes on using."""


@dataclass(frozen=True)
class End:
    """How one process ended: ``killed`` at its point, or done with ``answer``; ``error`` when neither."""

    killed: bool
    answer: object = None
    error: str = ""


def run(works: Sequence[Work], *, armed: str = "", nth: int = 1) -> list[End]:
    """Let all of ``works`` be done at once, a process each; the first is ``armed``. How each ended, in order."""
    if warming:
        return [End(killed=False, answer=work()) for work in works]
    running = [_fork(work, armed if place == 0 else "", nth) for place, work in enumerate(works)]
    return [_end(pid, pipe) for pid, pipe in running]


def _fork(work: Work, armed: str, nth: int) -> tuple[int, int]:
    out, into = os.pipe()
    sys.stdout.flush()
    sys.stderr.flush()
    pid = os.fork()
    if pid:
        os.close(into)
        return pid, out
    code = 1
    try:
        os.close(out)
        _leave_the_parents_connections()
        if armed:
            crash.arm(armed, nth)
        answer = {"answer": work()}
        crash.disarm()
        os.write(into, json.dumps(answer, default=str).encode())
        code = 0
    except BaseException:
        os.write(into, json.dumps({"error": traceback.format_exc()}).encode())
    finally:
        os._exit(code)


def _leave_the_parents_connections() -> None:
    """A connection is one process's; so is the pool, whose threads did not come along."""
    inherited = connections["default"]
    _inherited.append(inherited)
    own = inherited.copy()
    own.settings_dict["OPTIONS"].pop("pool", None)
    connections["default"] = own


def _end(pid: int, pipe: int) -> End:
    raw = b""
    while True:
        ready, _, _ = select.select([pipe], [], [], MOST_SECONDS)
        if not ready:
            os.kill(pid, signal.SIGKILL)
            os.waitpid(pid, 0)
            os.close(pipe)
            return End(killed=False, error=f"not done after {MOST_SECONDS} s")
        chunk = os.read(pipe, 65536)
        if not chunk:
            break
        raw += chunk
    os.close(pipe)
    status = os.waitpid(pid, 0)[1]
    if os.WIFSIGNALED(status) and os.WTERMSIG(status) == signal.SIGKILL:
        return End(killed=True)
    said = json.loads(raw or b'{"error": "it said nothing"}')
    return End(killed=False, answer=said.get("answer"), error=said.get("error", ""))
