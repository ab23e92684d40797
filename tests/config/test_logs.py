"""Logs tell what happened, and never who it happened to."""

from __future__ import annotations

import json
import logging
import os
import re
import sys
import urllib.error
import urllib.request
from contextlib import closing
from pathlib import Path
from typing import Any

import psycopg
import pytest
from benchmarks.harness.browser import CONTACT, HOST, PRODUCT, Browser, fill_cart, path_of

from tacit.config import free_port, logs, postgres
from tests.config.conftest import wait_until
from tests.config.test_demo import demo

SECRETS = [
    ("letter to ana.berg+shop@example.co.uk bounced", "ana.berg"),
    ("Internal Server Error: /de/order/1042/Zk3x_9-q", "Zk3x"),
    ("back at /order/1042/Zk3x_9-q/return?x=1", "Zk3x"),
    ("GET http://shop/sign-in?email=ana%40example.com", "ana"),
    ("cannot reach postgresql://tacit:geheim@db/shop", "geheim"),
    ("{'password': 'geheim', 'a': 1}", "geheim"),
    ("Authorization: Bearer geheim", "geheim"),
    ("TACIT_SECRET_KEY is x, token=geheim.x", "geheim"),
    ("GET /data/WyJSM0tN:1xU-geheim/copy", "geheim"),
    ("/account/data/copy/WyI0ZmM5%3A1xU-geheim", "geheim"),
    ("PUT /api/carts/kZ3_x9-qa7geheim/lines/KETTLE", "geheim"),
    ("header: bearer geheim-42", "geheim"),
    ("asked with sk_test_geheim42", "geheim"),
    ("signed by whsec_geheim42+/=", "geheim"),
    ("key tacit_geheim-42 is unknown", "geheim"),
    ("Key (provider, token)=(stripe, pm_1MqLiJLkdIwHu7) already exists", "1MqLi"),
    ("No such customer: 'cus_NffrFeUfNV2Hib'", "NffrFe"),
    ("page cs_test_a1geheim42 and payment pi_3geheim42", "geheim"),
    ("{'code': '123456'}", "123456"),
    ("session 0123456789abcdef0123456789abcdef ended", "9abcdef"),
]


def entry(words: str, *, error: bool = False) -> logging.LogRecord:
    info: Any = None
    if error:
        try:
            raise ValueError(words)
        except ValueError:
            info = sys.exc_info()
    text = "it went wrong" if error else words
    return logging.LogRecord("tacit.x", logging.ERROR, "x.py", 1, text, (), info)


@pytest.mark.parametrize("kind", logs.FORMATS)
@pytest.mark.parametrize("error", [False, True], ids=["message", "traceback"])
@pytest.mark.parametrize(("words", "secret"), SECRETS)
def test_what_must_not_be_kept_is_not(kind: str, error: bool, words: str, secret: str) -> None:
    formatter = logs.config(kind)["formatters"]["text"]["()"](logs.LINE)
    text = formatter.format(entry(words, error=error))
    assert secret not in text
    assert "[hidden]" in text


def test_what_helps_is_kept() -> None:
    kept = (
        "order 1042 of 2026-11-21T20:15:00: provider answered 503 in 0.2 s at /checkout/line/7, see 4f1c-22, "
        "web/data/erase.html"
    )
    assert logs.clean(kept) == kept


def test_a_line_is_one_object_with_its_traceback() -> None:
    text = logs.JsonFormatter().format(entry("a\nb", error=True))
    assert "\n" not in text
    noted = json.loads(text)
    assert (noted["level"], noted["logger"], noted["message"]) == ("error", "tacit.x", "it went wrong")
    assert noted["error"].startswith("Traceback")


def sign_in(browser: Browser, home: Path, email: str) -> str:
    """Sign in by the mailed code, which is returned."""
    page = path_of(browser.post("/sign-in", {"email": email}), "/sign-in")
    with psycopg.connect(postgres.url(home)) as connection:
        ((text,),) = connection.execute(
            'SELECT text FROM core_outboxmail WHERE "to" = %s ORDER BY id DESC LIMIT 1', [email]
        ).fetchall()
    code = re.search(r"^ +(\d{6})$", text, re.MULTILINE)
    assert code
    path_of(browser.post(page, {"code": code[1]}), page)
    return code[1]


def break_something(browser: Browser, home: Path, order: str, email: str) -> None:
    """Errors that would show an address and an order link: a statement that fails, a page that cannot be made."""
    with psycopg.connect(postgres.url(home), autocommit=True) as connection:
        with pytest.raises(psycopg.errors.DivisionByZero):
            connection.execute(f"SELECT 1/0 WHERE '{email}' <> ''")
        with pytest.raises(psycopg.errors.UniqueViolation):
            connection.execute("INSERT INTO accounts_person SELECT * FROM accounts_person")
        connection.execute("ALTER TABLE checkout_order RENAME TO hidden_order")
        try:
            assert browser.get(order).status == 500
        finally:
            connection.execute("ALTER TABLE hidden_order RENAME TO checkout_order")


def test_a_purchase_and_a_sign_in_leave_nobody_in_any_log(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TACIT_LOG", "json")
    port = free_port.free(HOST, 8700)
    with demo(home, port), closing(Browser(HOST, port)) as browser:
        checkout, values = fill_cart(browser, PRODUCT)
        order = path_of(browser.post(checkout, values), checkout)
        assert browser.get(order).status == 200
        code = sign_in(browser, home, "ana.berg@example.com")
        session = browser.cookies["sessionid"]
        with urllib.request.urlopen(f"http://{HOST}:{port}/readyz", timeout=5) as ready:
            assert json.load(ready)["ready"]
        knock(browser)
        wait_until(lambda: sent(home, CONTACT["email"]))
        break_something(browser, home, order, CONTACT["email"])
    files = [*(home / "logs").iterdir(), *(home / "postgres").glob("log*")]
    assert len(files) >= 4
    everything = "".join(file.read_text() for file in files)
    assert "UndefinedTable" in everything
    assert "duplicate key" in everything
    assert '"page": "sign-in-code"' in everything
    for secret in (
        *(CONTACT["email"], CONTACT["name"], CONTACT["line1"], "ana.berg", code, session),
        *(order.split("/")[3], (home / "secret").read_text().strip(), PROGRAM, SIGNATURE, LINK),
    ):
        assert secret not in everything
    lines = (home / "logs" / "web.log").read_text().splitlines()
    assert all(isinstance(json.loads(line), dict) for line in lines)


PROGRAM, SIGNATURE, LINK = "tacit_Kz7geheim", "t=1,v1=geheim42", "WyJSM0tN:geheim42"
"""What somebody shows who is not let in."""


def knock(browser: Browser) -> None:
    """A program with a key, a webhook that is none, a link that is over, a request too large."""
    assert browser.get("/api/orders", {"Authorization": f"Bearer {PROGRAM}"}).status == 401
    hook = urllib.request.Request(
        f"http://{browser.host}:{browser.port}/hooks/practice", b"{}", {"Practice-Signature": SIGNATURE}
    )
    with pytest.raises(urllib.error.HTTPError, match="400"):
        urllib.request.urlopen(hook, timeout=5)
    assert browser.get(f"/data/{LINK}").status == 404
    assert browser.post("/buy", {"variant": PROGRAM}).status in {400, 422}


def sent(home: Path, email: str) -> bool:
    with psycopg.connect(postgres.url(home)) as connection:
        query = "SELECT count(*) FROM core_outboxmail WHERE \"to\" = %s AND status = 'sent'"
        ((count,),) = connection.execute(query, [email]).fetchall()
    return bool(count)


def test_an_unknown_format_is_refused() -> None:
    import subprocess

    done = subprocess.run(
        [sys.executable, "-c", "import tacit.config.settings"],
        env=os.environ | {"TACIT_LOG": "xml"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert "TACIT_LOG is 'xml'; choose one of lines, json" in done.stderr
