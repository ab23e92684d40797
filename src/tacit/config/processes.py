"""Programs of ours that run together: started, watched, started again, and stopped in order."""

import contextlib
import ctypes
import http.client
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import FrameType

PR_SET_PDEATHSIG = 1
WATCH_SECONDS = 0.2
LOOK_SECONDS = 2.0
STOP_SECONDS = 10.0
FIRST_PAUSE, LONGEST_PAUSE = 1.0, 30.0  # seconds before a program that died is started again
STEADY_SECONDS = 60.0  # a program that ran this long starts again without a longer pause
DEATHS_BELIEVED = 3  # before it was ready: it cannot start
READY_SECONDS = 90.0
LOG_LIMIT = 10_000_000  # bytes; a longer log is set aside at the next start
LOG_TAIL_LINES = 15


class ProcessError(Exception):
    """A program does not start; the text says which, and ends with the last lines of its log."""


@dataclass(frozen=True)
class Command:
    """A module of ours to run as a program, as in `python -m module arguments`."""

    name: str
    module: str
    arguments: tuple[str, ...] = ()


@dataclass
class Child:
    command: Command
    log: Path
    process: subprocess.Popen[bytes] | None = None
    started: float = 0.0
    deaths: int = 0
    pause: float = FIRST_PAUSE
    again: float | None = field(default=None)


class Supervisor:
    """Runs commands until it is told to stop. Stops them in the order in which they are named.

    `environment` is theirs; what they print goes to `logs`/NAME.log; `say` gets one line for what a person
    should know; `look` is called every LOOK_SECONDS while they run, for what others start. Each command leads a
    process group of its own, so that Ctrl-C reaches it only through us, and
    dies with this process, however that dies.
    """

    def __init__(
        self,
        commands: Sequence[Command],
        *,
        environment: Mapping[str, str],
        logs: Path,
        say: Callable[[str], None],
        look: Callable[[], None] | None = None,
    ) -> None:
        logs.mkdir(parents=True, exist_ok=True)
        self._children = [Child(command, logs / f"{command.name}.log") for command in commands]
        self._environment = dict(environment)
        self._say = say
        self._look = look

    def start(self) -> None:
        """Start every command, the last one first: what is stopped last is needed first."""
        for child in reversed(self._children):
            self._start(child)

    def await_ready(self, url_host: str, url_port: int, *, path: str = "/") -> None:
        """Wait until `path` is answered without a server error.

        Raises ProcessError when a command dies again and again, or after READY_SECONDS.
        """
        begin = time.monotonic()
        while not answers(url_host, url_port, path):
            self.watch(quiet=True)
            for child in self._children:
                if child.deaths >= DEATHS_BELIEVED:
                    raise ProcessError(f"{child.command.name} does not start.\n{log_tail(child.log)}")
            if time.monotonic() - begin > READY_SECONDS:
                raise ProcessError(
                    f"The shop does not answer after {READY_SECONDS:.0f} seconds.\n"
                    f"{log_tail(self._children[0].log)}"
                )
            time.sleep(WATCH_SECONDS)
        for child in self._children:
            child.deaths, child.pause = 0, FIRST_PAUSE

    def run(self) -> None:
        """Watch the commands until a signal (see `stoppable`) ends it."""
        looked = time.monotonic()
        while True:
            self.watch()
            if self._look and time.monotonic() - looked >= LOOK_SECONDS:
                self._look()
                looked = time.monotonic()
            time.sleep(WATCH_SECONDS)

    def watch(self, *, quiet: bool = False) -> None:
        """Look once after each command: note which died, start again those whose pause is over."""
        now = time.monotonic()
        for child in self._children:
            if child.process is None:
                if child.again is not None and now >= child.again:
                    self._start(child)
                continue
            code = child.process.poll()
            if code is None:
                continue
            kill_group(child.process, signal.SIGKILL)  # what it may have left behind
            child.process = None
            child.deaths += 1
            if now - child.started > STEADY_SECONDS:
                child.pause = FIRST_PAUSE
            child.again = now + child.pause
            if not quiet:
                self._say(
                    f"{child.command.name} stopped ({how(code)}) and starts again in {child.pause:.0f} s. "
                    f"See {child.log}"
                )
            child.pause = min(child.pause * 2, LONGEST_PAUSE)

    def stop(self) -> None:
        """Stop every command in order, politely first."""
        for child in self._children:
            process, child.process, child.again = child.process, None, None
            if process is None:
                continue
            with contextlib.suppress(ProcessLookupError):
                process.terminate()
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(STOP_SECONDS)
            kill_group(process, signal.SIGKILL)
            process.wait()

    def pids(self) -> dict[str, int]:
        """The process id of each command that runs now."""
        return {child.command.name: child.process.pid for child in self._children if child.process}

    def _start(self, child: Child) -> None:
        if child.log.exists() and child.log.stat().st_size > LOG_LIMIT:
            child.log.replace(child.log.with_suffix(".old.log"))
        with child.log.open("ab") as log:
            child.process = subprocess.Popen(
                [sys.executable, "-m", "tacit.config.child", child.command.module, *child.command.arguments],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                env=self._environment | {"TACIT_PARENT": str(os.getpid())},
                start_new_session=True,
            )
        child.started, child.again = time.monotonic(), None


def kill_group(process: "subprocess.Popen[bytes]", number: signal.Signals) -> None:
    """Signal the process group that `process` leads, if anything of it is left."""
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, number)


def how(code: int) -> str:
    """An exit code in words."""
    if code >= 0:
        return f"exit {code}"
    try:
        return f"killed by {signal.Signals(-code).name}"
    except ValueError:
        return f"killed by signal {-code}"


def log_tail(log: Path) -> str:
    try:
        lines = log.read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        return ""
    return "\n".join([f"The last lines of {log}:", *lines[-LOG_TAIL_LINES:]])


def answers(host: str, port: int, path: str) -> bool:
    """Whether an HTTP server answers `path` there with anything below 500."""
    connection = http.client.HTTPConnection(host, port, timeout=5)
    try:
        connection.request("GET", path)
        return connection.getresponse().status < 500
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()


def die_with_parent(parent: int | None = None) -> None:
    """Let this process be killed when the one that started it dies. `parent`: the id it should have."""
    expected = os.getppid() if parent is None else parent
    if sys.platform == "linux":
        ctypes.CDLL(None, use_errno=True).prctl(PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
        if os.getppid() != expected:  # it died before we asked
            os.kill(os.getpid(), signal.SIGKILL)
        return
    threading.Thread(target=_watch_parent, args=(expected,), daemon=True).start()


def _watch_parent(expected: int) -> None:
    while os.getppid() == expected:
        time.sleep(1)
    os.kill(os.getpid(), signal.SIGKILL)


@contextlib.contextmanager
def stoppable() -> Iterator[None]:
    """Ctrl-C, a closed terminal and SIGTERM all end the block by one KeyboardInterrupt.

    Further signals are ignored, so that stopping in order is not itself interrupted.
    """
    signals = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)

    def end(number: int, frame: FrameType | None) -> None:
        for each in signals:
            signal.signal(each, signal.SIG_IGN)
        raise KeyboardInterrupt

    before = {number: signal.signal(number, end) for number in signals}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
