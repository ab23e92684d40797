"""Programs that run together: restarted when they die, stopped in order, never left behind."""

import contextlib
import errno
import os
import signal
import socket
import time
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from tacit.config import demo, free_port, processes
from tacit.config.processes import Command, ProcessError, Supervisor, stoppable
from tests.config.conftest import FORK, kill_hard, start_process, wait_until


class Stage:
    """A supervisor of actors with what they note and what it says."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.file = folder / "notes"
        self.said: list[str] = []
        self.supervisor: Supervisor | None = None

    def supervise(self, *names: str) -> Supervisor:
        commands = []
        for each in names:
            name, *manners = each.split()
            commands.append(Command(name, "tests.config.actor", (name, str(self.file), *manners)))
        environment = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])}
        self.supervisor = Supervisor(
            commands, environment=environment, logs=self.folder / "logs", say=self.said.append
        )
        return self.supervisor

    def notes(self) -> list[str]:
        return self.file.read_text().splitlines() if self.file.exists() else []


@pytest.fixture
def stage(tmp_path: Path) -> Iterator[Stage]:
    stage = Stage(tmp_path)
    yield stage
    if stage.supervisor:
        stage.supervisor.stop()


def test_all_start_and_stop_in_the_order_named(stage: Stage) -> None:
    supervisor = stage.supervise("web", "worker", "provider")
    supervisor.start()
    wait_until(lambda: len(stage.notes()) == 3)
    pids = supervisor.pids()
    assert len({os.getpgid(pid) for pid in pids.values()} | {os.getpgid(0)}) == 4, "a group each"
    supervisor.stop()
    assert stage.notes()[3:] == ["web stops", "worker stops", "provider stops"]
    assert not any(psutil.pid_exists(pid) for pid in pids.values())
    assert stage.said == []


def test_one_that_dies_starts_again_with_longer_pauses(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(processes, "FIRST_PAUSE", 0.1)
    supervisor = stage.supervise("web", "worker")
    for child in supervisor._children:
        child.pause = 0.1
    supervisor.start()
    wait_until(lambda: len(stage.notes()) == 2)
    before = supervisor.pids()
    for deaths in (1, 2):
        os.kill(supervisor.pids()["web"], signal.SIGKILL)
        wait_until(lambda: supervisor.watch() or stage.notes().count("web starts") == deaths + 1)  # noqa: B023
    after = supervisor.pids()
    assert after["worker"] == before["worker"]
    assert len(stage.said) == 2
    assert stage.said[0].startswith("web stopped (killed by SIGKILL) and starts again")
    assert supervisor._children[0].pause == pytest.approx(0.4)


def test_one_that_cannot_start_is_an_error_with_its_last_words(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    supervisor = stage.supervise("web brief")
    supervisor._children[0].pause = 0.05
    supervisor.start()
    with pytest.raises(ProcessError, match=r"(?s)web does not start.*cannot go on"):
        supervisor.await_ready("127.0.0.1", free_port.free("127.0.0.1", 18_000))


def test_one_that_will_not_stop_is_killed(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(processes, "STOP_SECONDS", 0.3)
    supervisor = stage.supervise("web stubborn", "worker")
    supervisor.start()
    wait_until(lambda: len(stage.notes()) == 2)
    pids = supervisor.pids()
    supervisor.stop()
    assert stage.notes()[2:] == ["web stops", "worker stops"]
    assert not any(psutil.pid_exists(pid) for pid in pids.values())


def _supervise_for_long(stage: Stage) -> None:
    supervisor = stage.supervise("web", "worker")
    supervisor.start()
    time.sleep(120)


def test_all_die_with_a_killed_supervisor(stage: Stage) -> None:
    process = start_process(_supervise_for_long, stage)
    wait_until(lambda: len(stage.notes()) == 2)
    children = psutil.Process(process.pid).children(recursive=True)
    assert len(children) == 2
    kill_hard(psutil.Process(process.pid))
    _, left = psutil.wait_procs(children, timeout=10)
    for process in left:
        process.kill()
    assert not left
    assert not any("stops" in note for note in stage.notes()), "they were killed, not asked"


def _until_stopped(file: Path) -> None:
    with contextlib.suppress(KeyboardInterrupt), stoppable():
        try:
            file.write_text("waiting")
            time.sleep(60)
        finally:
            time.sleep(0.5)  # a second signal comes meanwhile
            file.write_text("stopped in order")


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_each_signal_stops_in_order_even_when_repeated(tmp_path: Path, number: signal.Signals) -> None:
    file = tmp_path / "state"
    process = start_process(_until_stopped, file)
    wait_until(lambda: file.exists() and file.read_text() == "waiting")
    os.kill(process.pid, number)
    time.sleep(0.1)
    os.kill(process.pid, number)
    process.join(10)
    assert file.read_text() == "stopped in order"
    assert process.exitcode == 0


def test_a_taken_port_gives_the_next() -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        taken = other.getsockname()[1]
        found = free_port.free("127.0.0.1", taken)
        assert found > taken
        assert free_port.free("127.0.0.1", taken, besides={found}) > found
    assert free_port.free("127.0.0.1", taken) == taken


def test_a_reserved_port_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(self: socket.socket, address: object) -> None:
        raise PermissionError(errno.EACCES, "Permission denied")

    monkeypatch.setattr(socket.socket, "bind", refuse)
    with pytest.raises(ProcessError, match="reserved for root"):
        free_port.is_free("127.0.0.1", 80)


def test_a_second_demo_of_a_home_says_where_the_first_is(tmp_path: Path) -> None:
    demo.remember(tmp_path, demo.Remembered(8101, "http://127.0.0.1:8000"))
    said: list[str] = []
    with pytest.MonkeyPatch.context() as patch, demo.only_one(tmp_path) as first:
        assert first
        patch.setenv("TACIT_HOME", str(tmp_path))
        process = FORK.Process(target=demo.run, kwargs={"port": 8000, "say": print})
        process.start()
        process.join(10)
        assert process.exitcode == 0
        demo.run(port=8000, say=said.append)
    assert said == ["The demo runs already: http://127.0.0.1:8000"]


@pytest.mark.parametrize(
    "noted", ["", "[]", '{"provider_port": "x"}', '{"provider_port": 99999, "address": ""}']
)
def test_a_spoilt_note_of_the_last_start_is_ignored(tmp_path: Path, noted: str) -> None:
    (tmp_path / "demo.json").write_text(noted)
    assert demo.remembered(tmp_path) == demo.Remembered(demo.FIRST_PROVIDER_PORT)
