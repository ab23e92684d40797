"""Reading the catalogue, bad requests, and the pages about the API."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from tacit.api import examples, problems
from tacit.api.service import schema
from tacit.catalog import actions as catalog
from tacit.catalog.types import NewProduct, NewVariant
from tacit.core.money import Money
from tests.api.conftest import Key
from tests.api.talking import ONCE, problem, send
from tests.checkout.fake_provider import FakeProvider
from tests.conftest import NOW


def product(slug: str) -> None:
    variant = NewVariant(sku=slug.upper(), prices=(Money(100, "EUR"),), stock=1)
    catalog.save_product(NewProduct(slug=slug, name=slug, category="kitchen", variants=(variant,)), now=NOW)


def listed(path: str) -> Any:
    answer = send("GET", path)
    assert answer.status_code == 200, answer.content
    return answer.json()


def test_a_list_skips_nothing_and_repeats_nothing_while_products_come(shop: FakeProvider) -> None:
    product("aaa")
    first = listed("/api/products?limit=2&category=kitchen")
    product("bbb")
    second = listed(f"/api/products?limit=2&category=kitchen&cursor={first['next']}")
    slugs = [each["slug"] for page in (first, second) for each in page["products"]]
    assert slugs == ["lid", "kettle", "aaa", "bbb"] and second["next"] is None
    for wrong in (f"/api/products?cursor={first['next']}", f"/api/products?q=lid&cursor={first['next']}"):
        assert problem(send("GET", wrong))["field"] == "cursor"


def test_a_search_finds_what_the_page_finds(shop: FakeProvider) -> None:
    found = listed("/api/products?q=ketle&limit=1")
    assert [each["slug"] for each in found["products"]] == ["kettle"]
    assert found["found"]["corrected"] == [{"typed": "ketle", "instead": "kettle"}]
    on = listed(f"/api/products?q=ketle&limit=1&cursor={found['next']}")
    assert [each["slug"] for each in on["products"]] == ["lid"]


def test_an_answer_is_sent_once_and_in_the_language_asked_for(shop: FakeProvider) -> None:
    english = send("GET", "/api/products/kettle")
    german = send("GET", "/api/products/kettle", headers={"Accept-Language": "de-AT,en;q=0.5"})
    assert german.json()["variants"][0]["price"]["text"] == "39,00\xa0€"
    assert (german["Content-Language"], english["ETag"] != german["ETag"]) == ("de", True)
    assert "Accept-Language" in german["Vary"]
    same = send("GET", "/api/products/kettle", headers={"If-None-Match": english["ETag"]})
    assert (same.status_code, same.content) == (304, b"")
    assert "Set-Cookie" not in english.headers


def test_a_product_costs_no_more_statements_than_its_page(shop: FakeProvider) -> None:
    def statements(path: str) -> int:
        Client().get(path)
        with CaptureQueriesContext(connection) as counted:
            assert Client().get(path).status_code == 200
        return len(counted)

    assert statements("/api/products/kettle") == 1 <= statements("/p/kettle")


BAD: list[tuple[str, str, bytes, int]] = [
    ("POST", "/api/carts", b"{", 400),
    ("POST", "/api/carts", b"", 400),
    ("POST", "/api/carts", b"\xff\xfe", 400),
    ("POST", "/api/carts", b"[" * 100_000, 400),
    ("POST", "/api/carts", b'{"lines":[{"sku":"\\ud800","quantity":1}]}', 400),
    ("POST", "/api/carts", b'{"lines":[{"sku":"KETTLE","quantity":NaN}]}', 400),
    ("POST", "/api/carts", b'{"lines":[{"sku":"KET\\u0000LE","quantity":1}]}', 422),
    ("POST", "/api/carts", b'{"lines":[{"sku":"KETTLE","quantity":1e400}]}', 422),
    ("POST", "/api/carts", b'{"lines":[{"sku":"KETTLE","quantity":' + b"9" * 4000 + b"}]}", 422),
    ("POST", "/api/carts", b'{"lines":[{"sku":"KETTLE","quantity":"1"}]}', 422),
    ("POST", "/api/carts", b'{"lines":[{"sku":"KETTLE","quantity":true}]}', 422),
    ("POST", "/api/carts", b'{"lines":[{"sku":"KETTLE","quantity":1}],"currency":"XXX"}', 422),
    ("POST", "/api/carts", b"[]", 422),
    ("POST", "/api/carts", b"null", 422),
    ("POST", "/api/carts", b'{"lines":"' + b"x" * 300_000 + b'"}', 413),
    ("GET", "/api/products?q=%00", b"", 422),
    ("GET", "/api/products?limit=1e9", b"", 422),
    ("GET", "/api/products?cursor=" + "A" * 399, b"", 422),
    ("GET", "/api/products/%ed%a0%80", b"", 404),
    ("GET", "/api/carts/%00", b"", 422),
    ("GET", "/api/nothing", b"", 404),
    ("DELETE", "/api/products", b"", 405),
    ("GET", "/api/products/" + "9" * 5000, b"", 404),
]


@pytest.mark.parametrize(("method", "path", "body", "status"), BAD, ids=range(len(BAD)))
def test_what_cannot_be_read_is_told_as_a_problem(
    shop: FakeProvider, method: str, path: str, body: bytes, status: int
) -> None:
    answer = send(method, path, body, headers=ONCE)
    assert (answer.status_code, problem(answer)["status"]) == (status, status)


def test_parameters_nobody_knows_are_refused_by_every_operation(shop: FakeProvider, key: Key) -> None:
    """A misspelt filter must not list everything, nor a change pass over what it was asked."""
    headers = {**ONCE, **key("orders:write", "stock:write")}
    names = {"{slug}": "kettle", "{token}": "A" * 22, "{sku}": "KETTLE", "{number}": "000000000000"}
    bodies: dict[str, Any] = {example.operation: example.body for example in examples.ALL}
    for path, methods in schema()["paths"].items():
        for method, operation in methods.items():
            address = re.sub(r"{.+?}", lambda found: names[found[0]], path)
            answer = send(
                method.upper(), f"{address}?stauts=paid", bodies[operation["operationId"]], headers=headers
            )
            told = problem(answer)
            assert (told["status"], told["code"], told["field"]) == (422, "unknown_parameter", "stauts"), path
    assert "status" in problem(send("GET", "/api/orders?stauts=paid", headers=headers))["detail"]
    assert send("GET", "/api/orders?stauts=paid").status_code == 401


def test_what_is_refused_before_it_reaches_the_api_is_a_problem_too(shop: FakeProvider) -> None:
    host = send("GET", "/api/products", headers={"Host": "elsewhere.example"})
    site = send("POST", "/api/carts", {}, headers={"Sec-Fetch-Site": "cross-site"})
    form = Client().post("/api/carts", {"lines": "1"})
    assert [problem(each)["status"] for each in (host, site, form)] == [400, 403, 415]


def test_every_kind_of_problem_has_its_page(db: None) -> None:
    for name in problems.KINDS:
        assert Client().get(f"/api/problems/{name}").status_code == 200
    assert Client().get("/api/problems/none").status_code == 404


def test_the_pages_need_nobody_elses_server_and_show_every_operation(db: None) -> None:
    html = Client().get("/api/docs").content.decode()
    described = [each["operationId"] for path in schema()["paths"].values() for each in path.values()]
    assert set(described) == set(examples.BY_OPERATION)
    assert all(f'id="{each}"' in html for each in described)
    assert not re.search(r'(?:src|href)="https?://(?!127\.0\.0\.1)', html)
    assert "<script" not in html.split("<main")[1]


def test_the_examples_run_in_their_order(shop: FakeProvider, key: Key) -> None:
    """Every one that the pages show, each with what the ones before it gave."""
    words = {
        "SKU": "KETTLE",
        "SLUG": "kettle",
        "METHOD": "good",
        "$KEY": key("orders:write", "stock:write")["Authorization"].removeprefix("Bearer "),
    }
    refused = {"refundOrder": 409, "cancelOrder": 409}  # nothing was taken yet, and the parcel has left
    for example in examples.ALL:
        answer = run(example, words)
        wanted = refused.get(
            example.operation, 201 if example.operation in {"beginCart", "placeOrder"} else 200
        )
        assert answer.status_code == wanted, (example.operation, answer.content)
        if example.operation == "beginCart":
            words["$CART"] = answer.json()["token"]
        if example.operation == "placeOrder":
            words |= {"$ORDER": answer.json()["number"], "$SIGNATURE": answer.json()["signature"]}


def run(example: examples.Example, words: dict[str, str]) -> Any:
    def said(text: str) -> str:
        return re.sub(r"\$?[A-Z]{3,}", lambda found: words.get(found[0], found[0]), text)

    headers = {"Authorization": f"Bearer {said(example.key)}"} if example.key else {}
    if example.once:
        headers["Idempotency-Key"] = said(example.once)
    body = None
    if example.body is not None:
        body = said(json.dumps(example.body)).encode()
    return send(example.method, said(example.path), body, headers=headers)
