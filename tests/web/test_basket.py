"""A link that fills the cart: it adds and never orders, twice is once, and says what it left out."""

from __future__ import annotations

import pytest
from django.test import Client

from tacit.catalog.models import Product, Stock
from tacit.checkout.actions import our_shop
from tacit.checkout.models import Cart, CartLine, Order
from tests.web.conftest import Rows, with_kettle

pytestmark = pytest.mark.django_db


def lines() -> dict[str, int]:
    return dict(CartLine.objects.values_list("variant__sku", "quantity"))


def test_the_shop_port_s_link_opens_a_filled_cart_twice_the_same(shop: int, rows: Rows) -> None:
    client = Client()
    link = our_shop().basket_link({"KETTLE": 2, "LID": 1})
    assert link.endswith("/go/KETTLE:2,LID:1")
    path = "/" + link.split("/", 3)[3]
    first = client.get(path)
    assert (first.status_code, first["Location"]) == (303, "/checkout")
    assert "no-store" in first["Cache-Control"]
    assert "€83.00" in client.get("/checkout").content.decode()
    assert lines() == {"KETTLE": 2, "LID": 1}
    again = client.get(path)
    assert "cart" not in again.cookies
    assert lines() == {"KETTLE": 2, "LID": 1}
    assert Cart.objects.count() == 1
    assert not Order.objects.exists()


def test_it_only_adds(shop: int) -> None:
    client = with_kettle(shop, 3)
    client.get("/go/KETTLE:1,LID:1")
    assert lines() == {"KETTLE": 3, "LID": 1}


def test_asking_where_it_leads_changes_nothing(shop: int, rows: Rows) -> None:
    before = rows()
    answer = Client().head("/go/KETTLE:1")
    assert (answer.status_code, rows()) == (303, before)
    assert "cart" not in answer.cookies
    assert Client().post("/go/KETTLE:1").status_code == 405
    assert rows() == before


def test_what_cannot_be_bought_is_named_at_checkout_and_the_rest_is_there(shop: int) -> None:
    Stock.objects.filter(variant__sku="LID").update(on_hand=0)
    client = Client()
    html = client.get("/go/KETTLE:1,LID:1,NO-SUCH:4", follow=True).content.decode()
    assert lines() == {"KETTLE": 1}
    assert "<li>LID: This is sold out" in html
    assert "<li>NO-SUCH: This is not for sale" in html
    assert "NO-SUCH" not in client.get("/checkout").content.decode()


def test_a_link_to_nothing_but_the_unsold_leaves_an_empty_cart_that_says_so(shop: int) -> None:
    Product.objects.update(active=False)
    answer = Client().get("/go/KETTLE:1", follow=True)
    assert "<li>KETTLE: This is not for sale" in answer.content.decode()
    assert not Cart.objects.exists()


def test_nobody_else_writes_on_our_page(shop: int) -> None:
    html = Client().get("/checkout?left_out=Pay+me+instead").content.decode()
    assert "Pay me" not in html
    assert "Not everything" not in html


@pytest.mark.parametrize("sku", ["A/B 1", "A,B:2", "50%", "%2C", "Ä", "a?b#c", "..", "A//B"])
def test_any_article_number_survives_its_link(shop: int, sku: str) -> None:
    Stock.objects.get(pk=shop).variant.__class__.objects.filter(pk=shop).update(sku=sku)
    link = our_shop().basket_link({sku: 2, "LID": 1})
    Client().get("/" + link.split("/", 3)[3])
    assert lines() == {sku: 2, "LID": 1}


@pytest.mark.parametrize(
    "items",
    [
        *(
            "KETTLE",
            "KETTLE:",
            ":1",
            "KETTLE:0",
            "KETTLE:-1",
            "KETTLE:1000",
            "KETTLE:1.5",
            "KETTLE:1,",
            "KETTLE:٣",
        ),
        *("KETTLE:1,KETTLE:1", "KETTLE:%00", "A%00B:1", f"{'K' * 65}:1", "KETTLE:1/", "KETTLE:1;LID:1"),
        ",".join(f"S{number}:1" for number in range(21)),
    ],
)
def test_a_link_that_cannot_be_read_says_which_piece_and_changes_nothing(
    shop: int, rows: Rows, items: str
) -> None:
    before = rows()
    answer = Client().get(f"/go/{items}")
    assert answer.status_code == 400
    assert b"items" in answer.content
    assert rows() == before
    assert "cart" not in answer.cookies
