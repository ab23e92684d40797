"""Who may see an order: the holder of its link, the person it belongs to, and nobody else."""

from __future__ import annotations

import pytest
from django.test import Client

from tacit.checkout.models import Order, Payment
from tacit.core.mail import Links
from tacit.web import links
from tests.web.conftest import order_form, signed_in, with_kettle


@pytest.fixture
def number(shop: int) -> str:
    client = with_kettle(shop)
    client.post("/checkout", order_form(client))
    return Order.objects.get().number


@pytest.mark.django_db
def test_a_link_opens_its_order_in_any_browser(number: str) -> None:
    assert Client().get(links.order_path(number)).status_code == 200


@pytest.mark.django_db
def test_the_links_for_mails_are_absolute(number: str, settings: object) -> None:
    mails: Links = links.OrderLinks()
    settings.SHOP_URL = "https://shop.example"  # type: ignore[attr-defined]
    assert mails.order(number) == f"https://shop.example/order/{number}/{links.signature(number)}"
    assert mails.home() == "https://shop.example/"
    assert links.return_address(number).startswith("https://shop.example/order/")


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("demo", "host", "origin"),
    [
        (True, "localhost:8003", "http://localhost:8003"),
        (True, "127.0.0.1:8003", "http://127.0.0.1:8003"),
        (False, "localhost:8003", "http://127.0.0.1:8003"),
    ],
)
def test_in_a_demo_alone_buyers_come_back_to_the_name_they_came_by(
    shop: int, settings: object, demo: bool, host: str, origin: str
) -> None:
    settings.SHOP_URL, settings.DEMO = "http://127.0.0.1:8003", demo  # type: ignore[attr-defined]
    client = with_kettle(shop)
    client.defaults["HTTP_HOST"] = host
    client.post("/checkout", order_form(client))
    assert Payment.objects.get().return_url.startswith(f"{origin}/order/")


@pytest.mark.django_db
@pytest.mark.parametrize("tail", ["", "/return"])
def test_a_forged_link_opens_nothing(number: str, tail: str) -> None:
    right = links.signature(number)
    forged = [
        "x" * 22,
        right[:-1],
        right + "A",
        right.swapcase(),
        links.signature("000000000000"),
        "%00" * 3,
        "é" * 22,
        "x" * 3000,
    ]
    for signature in forged:
        answer = Client().get(f"/order/{number}/{signature}{tail}")
        assert answer.status_code == 404
        assert number not in answer.content.decode()
    unknown = "0" * 12
    assert Client().get(f"/order/{unknown}/{links.signature(unknown)}{tail}").status_code == 404


@pytest.mark.django_db
def test_a_link_dies_with_the_secret(number: str, settings: object) -> None:
    path = links.order_path(number)
    settings.SECRET_KEY = "another secret key that is long enough"  # type: ignore[attr-defined]
    assert Client().get(path).status_code == 404


@pytest.mark.django_db
def test_my_orders_are_mine(shop: int) -> None:
    ana = signed_in("ana@example.com")
    ana.post("/buy", {"variant": shop})
    ana.post("/checkout", order_form(ana))
    number = Order.objects.get().number
    assert number in ana.get("/orders").content.decode()
    ben = signed_in("ben@example.com")
    assert number not in ben.get("/orders").content.decode()
    assert Client().get("/orders")["Location"] == "/sign-in?next=/orders"


@pytest.mark.django_db
def test_a_returning_person_finds_the_fields_filled_in(shop: int) -> None:
    ana = signed_in("ana@example.com")
    ana.post("/buy", {"variant": shop})
    ana.post("/checkout", order_form(ana))
    ana.post("/buy", {"variant": shop})
    assert 'value="Hafenweg 3"' in ana.get("/checkout").content.decode()
