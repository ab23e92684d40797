"""Every field of every shopper's form with what it must not take: the field is named, nothing changes."""

from __future__ import annotations

import io
import logging

import pytest
from django.test import Client
from pytest_django.fixtures import Settings

from tacit.catalog.models import Variant
from tacit.checkout.models import CartLine
from tacit.config import logs
from tests.web.conftest import Rows, order_form, with_kettle

LONG = "x" * 5000
NOT_NUMBERS = ["", "one", "1.5", "1e3", "0x1", "-1", "0", "1000", "9" * 30, "1\x00", "１", "1;2"]


@pytest.mark.django_db
@pytest.mark.parametrize("quantity", [each for each in NOT_NUMBERS if each and each != "１"])
def test_buy_refuses_quantities(shop: int, rows: Rows, quantity: str) -> None:
    before = rows()
    answer = Client().post("/buy", {"variant": shop, "quantity": quantity})
    assert answer.status_code == 422
    html = answer.content.decode()
    assert html.index("<h1>Something does not fit</h1>") < html.index("422 · quantity")
    assert "cart" not in answer.cookies
    assert rows() == before


@pytest.mark.django_db
@pytest.mark.parametrize("variant", ["", "one", "-1", "0", "9" * 30, "999999999", "1' OR '1'='1", LONG])
def test_buy_refuses_what_is_not_for_sale(shop: int, rows: Rows, variant: str) -> None:
    before = rows()
    answer = Client().post("/buy", {"variant": variant})
    assert 400 <= answer.status_code < 500
    assert b"variant" in answer.content
    assert rows() == before


@pytest.mark.django_db
@pytest.mark.parametrize(
    "cookie", ["", "short", "x" * 22, "x" * 5000, "../../etc", "' OR 1=1 --", "\xff\xfe"]
)
def test_a_made_up_cart_is_no_cart(shop: int, rows: Rows, cookie: str) -> None:
    client = Client()
    client.cookies["cart"] = cookie
    before = rows()
    assert "Your cart is empty" in client.get("/checkout").content.decode()
    assert rows() == before
    client.post("/buy", {"variant": shop})
    assert client.cookies["cart"].value != cookie


@pytest.mark.django_db
@pytest.mark.parametrize("quantity", ["", "one", "-1", "1000", "1.5", "9" * 30])
def test_a_line_refuses_quantities(shop: int, rows: Rows, quantity: str) -> None:
    client = with_kettle(shop)
    line = CartLine.objects.get().pk
    before = rows()
    answer = client.post(f"/checkout/line/{line}", {"quantity": quantity})
    assert answer.status_code == 422
    assert b"quantity" in answer.content
    assert rows() == before


@pytest.mark.django_db
def test_somebody_elses_line_cannot_be_changed(shop: int, rows: Rows) -> None:
    with_kettle(shop)
    theirs = CartLine.objects.get().pk
    lid = Variant.objects.get(sku="LID").pk
    for stranger in (with_kettle(lid), Client()):
        before = rows()
        for quantity in ("0", "5"):
            answer = stranger.post(f"/checkout/line/{theirs}", {"quantity": quantity})
            assert answer.status_code in {404, 422}
        for line in (0, 10**18, 10**40):
            assert stranger.post(f"/checkout/line/{line}", {"quantity": "0"}).status_code in {404, 422}
        assert rows() == before


WRONG = [
    ("email", ""),
    ("email", "ana"),
    ("email", "ana@"),
    ("email", "a" * 250 + "@example.com"),
    ("email", "ana@example.com\nBcc: all@example.com"),
    ("email", "ana\x00@example.com"),
    ("name", ""),
    ("name", "   "),
    ("name", "n" * 101),
    ("name", "Ana\x00Berg"),
    ("name", "Ana\x1b[31m"),
    ("name", "Ana\u202egreB"),
    ("name", "Ana\nBerg"),
    ("line1", ""),
    ("line1", "l" * 121),
    ("line1", "Hafen\x07weg"),
    ("line2", "l" * 121),
    ("line2", "2\u2028nd"),
    ("postcode", ""),
    ("postcode", "1" * 21),
    ("postcode", "20\x00457"),
    ("city", ""),
    ("city", "c" * 81),
    ("city", "Ham\x85burg"),
    ("country", ""),
    ("country", "de"),
    ("country", "Germany"),
    ("country", "D\n"),
    ("country", "US"),
    ("country", LONG),
    ("shipping", ""),
    ("shipping", "drone"),
    ("shipping", "../express"),
    ("shipping", LONG),
    ("method", ""),
    ("method", "gold"),
    ("method", "good\x00"),
    ("method", LONG),
    ("currency", ""),
    ("currency", "GBP"),
    ("currency", "euro"),
    ("currency", "XXQ"),
    ("total_standard", ""),
    ("total_standard", "-43.90"),
    ("total_standard", "43.901"),
    ("total_standard", "NaN"),
    ("total_standard", "1e3"),
    ("total_standard", "Infinity"),
    ("total_standard", "9" * 30),
    ("key", "x" * 81),
    ("key", "abc\x00defgh"),
]


@pytest.mark.django_db
@pytest.mark.parametrize(("field", "value"), WRONG)
def test_ordering_refuses_each_field_and_keeps_the_others(
    shop: int, rows: Rows, field: str, value: str
) -> None:
    client = with_kettle(shop)
    form = order_form(client)
    before = rows()
    answer = client.post("/checkout", {**form, field: value})
    html = answer.content.decode()
    assert answer.status_code in {400, 409, 422}
    assert rows() == before
    if field in {"email", "name", "line1", "line2", "postcode", "city", "country", "shipping", "method"}:
        assert f'id="id_{field}_error"' in html
        kept = "Hafenweg 3" if field != "line1" else "Ana Berg"
        assert f'value="{kept}"' in html


@pytest.mark.django_db
@pytest.mark.parametrize(
    "gone",
    [
        "email",
        "name",
        "line1",
        "postcode",
        "city",
        "country",
        "shipping",
        "method",
        "currency",
        "total_standard",
    ],
)
def test_ordering_refuses_a_missing_field(shop: int, rows: Rows, gone: str) -> None:
    client = with_kettle(shop)
    form = order_form(client)
    del form[gone]
    before = rows()
    assert client.post("/checkout", form).status_code == 422
    assert rows() == before


@pytest.mark.django_db
def test_ordering_without_a_cart_orders_nothing(shop: int, rows: Rows) -> None:
    form = order_form(with_kettle(shop))
    before = rows()
    answer = Client().post("/checkout", form)
    assert 400 <= answer.status_code < 500
    assert "Your cart is empty" in answer.content.decode()
    assert rows() == before


@pytest.mark.django_db
def test_too_large_or_broken_bodies_are_refused(shop: int, rows: Rows) -> None:
    client = with_kettle(shop)
    before = rows()
    huge = client.post("/checkout", {"name": "x" * 300_000})
    many = client.post("/checkout", {f"field{n}": "1" for n in range(300)})
    broken = client.generic("POST", "/checkout", b"--x\r\nno", content_type="multipart/form-data; boundary=x")
    json = client.post("/checkout", "{}", content_type="application/json")
    bytes_ = client.generic(
        "POST", "/buy", b"variant=%ff%fe", content_type="application/x-www-form-urlencoded"
    )
    assert {answer.status_code for answer in (huge, many, broken, json, bytes_)} <= {400, 413, 422}
    assert rows() == before


@pytest.mark.django_db
@pytest.mark.parametrize(
    "headers",
    [
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
    ],
)
@pytest.mark.parametrize(
    "path", ["/buy", "/checkout", "/sign-in", "/sign-in/code", "/sign-out", "/desk/stock"]
)
def test_other_sites_cannot_send_our_forms(shop: int, rows: Rows, headers: dict[str, str], path: str) -> None:
    client = with_kettle(shop)
    form = {**order_form(client), "variant": str(shop)}
    before = rows()
    assert client.post(path, form, headers=headers).status_code == 403
    assert rows() == before


@pytest.mark.django_db
def test_our_own_pages_can(shop: int) -> None:
    for headers in ({"Sec-Fetch-Site": "same-origin"}, {"Origin": "http://testserver"}, {}):
        assert Client().post("/buy", {"variant": shop}, headers=headers).status_code == 303


@pytest.mark.django_db
def test_input_that_is_refused_is_one_warning_line(shop: int, settings: Settings) -> None:
    """Too many fields, too many bytes: Django's own record of it has a traceback and says error."""
    client = Client()
    written = io.StringIO()
    kind = logs.config("lines")
    handler = logging.StreamHandler(written)
    handler.setFormatter(kind["formatters"]["text"]["()"](logs.LINE))
    for name in kind["handlers"]["stderr"].get("filters", []):
        handler.addFilter(kind["filters"][name]["()"]())
    logger = logging.getLogger("django.security")
    logger.addHandler(handler)
    try:
        many = "&".join(f"a{number}=1" for number in range(settings.DATA_UPLOAD_MAX_NUMBER_FIELDS + 100))
        assert client.get(f"/search?{many}").status_code == 400
        body = b"q=" + b"x" * (settings.DATA_UPLOAD_MAX_MEMORY_SIZE + 1)
        form = "application/x-www-form-urlencoded"
        assert client.post("/buy", body, content_type=form).status_code in {400, 413}
    finally:
        logger.removeHandler(handler)
    lines = written.getvalue().splitlines()
    assert len(lines) == 2, lines
    assert all(" WARNING django.security." in line for line in lines)
