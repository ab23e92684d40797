"""What the process answers to what it should not be asked."""

from __future__ import annotations

import json
import socket
import subprocess
import sys
from pathlib import Path

import pytest
import urllib3

from tacit.connectors.practice_provider import signature
from tests.connectors.practice import SECRET, PracticeProcess

GOOD = {
    "reference": "ref",
    "amount_minor": 100,
    "currency": "EUR",
    "method": "card-4242",
    "return_url": "http://127.0.0.1:9/back",
    "description": "Order",
    "confirm": True,
}


def error(answer: urllib3.BaseHTTPResponse) -> tuple[int, str, str]:
    found = answer.json()["error"]
    assert found["message"]
    return answer.status, found["code"], found["field"]


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("amount_minor", 0),
        ("amount_minor", -1),
        ("amount_minor", 10**12 + 1),
        ("amount_minor", 1.5),
        ("amount_minor", "100"),
        ("amount_minor", True),
        ("amount_minor", None),
        ("currency", "EURO"),
        ("currency", "XQX"),
        ("currency", "eur"),
        ("currency", 978),
        ("reference", ""),
        ("reference", "r" * 201),
        ("reference", "a\nb"),
        ("reference", "\x00"),
        ("reference", "\ud800"),
        ("reference", ["ref"]),
        ("return_url", "javascript:alert(1)"),
        ("return_url", "/back"),
        ("return_url", "http://"),
        ("return_url", "http://shop:99999/"),
        ("return_url", "http://shop/\r\nSet-Cookie: a=b"),
        ("return_url", "http://shop;default-src */"),
        ("return_url", "http://shop/" + "x" * 2000),
        ("description", "d" * 501),
        ("method", "card-1"),
        ("method", "page"),
        ("confirm", "yes"),
        ("surprise", 1),
    ],
)
def test_a_bad_field_is_named_and_nothing_happens(
    practice: PracticeProcess, field: str, value: object
) -> None:
    status, _, named = error(practice.call("POST", "/v1/payments", {**GOOD, field: value}, key="k"))
    assert (status, named) == (400, field)
    assert practice.provider.look_up("ref") is None
    # A refused request does not use up its key.
    assert practice.call("POST", "/v1/payments", GOOD, key="k").status == 200


@pytest.mark.parametrize(
    "body",
    [b"", b"{", b"[]", b"\xff\xfe", b"null", b'{"amount_minor": NaN}', b"[" * 8000, b"1" * 5000],
    ids=["nothing", "half", "a list", "not UTF-8", "null", "NaN", "deep", "long number"],
)
def test_a_body_that_is_no_payment(practice: PracticeProcess, body: bytes) -> None:
    assert practice.call("POST", "/v1/payments", body).status == 400
    assert practice.ledger() == []


def test_a_body_that_is_too_large(practice: PracticeProcess) -> None:
    answer = practice.call("POST", "/v1/payments", {**GOOD, "description": "d" * 20_000})
    assert error(answer)[:2] == (413, "too_large")
    assert practice.ledger() == []


@pytest.mark.parametrize("key", ["k" * 256, "a\tb"])
def test_a_bad_idempotency_key(practice: PracticeProcess, key: str) -> None:
    assert error(practice.call("POST", "/v1/payments", GOOD, key=key)) == (
        400,
        "invalid_field",
        "Idempotency-Key",
    )
    assert practice.ledger() == []


def test_a_key_belongs_to_one_request(practice: PracticeProcess) -> None:
    first = practice.call("POST", "/v1/payments", GOOD, key="k")
    again = practice.call("POST", "/v1/payments", GOOD, key="k")
    assert (again.status, again.data, again.headers["Idempotent-Replayed"]) == (200, first.data, "true")
    other = practice.call("POST", "/v1/payments", {**GOOD, "amount_minor": 200}, key="k")
    assert error(other)[:2] == (422, "idempotency_key_reused")
    elsewhere = practice.call("POST", f"/v1/payments/{first.json()['id']}/void", {}, key="k")
    assert error(elsewhere)[:2] == (422, "idempotency_key_reused")
    assert len(practice.ledger()) == 1


@pytest.mark.parametrize("body", [{"amount_minor": 101, "currency": "EUR"}, {"amount_minor": 1}, {}])
def test_a_bad_capture_changes_nothing(practice: PracticeProcess, body: dict[str, object]) -> None:
    payment = practice.call("POST", "/v1/payments", GOOD).json()
    status, _, field = error(practice.call("POST", f"/v1/payments/{payment['id']}/capture", body))
    assert (status, field in ("amount_minor", "currency")) == (400, True)
    assert practice.call("GET", f"/v1/payments/{payment['id']}").json() == payment


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/", 404),
        ("GET", "/v1/payments", 400),
        ("GET", "/v1/payments/pay_0", 404),
        ("POST", "/v1/payments/pay_0/capture", 404),
        ("POST", "/v1/payments/pay_0/double", 404),
        ("GET", "/v1/payments/pay_0/capture", 405),
        ("DELETE", "/v1/payments", 405),
        ("POST", "/_practice/nonsense", 404),
    ],
)
def test_addresses_that_lead_nowhere(practice: PracticeProcess, method: str, path: str, status: int) -> None:
    answer = practice.call(method, path)
    assert answer.status == status
    assert answer.json()["error"]["code"]


@pytest.mark.parametrize("path", ["/v1/payments?reference=a", "/_practice/ledger", "/_practice/trouble"])
@pytest.mark.parametrize("key", ["", "Bearer x", f"Bearer {SECRET}", "Bearer ü"])
def test_nobody_gets_in_without_the_key(practice: PracticeProcess, path: str, key: str) -> None:
    assert practice.call("GET", path, Authorization=key).status == 401


def test_a_web_page_cannot_make_trouble(practice: PracticeProcess) -> None:
    before = practice.trouble()
    answer = practice.call("POST", "/_practice/trouble", {"down": True}, Authorization="")
    assert answer.status == 401
    assert practice.trouble() == before


@pytest.mark.parametrize(
    "change",
    [{"down": -2}, {"down": "yes"}, {"next_payment": "maybe"}, {"webhook_url": "shop"}, {"nonsense": 1},
     {"delay_ms": 10**6}, {"skip_seconds": -1}, {"drop_answers": True}],
)  # fmt: skip
def test_trouble_that_there_is_not(practice: PracticeProcess, change: dict[str, object]) -> None:
    before = practice.trouble()
    status, _, field = error(practice.call("POST", "/_practice/trouble", {"late_seconds": 9, **change}))
    assert (status, field) == (400, next(iter(change)))
    assert practice.trouble() == before


def run(*arguments: str, secret: str = "") -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "tacit.connectors.practice_provider", *arguments],
        env={"PATH": "", **({"TACIT_PRACTICE_SECRET": secret} if secret else {})},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=20,
        check=False,
    )


def test_a_start_that_cannot_be_says_why_in_one_line(tmp_path: Path) -> None:
    rubbish = tmp_path / "rubbish"
    rubbish.write_bytes(b"not a database " * 100)
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        outcomes = [
            run("--port", port, "--state", str(tmp_path / "a")),
            run("--port", "0", "--state", str(rubbish)),
            run("--port", "0", "--state", str(tmp_path / "no" / "folder")),
        ]
    assert [len(outcome.stderr.splitlines()) for outcome in outcomes] == [1, 1, 1]
    assert port in outcomes[0].stderr
    assert "rubbish" in outcomes[1].stderr
    assert "folder" in outcomes[2].stderr
    assert all(outcome.returncode for outcome in outcomes)


def test_the_process_does_without_django() -> None:
    program = "import sys, tacit.connectors.practice_provider.__main__; sys.exit('django' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", program], check=False).returncode == 0


def test_beyond_this_machine_it_wants_a_secret_of_its_own(tmp_path: Path) -> None:
    outcome = run("--port", "0", "--host", "0.0.0.0", "--state", str(tmp_path / "a"))
    assert "TACIT_PRACTICE_SECRET" in outcome.stderr
    assert outcome.returncode == 2


def test_the_api_key_does_not_show_the_secret() -> None:
    assert SECRET not in json.dumps([signature.api_key(SECRET), signature.fingerprint(SECRET, "4242")])
