"""A link that fills the cart: it adds and never orders, twice is once, and says what it left out."""

from __future__ import annotations

import pytest
from django.test import Client

from tacit.catalog.models import Product, Stock
from tacit.checkout.actions import our_shop
from tacit.checkout.models import Cart, CartLine, Order
from tacit.web import basket_link
from tests.web.conftest import Rows, signed_in, with_kettle

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
    assert first["Referrer-Policy"] == "no-referrer"
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
    assert Client().post("/go/KETTLE:1", headers={"sec-fetch-site": "cross-site"}).status_code == 403
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
    assert "%" not in link
    Client().get("/" + link.split("/", 3)[3])
    assert lines() == {sku: 2, "LID": 1}


def test_an_article_number_is_written_as_the_permalink_form_writes_it() -> None:
    assert basket_link.written({"gid://shopify/ProductVariant/70881412": 2, "a_b.c-1": 1}) == (
        "~Z2lkOi8vc2hvcGlmeS9Qcm9kdWN0VmFyaWFudC83MDg4MTQxMg:2,a_b.c-1:1"
    )
    assert basket_link.read("~S0VUVExF:2,Ä b:1") == {"KETTLE": 2, "Ä b": 1}


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
        *("KETTLE:1,~S0VUVExF:1", "~S0VUVExF=:1", "~TEl:1", "~S0VUVExFA:1", "~:1", "~_w:1", "~AA:1", "~Ä:1"),
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


@pytest.mark.parametrize(
    ("wish", "leads_to"),
    [
        ("continue_to=/c/kitchen", "/c/kitchen"),
        ("continue_to=/search%3Fq%3Dkettle%2520lid&utm_source=x", "/search?q=kettle%20lid"),
        ("continue_to=/p/%C3%A4", "/p/%C3%A4"),
        ("continue_to=/c/../p/./kettle", "/p/kettle"),
        ("utm_source=x&buyer/email=ana@example.com&access_token=secret", "/checkout"),
        *(
            (f"continue_to={bad}", "/checkout")
            for bad in (
                *(
                    "//evil.example",
                    "https://evil.example",
                    "/%5Cevil.example",
                    "/.//evil.example",
                    "evil",
                    "",
                ),
                *("/c%0d%0aSet-Cookie:x", "/c%09", "/c%20d", "javascript:alert(1)", "/" + "a" * 500),
                "/c/kitchen&continue_to=/c/kitchen",
            )
        ),
    ],
)
def test_it_leads_on_to_a_page_of_ours_and_passes_nothing_else_on(
    shop: int, wish: str, leads_to: str
) -> None:
    answer = Client().get(f"/go/KETTLE:1?{wish}")
    assert (answer.status_code, answer["Location"]) == (303, leads_to)
    assert lines() == {"KETTLE": 1}


def test_without_items_it_only_leads_on(shop: int, rows: Rows) -> None:
    before = rows()
    assert Client().get("/go?continue_to=/c/kitchen")["Location"] == "/c/kitchen"
    assert Client().get("/de/go")["Location"] == "/de/"
    assert rows() == before


def test_what_is_left_out_is_said_before_going_on(shop: int) -> None:
    Stock.objects.filter(variant__sku="LID").update(on_hand=0)
    answer = Client().get("/go/KETTLE:1,LID:1?continue_to=/c/kitchen")
    assert answer["Location"].startswith("/checkout?left_out=")


def test_who_is_signed_in_and_has_begun_a_cart_is_asked_first(shop: int, rows: Rows) -> None:
    client = signed_in("ana@example.com")
    assert client.get("/go/KETTLE:1")["Location"] == "/checkout", "an empty cart is filled at once"
    before = rows()
    asked = client.get("/go/LID:1?continue_to=/c/kitchen")
    html = asked.content.decode()
    assert (asked.status_code, rows()) == (200, before)
    assert "1 × Kettle lid" in html
    assert "1 × Enamel kettle" in html
    assert '<form class="stack" method="post">' in html, "it sends to where it came from"
    answer = client.post("/go/LID:1?continue_to=/c/kitchen")
    assert (answer.status_code, answer["Location"]) == (303, "/c/kitchen")
    assert lines() == {"KETTLE": 1, "LID": 1}
