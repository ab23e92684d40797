"""Pytest plugin: the practice payment provider as a real process, with trouble at hand.

`practice` is the fixture for most tests: an empty provider, without trouble. `practice_process` is the same
process for fixtures that live longer than one test; it is not emptied.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest
import urllib3

from tacit.connectors.practice_provider import signature
from tacit.connectors.practice_provider.adapter import PracticeProvider

pytest.register_assert_rewrite("tests.connectors.payment_contract")

SECRET = "a secret of the tests"


class PracticeProcess:
    """The provider: `url`, `secret`, and `provider`, an adapter that speaks to it."""

    def __init__(self, folder: Path, *, secret: str = SECRET) -> None:
        self.secret = secret
        self.state = folder / "practice.sqlite"
        self._errors = folder / "practice.log"
        self._port = 0
        self._process: subprocess.Popen[str] | None = None
        self._http = urllib3.PoolManager(timeout=10, retries=False)
        self.start()
        self.provider = PracticeProvider(base_url=self.url, secret=secret)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._port}"

    @property
    def pid(self) -> int:
        assert self._process
        return self._process.pid

    def start(self) -> None:
        """Start it, at the same address as before."""
        arguments = ["--port", str(self._port), "--state", str(self.state), "--stop-on-eof"]
        environment = {name: value for name, value in os.environ.items() if not name.startswith("TACIT_")}
        with self._errors.open("a") as errors:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "tacit.connectors.practice_provider", *arguments],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=errors,
                text=True,
                env={**environment, "TACIT_PRACTICE_SECRET": self.secret},
            )
        assert self._process.stdout
        line = self._process.stdout.readline()
        assert line, f"the practice provider did not start: {self._errors.read_text()}"
        self._port = int(line.split()[-1])

    def kill(self) -> None:
        """End it as kill -9 does."""
        self._end(signal.SIGKILL)

    def stop(self) -> None:
        """End it politely."""
        self._end(signal.SIGTERM)

    def _end(self, how: signal.Signals) -> None:
        if self._process is None:
            return
        self._process.send_signal(how)
        self._process.wait(timeout=20)
        for pipe in (self._process.stdin, self._process.stdout):
            if pipe:
                pipe.close()
        self._process = None

    def alive(self) -> bool:
        return self._process is not None and self._process.poll() is None

    def trouble(self, **changes: Any) -> dict[str, Any]:
        """Change the switches named in process/trouble.py; returns all of them."""
        switches: dict[str, Any] = self._admin("POST", "trouble", changes)
        return switches

    def ledger(self, reference: str = "") -> list[dict[str, Any]]:
        """Every movement of money, oldest first; only those of `reference` if one is named."""
        lines: list[dict[str, Any]] = self._admin("GET", "ledger")
        return [line for line in lines if reference in ("", line["reference"])]

    def reset(self) -> None:
        """No payments, no trouble."""
        self._admin("POST", "reset")

    def _admin(self, method: str, name: str, body: object = None) -> Any:
        answer = self.call(method, f"/_practice/{name}", body)
        assert answer.status == 200, answer.data
        return answer.json()

    def call(
        self, method: str, path: str, body: object = None, *, key: str = "", **headers: str
    ) -> urllib3.BaseHTTPResponse:
        """One request with the API key. `body` is sent as it is when it is bytes, else as JSON."""
        sent = {"Authorization": f"Bearer {signature.api_key(self.secret)}", **headers}
        if key:
            sent["Idempotency-Key"] = key
        raw = body if isinstance(body, bytes) else None if body is None else json.dumps(body).encode()
        return self._http.request(method, self.url + path, body=raw, headers=sent)

    def choose(self, action_url: str, decision: str, card: str = "") -> urllib3.BaseHTTPResponse:
        """What the buyer sends from the page: pay (with a card's code), approve, decline or cancel."""
        fields = {"decision": decision, **({"card": card} if card else {})}
        form = {"Content-Type": "application/x-www-form-urlencoded"}
        return self._http.request("POST", action_url, body=urlencode(fields), headers=form, redirect=False)

    def look(self, url: str) -> urllib3.BaseHTTPResponse:
        """Open an address as a browser would, without following anything."""
        return self._http.request("GET", url, redirect=False)


@pytest.fixture(scope="session")
def practice_process(tmp_path_factory: pytest.TempPathFactory) -> Iterator[PracticeProcess]:
    process = PracticeProcess(tmp_path_factory.mktemp("practice"))
    yield process
    process.stop()


@pytest.fixture
def practice(practice_process: PracticeProcess) -> PracticeProcess:
    if not practice_process.alive():
        practice_process.start()
    practice_process.reset()
    return practice_process
