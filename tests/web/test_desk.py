"""The desk: for staff only, and every change asked for properly or not at all."""

from __future__ import annotations

import pytest
from django.test import Client

from tacit.catalog.models import Stock
from tacit.checkout.models import MoneyIntent, Order, Payment
from tacit.core.models import OutboxMail
from tests.web.conftest import Rows, order_form, signed_in, with_kettle

PAGES = ["/desk", "/desk/orders", "/desk/stock", "/desk/outbox", "/desk/jobs", "/desk/journal"]


@pytest.fixture
def number(shop: int) -> str:
    client = with_kettle(shop)
    client.post("/checkout", order_form(client))
    return Order.objects.get().number


@pytest.mark.django_db
def test_the_desk_is_not_there_for_others(number: str, desk: Client, rows: Rows) -> None:
    shopper = signed_in("ana@example.com")
    mail = OutboxMail.objects.latest("id").pk
    changes = [f"/desk/orders/{number}/{verb}" for verb in ("ship", "refund", "cancel")] + ["/desk/stock"]
    before = rows()
    for path in [*PAGES, f"/desk/orders/{number}", f"/desk/outbox/{mail}"]:
        assert desk.get(path).status_code == 200
        assert shopper.get(path).status_code == 404
        assert Client().get(path)["Location"].startswith("/sign-in?next=%2Fdesk")
    body = {
        "key": "abcdefgh",
        "sku": "KETTLE",
        "on_hand": "1",
        "amount": "1",
        "currency": "EUR",
        "reason": "x",
    }
    for path in changes:
        assert shopper.post(path, body).status_code == 404
        assert Client().post(path, body)["Location"].startswith("/sign-in")
    assert rows() == before


@pytest.mark.django_db
def test_orders_are_found_by_number_mail_and_status(number: str, desk: Client) -> None:
    for query in (f"q={number.lower()}", "q=ANA@example.com", "status=paid", ""):
        assert number in desk.get(f"/desk/orders?{query}").content.decode()
    for query in ("q=nobody@example.com", "status=shipped", f"q={number[:-1]}"):
        assert number not in desk.get(f"/desk/orders?{query}").content.decode()


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("path", "field"),
    [
        ("/desk/orders?status=lost", "status"),
        ("/desk/orders?page=0", "page"),
        ("/desk/orders?q=%00", "q"),
        ("/desk/orders?q=" + "x" * 300, "q"),
        ("/desk/stock?page=x", "page"),
        ("/desk/stock?q=%1b", "q"),
    ],
)
def test_bad_questions_name_their_field(desk: Client, path: str, field: str) -> None:
    answer = desk.get(path)
    assert answer.status_code == 422
    assert f"· {field}</p>" in answer.content.decode()


@pytest.mark.django_db
def test_sending_says_what_will_happen_and_happens_once(number: str, desk: Client) -> None:
    page = desk.get(f"/desk/orders/{number}").content.decode()
    assert "1 piece goes out, €43.90 is taken" in page
    body = {"key": "ship-once-1", "carrier": "DHL", "tracking": "00340"}
    for _ in range(2):
        assert desk.post(f"/desk/orders/{number}/ship", body).status_code == 303
    order = Order.objects.get()
    assert order.status == "shipped"
    assert order.shipments.count() == 1
    assert MoneyIntent.objects.filter(kind="capture").count() == 1
    assert "00340" in desk.get(f"/desk/orders/{number}").content.decode()
    again = desk.post(f"/desk/orders/{number}/ship", {**body, "key": "ship-twice-2"})
    assert again.status_code == 409


@pytest.mark.django_db
def test_cancelling_gives_the_goods_back(number: str, desk: Client) -> None:
    assert desk.post(f"/desk/orders/{number}/cancel", {"key": "cancel-01"}).status_code == 303
    assert Order.objects.get().status == "cancelled"
    assert Stock.objects.get(variant__sku="KETTLE").claimed == 0


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("changed", "status"),
    [
        ({"amount": ""}, 422),
        ({"amount": "ten"}, 422),
        ({"amount": "-1"}, 422),
        ({"amount": "0"}, 422),
        ({"amount": "1.001"}, 422),
        ({"amount": "9" * 25}, 422),
        ({"amount": "NaN"}, 422),
        ({"amount": "50.00"}, 409),
        ({"currency": "GBP"}, 422),
        ({"currency": "euro"}, 422),
        ({"currency": ""}, 422),
        ({"reason": ""}, 422),
        ({"reason": "x" * 201}, 422),
        ({"reason": "x\x00y"}, 422),
        ({"key": ""}, 400),
        ({"key": "x" * 81}, 422),
    ],
)
def test_a_refund_is_checked(
    number: str, desk: Client, rows: Rows, changed: dict[str, str], status: int
) -> None:
    Payment.objects.update(captured_minor=4390, state="captured")
    before = rows()
    body = {"key": "refund-01", "amount": "5.00", "currency": "EUR", "reason": "scratched", **changed}
    answer = desk.post(f"/desk/orders/{number}/refund", body)
    assert answer.status_code == status
    assert rows() == before
    assert 'class="why" role="alert"' in answer.content.decode()


@pytest.mark.django_db
def test_a_refund_is_promised_once(number: str, desk: Client) -> None:
    Payment.objects.update(captured_minor=4390, state="captured")
    body = {"key": "refund-01", "amount": "5,00", "currency": "EUR", "reason": "scratched"}
    for _ in range(2):
        assert desk.post(f"/desk/orders/{number}/refund", body).status_code == 303
    assert list(MoneyIntent.objects.values_list("kind", "amount_minor")) == [("refund", 500)]


@pytest.mark.django_db
@pytest.mark.parametrize("field", ["carrier", "tracking"])
@pytest.mark.parametrize("value", ["x" * 81, "a\x00b", "a\x1bb"])
def test_a_parcel_is_checked(number: str, desk: Client, rows: Rows, field: str, value: str) -> None:
    before = rows()
    answer = desk.post(f"/desk/orders/{number}/ship", {"key": "abcdefgh", field: value})
    assert answer.status_code == 422
    assert rows() == before


@pytest.mark.django_db
@pytest.mark.parametrize("verb", ["ship", "refund", "cancel"])
def test_an_unknown_order_is_not_found(desk: Client, shop: int, verb: str) -> None:
    body = {"key": "abcdefgh", "amount": "1", "currency": "EUR", "reason": "x"}
    for number in ("0" * 12, "x" * 2000, "%00"):
        assert desk.post(f"/desk/orders/{number}/{verb}", body).status_code == 404
        assert desk.get(f"/desk/orders/{number}").status_code == 404


@pytest.mark.django_db
def test_stock_is_set(shop: int, desk: Client) -> None:
    assert desk.post("/desk/stock", {"sku": "KETTLE", "on_hand": "7", "q": "ket"})["Location"].startswith(
        "/desk/stock?q=ket"
    )
    assert Stock.objects.get(variant=shop).on_hand == 7


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("sku", "on_hand"),
    [
        ("KETTLE", ""),
        ("KETTLE", "many"),
        ("KETTLE", "-1"),
        ("KETTLE", "1.5"),
        ("KETTLE", "9" * 20),
        ("KETTLE", "0"),
        ("", "1"),
        ("UNKNOWN", "1"),
        ("K" * 100, "1"),
        ("KETTLE\x00", "1"),
    ],
)
def test_stock_refuses(number: str, desk: Client, rows: Rows, sku: str, on_hand: str) -> None:
    before = rows()
    assert desk.post("/desk/stock", {"sku": sku, "on_hand": on_hand}).status_code == 422
    assert rows() == before


@pytest.mark.django_db
def test_sign_in_codes_stay_between_the_shop_and_their_reader(desk: Client) -> None:
    mail = OutboxMail.objects.latest("id")
    code = mail.text.split("\n\n")[1].strip()
    for path in ("/desk/outbox", f"/desk/outbox/{mail.pk}"):
        answer = desk.get(path)
        assert answer.status_code == 200
        assert code not in answer.content.decode()
    assert desk.get("/desk/outbox/999999").status_code == 404
    assert desk.get(f"/desk/outbox/{10**30}").status_code == 404


@pytest.mark.django_db
def test_the_demo_outbox_is_only_there_in_the_demo(settings: object) -> None:
    assert not settings.DEMO  # type: ignore[attr-defined]
    assert Client().get("/demo/outbox").status_code == 404
