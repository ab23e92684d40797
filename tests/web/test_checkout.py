"""From *Buy* to a paid order, through the pages."""

from __future__ import annotations

import re
import threading

import pytest
from django.db import connection
from django.test import Client

from tacit.catalog.models import Stock
from tacit.checkout import wording
from tacit.checkout.models import CartLine, Order, Payment
from tacit.checkout.types.payment import PaymentMethod, PaymentProvider, PaymentState
from tacit.core import ports
from tacit.web import links
from tests.checkout.fake_provider import FakeProvider
from tests.web.conftest import TYPED, Rows, hidden, order_form, with_kettle


def placed(client: Client) -> Client:
    answer = client.post("/checkout", order_form(client))
    assert answer.status_code == 303, answer.content.decode()
    return client


@pytest.mark.django_db
def test_buying_takes_five_requests_and_ends_at_the_order(shop: int) -> None:
    client = Client()
    client.get("/p/kettle")
    answer = client.post("/buy", {"variant": shop})
    assert (answer.status_code, answer["Location"]) == (303, "/checkout")
    cookie = answer.cookies["cart"]
    assert (cookie["httponly"], cookie["samesite"], cookie["max-age"]) == (True, "Lax", 60 * 24 * 60 * 60)
    page = client.get("/checkout")
    assert page["Cache-Control"] == "private, no-cache"
    answer = client.post("/checkout", order_form(client))
    assert answer.status_code == 303
    order = Order.objects.get()
    assert answer["Location"] == f"/order/{order.number}/{links.signature(order.number)}"
    page = client.get(answer["Location"])
    assert page.status_code == 200
    assert page["Cache-Control"] == "private, no-store"
    for text in (order.number, "€43.90", "Ana Berg", "Hafenweg 3", "Germany", "card ending 4242"):
        assert text in page.content.decode()
    assert (order.status, order.total_minor) == ("paid", 4390)


@pytest.mark.django_db
def test_the_total_stands_before_the_first_field_and_seven_fields_are_enough(shop: int) -> None:
    html = with_kettle(shop).get("/checkout").content.decode()
    assert html.index("€43.90") < html.index('name="email"')
    visible = [name for name in TYPED if f'name="{name}" type="' in html]
    assert visible == ["email", "name", "line1", "line2", "postcode", "city"]
    assert "€48.90" in html, "the total of the other way of sending"


@pytest.mark.django_db
def test_buying_the_same_again_keeps_one_cart(shop: int) -> None:
    client = with_kettle(shop)
    answer = client.post("/buy", {"variant": shop})
    assert "cart" not in answer.cookies
    assert list(CartLine.objects.values_list("quantity")) == [(1,)]


@pytest.mark.django_db
def test_the_chosen_way_of_sending_decides_the_total(shop: int) -> None:
    client = with_kettle(shop)
    client.post("/checkout", order_form(client, shipping="express"))
    assert Order.objects.get().total_minor == 3900 + 990


@pytest.mark.django_db
def test_changing_a_quantity_loses_nothing_typed(shop: int) -> None:
    client = with_kettle(shop)
    line = CartLine.objects.get().pk
    answer = client.post(f"/checkout/line/{line}", {**order_form(client), "quantity": "3", "email": "half@"})
    html = answer.content.decode()
    assert answer.status_code == 200
    assert "€117.00" in html
    assert 'value="half@"' in html
    assert 'value="Hafenweg 3"' in html
    assert "aria-invalid" not in html
    answer = client.post(f"/checkout/line/{line}", {"quantity": "0", "shipping": "express"})
    assert (answer.status_code, answer["Location"]) == (303, "/checkout?shipping=express")
    assert "Your cart is empty" in client.get("/checkout").content.decode()
    assert client.get(f"/checkout/line/{line}").status_code == 303


@pytest.mark.django_db
def test_a_declined_card_keeps_everything_typed_and_gives_a_fresh_key(shop: int) -> None:
    client = with_kettle(shop)
    form = order_form(client, method="bad")
    answer = client.post("/checkout", form)
    html = answer.content.decode()
    assert answer.status_code == 402
    assert "Nothing was charged" in html
    for value in ("ana@example.com", "Ana Berg", "Hafenweg 3", "20457", "Hamburg"):
        assert f'value="{value}"' in html
    assert hidden(html, "key") != form["key"]
    assert client.post("/checkout", {**form, "key": hidden(html, "key"), "method": "good"}).status_code == 303
    assert [order.status for order in Order.objects.order_by("id")] == ["failed", "paid"]
    assert Stock.objects.get(variant=shop).claimed == 1


@pytest.mark.django_db
def test_a_payment_on_its_way_is_said_plainly_and_looked_at_again(shop: int, provider: FakeProvider) -> None:
    client = with_kettle(shop)
    answer = client.post("/checkout", order_form(client, method="slow"))
    html = client.get(answer["Location"]).content.decode()
    assert '<meta http-equiv="refresh" content="5">' in html
    assert "waiting for your payment" in html
    provider.turn(Payment.objects.get().reference, PaymentState.AUTHORISED)
    back = client.get(answer["Location"] + "/return")
    assert (back.status_code, back["Location"]) == (303, answer["Location"])
    html = client.get(answer["Location"]).content.decode()
    assert "refresh" not in html
    assert Order.objects.get().status == "paid"


@pytest.mark.django_db
def test_an_unreachable_provider_leaves_an_order_that_waits(shop: int, provider: FakeProvider) -> None:
    client = with_kettle(shop)
    form = order_form(client)
    provider.drop_answers = True
    answer = client.post("/checkout", form)
    assert answer.status_code == 303
    assert "refresh" in client.get(answer["Location"]).content.decode()
    provider.down = True
    assert client.get(answer["Location"] + "/return").status_code == 303
    provider.down = provider.drop_answers = False
    client.get(answer["Location"] + "/return")
    assert Order.objects.get().status == "paid"
    assert len(provider.payments) == 1


@pytest.mark.django_db
def test_coming_back_declined_leads_to_checkout_with_everything_filled_in(
    shop: int, provider: FakeProvider
) -> None:
    client = with_kettle(shop)
    answer = client.post("/checkout", order_form(client, method="page"))
    assert answer.status_code == 303
    order = Order.objects.get()
    provider.turn(Payment.objects.get().reference, PaymentState.DECLINED)
    back = client.get(links.order_path(order.number) + "/return")
    assert back["Location"].startswith("/checkout?declined=")
    html = client.get(back["Location"]).content.decode()
    assert "Nothing was charged" in html
    assert 'value="Hafenweg 3"' in html


@pytest.mark.django_db
def test_another_total_than_seen_is_confirmed_anew(shop: int, rows: Rows) -> None:
    client = with_kettle(shop)
    form = order_form(client, total_standard="40.00")
    before = rows()
    answer = client.post("/checkout", form)
    html = answer.content.decode()
    assert answer.status_code == 409
    assert "€40.00" in html
    assert "€43.90" in html
    assert 'value="Hafenweg 3"' in html
    assert rows() == before


@pytest.mark.django_db
def test_where_nobody_can_pay_it_says_so_and_takes_no_order(
    shop: int, rows: Rows, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = with_kettle(shop)
    form = order_form(client)
    monkeypatch.delitem(ports._adapters, (PaymentProvider, ""))
    before = rows()
    for answer in (client.get("/checkout"), client.post("/checkout", form)):
        html = answer.content.decode()
        assert "There is no way to pay at the moment. Please talk to a person." in html
        assert "This places a binding order" not in html
        buttons = re.findall(r"<button[^>]*>(?=(?:<span>|\s)*Order and pay)", html)
        assert len(buttons) == 2
        assert all(" disabled" in button for button in buttons), "nor does the Enter key send it"
    assert answer.status_code == 422
    assert rows() == before


@pytest.mark.django_db
def test_sold_out_says_what_is_left(shop: int, rows: Rows) -> None:
    client = with_kettle(shop, quantity=3)
    form = order_form(client)
    for left, says in ((2, "Only 2"), (0, "Sold out just now")):
        Stock.objects.filter(variant=shop).update(on_hand=left)
        before = rows()
        answer = client.post("/checkout", form)
        assert answer.status_code == 409
        assert says in answer.content.decode()
        assert rows() == before


@pytest.mark.django_db
def test_a_key_is_needed_and_works_once(shop: int, rows: Rows) -> None:
    client = with_kettle(shop)
    form = order_form(client)
    before = rows()
    without = {name: value for name, value in form.items() if name != "key"}
    assert client.post("/checkout", without).status_code == 400
    assert client.post("/checkout", {**form, "key": "x y"}).status_code == 400
    assert rows() == before

    first = client.post("/checkout", form)
    assert first.status_code == 303
    after = rows()
    again = client.post("/checkout", form)
    assert (again.status_code, again["Location"]) == (303, first["Location"])
    other = client.post("/checkout", {**form, "name": "Somebody Else"})
    assert other.status_code == 422
    assert rows() == after


@pytest.mark.django_db
def test_the_key_may_come_as_a_header(shop: int) -> None:
    client = with_kettle(shop)
    form = order_form(client)
    key = form.pop("key")
    first = client.post("/checkout", form, headers={"Idempotency-Key": key})
    assert first.status_code == 303
    assert client.post("/checkout", {**form, "key": key})["Location"] == first["Location"]
    assert Order.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_the_same_order_sent_while_it_is_being_placed_is_told_to_wait(
    shop: int, provider: FakeProvider, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = with_kettle(shop)
    form = order_form(client)
    asked, go_on = threading.Event(), threading.Event()
    authorise = provider.authorise

    def slowly(request: object) -> object:
        asked.set()
        assert go_on.wait(20)
        return authorise(request)  # type: ignore[arg-type]

    monkeypatch.setattr(provider, "authorise", slowly)
    answers: list[int] = []

    def order() -> None:
        try:
            answers.append(client.post("/checkout", form).status_code)
        finally:
            connection.close()

    first = threading.Thread(target=order)
    first.start()
    assert asked.wait(20)
    second = Client()
    second.cookies = client.cookies
    again = second.post("/checkout", form)
    go_on.set()
    first.join()
    assert again.status_code == 409
    assert again["Retry-After"]
    assert hidden(again.content.decode(), "key") == form["key"]
    assert answers == [303]
    assert second.post("/checkout", form).status_code == 303
    assert Order.objects.count() == 1


def test_a_product_in_another_currency_offers_a_way_on(client, kettle, provider, now):
    from decimal import Decimal

    from tacit.catalog import actions as catalog
    from tacit.catalog.models import Variant
    from tacit.catalog.types import NewProduct, NewVariant
    from tacit.checkout.models import CartLine
    from tacit.core.money import Money

    catalog.set_tax_rate(code="standard", name="Standard", country="GB", percent=Decimal(20))
    pounds = NewVariant(sku="POUNDS", prices=(Money(100, "GBP"),), stock=1)
    catalog.save_product(NewProduct(slug="pounds", name="In pounds", variants=(pounds,)), now=now)
    variant = Variant.objects.get(sku="POUNDS").pk
    client.post("/buy", {"variant": kettle})
    refused = client.post("/buy", {"variant": variant})
    assert refused.status_code == 409
    assert b"Empty the cart and buy this" in refused.content
    assert [line.variant_id for line in CartLine.objects.all()] == [kettle]
    assert client.post("/buy", {"variant": variant, "instead": "1"}).status_code == 303
    assert [line.variant_id for line in CartLine.objects.all()] == [variant]


@pytest.mark.django_db
@pytest.mark.parametrize("code", ["cancelled_by_buyer", "declined_by_buyer"])
def test_who_cancelled_is_not_told_that_the_bank_declined(
    shop: int, provider: FakeProvider, code: str
) -> None:
    client = with_kettle(shop)
    client.post("/checkout", order_form(client, method="page"))
    reference = Payment.objects.get().reference
    provider.turn(reference, PaymentState.DECLINED)
    provider.payments[reference].decline_code = code
    back = client.get(links.order_path(Order.objects.get().number) + "/return")
    shown = client.get(back["Location"]).content.decode()
    assert "You cancelled; nothing was charged." in shown
    assert "Your bank" not in shown


@pytest.mark.django_db
def test_ways_to_pay_are_named_in_the_language_of_the_page(shop: int, provider: FakeProvider) -> None:
    named = PaymentMethod("good", "Card that works", labels={"de": "Karte, mit der es klappt"})
    provider.methods = lambda: (named,)  # type: ignore[method-assign]
    client = with_kettle(shop)
    assert "Card that works" in client.get("/checkout").content.decode()
    german = client.get("/de/checkout").content.decode()
    assert "Karte, mit der es klappt" in german
    assert "Card that works" not in german


def test_what_was_paid_with_is_said_as_the_provider_says_it() -> None:
    for known in ("Practice card ending 4242", "Visa ending 4242", "IBAN DE12", "ending 4242", ""):
        assert wording.instrument(known) == known
