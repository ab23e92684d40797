"""The main job on real input: import a real shop's history, then a guest buys one of its products."""

from __future__ import annotations

import os
import subprocess
import sys
import time

import pytest
from benchmarks.harness.browser import Browser, fill_cart, form_values, path_of

from tests.data import real
from tests.journeys.house import House, house

PRODUCT = "white-hanging-heart-t-light-holder"


def import_history(shop: House) -> str:
    environment = {name: value for name, value in os.environ.items() if name != "DATABASE_URL"}
    done = subprocess.run(
        [
            *(sys.executable, "-m", "tacit.config.cli", "import", "orders"),
            *(str(real("online_retail.csv.gz")), "--profile", "uci-online-retail", "--stock", "5"),
        ],
        env={**environment, "TACIT_HOME": str(shop.home)},
        capture_output=True,
        text=True,
        check=True,
    )
    return done.stdout


@pytest.mark.data
def test_a_guest_buys_from_imported_history():
    real("online_retail.csv.gz")
    with house() as shop:
        assert "541,909 lines" in import_history(shop)
        browser = Browser("127.0.0.1", shop.port)
        found = browser.get("/search?q=white+hanging+heart")
        assert f"/p/{PRODUCT}".encode() in found.body
        checkout, values = fill_cart(browser, PRODUCT)
        values |= {"country": "GB"}
        there = browser.post(checkout, values | {"look": "1"}).body.decode()
        values |= {name: total for name, total in form_values(there).items() if name.startswith("total_")}
        order = path_of(browser.post(checkout, values), checkout)
        page = browser.get(order).body.decode()
        assert "Your order is paid" in page
        assert "White Hanging Heart T-Light Holder" in page
        assert "£2.95" in page
        number = order.split("/")[2]
        deadline = time.monotonic() + 30
        while number not in browser.get("/demo/outbox").body.decode() and time.monotonic() < deadline:
            time.sleep(0.5)
        mails = f"SELECT count(*) FROM core_outboxmail WHERE subject = 'Your order {number}'"
        assert shop.ask(mails) == [(1,)]
        # Nobody of the 25,900 is mailed.
        assert shop.ask("SELECT count(*) FROM checkout_order WHERE historic") == [(25_900,)]
        to_history = "SELECT count(*) FROM core_outboxmail m, checkout_order o WHERE o.historic AND "
        assert shop.ask(to_history + "m.subject LIKE '%' || o.number") == [(0,)]
        browser.close()
