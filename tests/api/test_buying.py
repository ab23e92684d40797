"""A program buys: the same rules and answers as the pages, told in JSON."""

from __future__ import annotations

import pytest

from tacit.accounts.types import Visitor
from tacit.catalog import actions as catalog
from tacit.checkout.models import Order, OrderLine, Payment
from tacit.core.money import Money
from tests.api.talking import ONCE, cart, order_of, place, problem, send
from tests.checkout.fake_provider import FakeProvider
from tests.conftest import NOW
from tests.web.conftest import Rows


def test_an_order_is_placed_once_and_read_with_its_signature(shop: FakeProvider) -> None:
    made = cart(KETTLE=1)
    first, again = place(made), place(made)
    assert (first.status_code, again.status_code) == (201, 200)
    assert first.json() == again.json() and first.json()["outcome"] == "paid"
    assert (Order.objects.count(), Payment.objects.count()) == (1, 1)
    number, signature = first.json()["number"], first.json()["signature"]
    order = send("GET", f"/api/orders/{number}?signature={signature}").json()
    assert (order["status"], order["total"]["minor"], order["lines"][0]["sku"]) == ("paid", 4390, "KETTLE")
    used = place(made, name="Somebody Else")
    told = problem(used)
    assert (used.status_code, told["code"], told["field"]) == (422, "other_body", "Idempotency-Key")
    assert "Idempotency-Key" in told["detail"]


def test_a_key_counts_for_its_cart_alone(shop: FakeProvider) -> None:
    first, second = place(cart(KETTLE=1)), place(cart(KETTLE=1))
    assert (first.status_code, second.status_code) == (201, 201)
    assert first.json()["number"] != second.json()["number"]


def test_a_country_is_a_code_of_two_letters(shop: FakeProvider) -> None:
    made = cart(KETTLE=1)
    for wrong in ("Germany", "D", "ß"):
        assert "like DE" in problem(place(made, country=wrong))["detail"]
        told = problem(send("GET", f"/api/carts/{made['token']}?country={wrong}"))
        assert (told["field"], "like DE" in told["detail"]) == ("country", True)
    assert send("GET", f"/api/carts/{made['token']}?country=de").json()["country"] == "DE"
    assert problem(send("GET", f"/api/carts/{made['token']}?country=ZZ"))["code"] == "not_sent_there"
    number = place(made, country="de").json()["number"]
    assert Order.objects.get(number=number).country == "DE"


def test_another_total_orders_nothing_and_says_the_new_one(shop: FakeProvider, rows: Rows) -> None:
    made = cart(KETTLE=1)
    catalog.set_price(sku="KETTLE", price=Money(4100, "EUR"), now=NOW)
    before = rows()
    answer = place(made)
    told = problem(answer)
    assert (answer.status_code, told["field"], told["total"]["minor"]) == (409, "total", 4590)
    assert told["type"].endswith("/api/problems/total-changed")
    assert rows() == before


@pytest.mark.parametrize(
    ("method", "status", "outcome"),
    [("slow", 202, "pending"), ("ask", 202, "needs_action"), ("bad", 402, None)],
)
def test_a_payment_that_is_not_through_says_so(
    shop: FakeProvider, method: str, status: int, outcome: str | None
) -> None:
    answer = place(cart(KETTLE=1), method=method)
    assert answer.status_code == status
    if outcome is None:
        assert problem(answer)["code"] == "declined"
    else:
        assert answer.json()["outcome"] == outcome
        assert answer["Location"] == f"/api/orders/{answer.json()['number']}"


def test_what_a_client_says_a_thing_costs_is_refused_and_changes_nothing(
    shop: FakeProvider, rows: Rows
) -> None:
    made = cart(KETTLE=1)
    before = rows()
    for path, method, body in (
        ("/api/carts", "POST", {"lines": [{"sku": "KETTLE", "quantity": 1, "price": 1}]}),
        (f"/api/carts/{made['token']}/lines/KETTLE", "PUT", {"quantity": 1, "unit": {"minor": 1}}),
        (f"/api/carts/{made['token']}/orders", "POST", {**order_of(made), "total": {"minor": 1}}),
        (f"/api/carts/{made['token']}/orders", "POST", {**order_of(made), "lines": []}),
        (
            f"/api/carts/{made['token']}/orders",
            "POST",
            {**order_of(made), "total_seen": {"minor": 1, "currency": "EUR"}},
        ),
    ):
        answer = send(method, path, body, headers=ONCE)
        assert answer.status_code in {409, 422}, answer.content
        problem(answer)
    assert rows() == before


def test_more_than_there_is_is_told_as_on_the_page(shop: FakeProvider) -> None:
    made = cart(KETTLE=11)
    assert made["lines"][0]["problem"] == "too_few" and not made["orderable"]
    answer = place(made)
    assert (answer.status_code, problem(answer)["code"]) == (409, "too_few")
    assert not OrderLine.objects.exists()


def test_a_line_is_changed_only_as_it_was_read(shop: FakeProvider) -> None:
    token = cart(KETTLE=1)["token"]
    path = f"/api/carts/{token}/lines/KETTLE"
    tag = send("GET", path)["ETag"]
    assert send("GET", path, headers={"If-None-Match": tag}).status_code == 304
    changed = send("PUT", path, {"quantity": 2}, headers={"If-Match": tag})
    assert (changed.status_code, changed.json()["lines"][0]["quantity"]) == (200, 2)
    late = send("PUT", path, {"quantity": 3}, headers={"If-Match": tag})
    assert (late.status_code, problem(late)["code"]) == (412, "changed")
    whole = send("GET", f"/api/carts/{token}")["ETag"]
    told = problem(send("PUT", path, {"quantity": 3}, headers={"If-Match": whole}))
    assert (told["status"], told["field"]) == (412, "If-Match")
    assert "GET of this same address" in told["detail"]
    assert send("GET", path).json()["quantity"] == 2
    for _ in range(2):
        assert send("DELETE", path).json()["lines"] == []
    assert problem(send("GET", path))["status"] == 404
    assert problem(send("DELETE", path, headers={"If-Match": tag}))["status"] == 412


def test_what_changed_after_the_tag_was_compared_is_not_overwritten(shop: FakeProvider) -> None:
    """The tag is compared before the cart is locked; the number it stood for is compared under the lock."""
    from tacit.checkout import actions
    from tacit.checkout.types.order import NotPossible

    visitor = Visitor(cart=cart(KETTLE=1)["token"])
    actions.put_in_cart(visitor, sku="KETTLE", quantity=4, now=NOW)
    with pytest.raises(NotPossible):
        actions.put_in_cart(visitor, sku="KETTLE", quantity=2, now=NOW, seen=1)


def test_an_unknown_cart_and_anybody_elses_answer_the_same(shop: FakeProvider) -> None:
    told = [problem(send("GET", f"/api/carts/{token}")) for token in ("A" * 22, "B" * 16)]
    assert told[0] == told[1] and told[0]["status"] == 404
