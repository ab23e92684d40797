"""`tacit demo`: the whole shop with sample data on one machine, until Ctrl-C."""

import contextlib
import fcntl
import hashlib
import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path

from tacit.config import environment, free_port, postgres
from tacit.config.postgres import places
from tacit.config.processes import Command, ProcessError, Supervisor, log_tail, stoppable

HOST = "127.0.0.1"
FIRST_PROVIDER_PORT = 8101
PREPARE_SECONDS = 300
WEB_WORKERS = 2

WELCOME = """
The shop is open:    {address}
  as a shopper       just buy something; no account is needed.
                     With an account: sign in with any e-mail address.
  as staff           {address}/desk with the e-mail address {staff}
  codes and mails    all arrive here: {address}/demo/outbox
  every part, alone  {address}/demo  (time, parcels, payments, trouble)

Ten minutes? Three scenes to click through: {address}/demo/first

Ctrl-C stops all of it; what was bought is still there next time."""


@dataclass(frozen=True)
class Remembered:
    """What the next start should find where it was."""

    provider_port: int
    address: str = ""


def run(*, port: int, say: Callable[[str], None]) -> None:
    """Start everything, print the way in, and keep it running until a signal.

    When the demo of this home runs already, says where and returns. Raises ProcessError or PostgresError.
    """
    folder = environment.home()
    say = unless_gone(say)
    with only_one(folder) as first:
        if not first:
            say(f"The demo runs already: {remembered(folder).address or 'it is just starting'}")
            return
        with contextlib.suppress(KeyboardInterrupt), stoppable():
            _run(folder, port, say)
        say("Stopped. Everything is kept for the next start.")


def _run(folder: Path, port: int, say: Callable[[str], None]) -> None:
    begin = time.monotonic()
    web_port = free_port.free(HOST, port)
    if web_port != port:
        say(f"Port {port} is taken by another program; the shop takes {web_port}.")
    provider_port = free_port.free(HOST, remembered(folder).provider_port, besides={web_port})
    address = f"http://{HOST}:{web_port}"
    remember(folder, Remembered(provider_port=provider_port, address=address))
    if words := lost_secret(folder):
        say(words)
    secret = environment.secret_key(folder)
    os.environ.update(
        TACIT_DEMO="1",
        TACIT_HOME=str(folder),
        TACIT_URL=address,
        TACIT_PRACTICE_URL=f"http://{HOST}:{provider_port}",
        TACIT_PRACTICE_WEBHOOK=f"{address}/hooks/practice",
        TACIT_SECRET_KEY=secret,
        TACIT_PRACTICE_SECRET=hashlib.sha256(f"practice provider {secret}".encode()).hexdigest(),
    )
    logs = folder / "logs"
    embedded = not os.environ.get("DATABASE_URL", "").strip()
    if embedded:
        say("Starting PostgreSQL …")
    with postgres.database(folder):
        say("Preparing the shop …")
        prepare(logs)
        children = Supervisor(
            commands(folder, web_port, provider_port),
            environment=os.environ,
            logs=logs,
            say=say,
            look=reviver(folder, say) if embedded else None,
        )
        try:
            children.start()
            say("Opening the shop …")
            children.await_ready(HOST, web_port)
            say(f"Ready after {time.monotonic() - begin:.1f} s.")
            say(WELCOME.format(address=address, staff=os.environ.get("TACIT_STAFF") or "staff@example.com"))
            children.run()
        finally:
            say("\nStopping …")
            children.stop()


def reviver(folder: Path, say: Callable[[str], None]) -> Callable[[], None]:
    """A look after the PostgreSQL of `folder`, which brings it back when it is gone and says so in a line."""
    said = ""

    def look() -> None:
        nonlocal said
        try:
            if postgres.revive(folder):
                say("PostgreSQL had stopped and runs again.")
                said = ""
        except postgres.PostgresError as error:
            if str(error) != said:  # the next look tries again
                said = str(error)
                say(said)

    return look


def commands(folder: Path, web_port: int, provider_port: int) -> list[Command]:
    """The programs of the demo, in the order in which they are stopped."""
    return [
        Command(
            "web",
            "tacit.config.cli",
            ("serve", f"--host={HOST}", f"--port={web_port}", f"--workers={WEB_WORKERS}"),
        ),
        Command("worker", "tacit.config.cli", ("work",)),
        Command(
            "provider",
            "tacit.connectors.practice_provider",
            (f"--port={provider_port}", f"--state={folder / 'practice.sqlite'}"),
        ),
    ]


def prepare(logs: Path) -> None:
    """Tables, static files and the sample shop, in a process of its own that leaves nothing loaded here."""
    logs.mkdir(parents=True, exist_ok=True)
    log = logs / "prepare.log"
    with log.open("wb") as output:
        try:
            done = subprocess.run(
                [sys.executable, "-m", "tacit.config.child", "tacit.config.cli", "prepare"],
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                env={**os.environ, "TACIT_PARENT": str(os.getpid())},
                start_new_session=True,
                timeout=PREPARE_SECONDS,
                check=False,
            )
        except subprocess.TimeoutExpired:
            raise ProcessError(
                f"The shop was not prepared within {PREPARE_SECONDS} s.\n{log_tail(log)}"
            ) from None
    if done.returncode:
        raise ProcessError(f"The shop cannot be prepared.\n{log_tail(log)}")


def lost_secret(home: Path) -> str:
    """A sentence when the data of ``home`` are there but the secret they were made with is not; else ''."""
    if os.environ.get("TACIT_SECRET_KEY") or os.environ.get("DATABASE_URL") or (home / "secret").exists():
        return ""
    data = places.places(home).data
    if not (data / "PG_VERSION").exists():
        return ""
    return (
        f"The shop's data are still in {data}, but {home / 'secret'} is gone: links to its orders no longer work. "
        "To begin anew: tacit demo --fresh"
    )


@contextlib.contextmanager
def only_one(folder: Path) -> Iterator[bool]:
    """Whether this is the only demo of this home; it counts as such until the block ends."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        file = (folder / "demo.lock").open("a")
    except OSError as error:
        raise ProcessError(
            f"{folder} cannot be written: {error.strerror}. Set TACIT_HOME to a folder of your own."
        ) from None
    with file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            yield False
        else:
            yield True


def remembered(folder: Path) -> Remembered:
    """What an earlier start noted; the usual values when there is nothing readable."""
    try:
        noted = json.loads((folder / "demo.json").read_text(encoding="utf-8"))
        port = int(noted["provider_port"])
        return Remembered(port if 1024 <= port < 65_000 else FIRST_PROVIDER_PORT, str(noted["address"]))
    except (OSError, ValueError, KeyError, TypeError):
        return Remembered(FIRST_PROVIDER_PORT)


def remember(folder: Path, values: Remembered) -> None:
    draft = folder / ".demo.json"
    draft.write_text(json.dumps(asdict(values)) + "\n", encoding="utf-8")
    draft.replace(folder / "demo.json")


def unless_gone(say: Callable[[str], None]) -> Callable[[str], None]:
    """`say`, but quiet when the terminal was closed: stopping goes on."""

    def careful(line: str) -> None:
        with contextlib.suppress(OSError):
            say(line)

    return careful
