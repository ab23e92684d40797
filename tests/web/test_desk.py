"""The desk: for staff only, and every change asked for properly or not at all."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta
from uuid import uuid4

import pytest
from django.test import Client

from tacit.accounts.types import NotAllowed, Visitor
from tacit.catalog import queries as catalog_queries
from tacit.catalog.models import Stock
from tacit.checkout import queries
from tacit.checkout.models import MoneyIntent, Order, Payment
from tacit.checkout.types.order import OrderStatus
from tacit.checkout.types.payment import PaymentState
from tacit.core import clock, jobs, journal, mail, webhooks
from tacit.core.models import OutboxMail
from tacit.web.urls import urlpatterns
from tests.conftest import NOW
from tests.web.conftest import Rows, failed_job, order_form, signed_in, with_kettle


@pytest.fixture
def number(shop: int) -> str:
    client = with_kettle(shop)
    client.post("/checkout", order_form(client))
    return Order.objects.get().number


BODY = {
    "key": "abcdefgh",
    "sku": "KETTLE",
    "on_hand": "1",
    "amount": "1",
    "currency": "EUR",
    "reason": "x",
}


def addresses(number: str) -> list[str]:
    """Every address of the desk there is."""
    arguments = {"<slug:number>": number, "<int:mail_id>": str(OutboxMail.objects.latest("id").pk)}
    arguments["<int:job_id>"] = str(failed_job())
    arguments["<uuid:key>"] = str(uuid4())
    arguments["<int:endpoint_id>"], arguments["<int:delivery_id>"] = webhook()
    routes = [str(each.pattern) for each in urlpatterns]
    found = ["/" + route for route in routes if re.match(r"desk(/|\Z)", route)]
    found.remove("/desk/outbox/<int:mail_id>/html")  # of this mail, which carries a code, nobody sees it
    for name, value in arguments.items():
        found = [path.replace(name, value) for path in found]
    assert len(found) > 15
    assert not any("<" in path for path in found)
    return found


def webhook() -> tuple[str, str]:
    """The ids of a receiver of webhooks and of a delivery to it."""
    house = Visitor(staff=True)
    made = webhooks.add(house, url="https://till.example/", description="", kinds=["order.paid"], now=NOW)
    return str(made), str(webhooks.send_test(house, made, now=NOW))


@pytest.mark.django_db
def test_no_address_of_the_desk_is_there_for_others(number: str, desk: Client, rows: Rows) -> None:
    shopper = signed_in("ana@example.com")
    paths = addresses(number)
    before = rows()
    for path in paths:
        shown = desk.get(path, {"number": number})
        if shown.status_code == 200:
            assert Client().get(path)["Location"].startswith("/sign-in?next=%2Fdesk"), path
            assert shopper.get(path).status_code == 404, path
        else:
            assert shown["Allow"] == "POST", path
        if "POST" not in desk.put(path)["Allow"]:
            continue
        for header in ({}, {"HX-Request": "true"}):
            assert shopper.post(path, {**BODY, "number": number}, headers=header).status_code == 404, path
        assert Client().post(path, BODY)["Location"].startswith("/sign-in"), path
        part = Client().post(path, BODY, headers={"HX-Request": "true"})
        assert (part.status_code, part.content) == (204, b""), path
        assert part["HX-Redirect"].startswith("/sign-in"), path
    assert rows() == before
    assert OutboxMail.objects.filter(status="failed").count() == 0
    assert jobs.counts()["failed"] == 1


NOBODY = Visitor(person=uuid4())
ASKED: dict[str, Callable[[Visitor], object]] = {
    "outbox": mail.outbox,
    "about": lambda who: mail.about(who, "checkout.letters:"),
    "message": lambda who: mail.message(who, 1),
    "mail row": lambda who: mail.row(who, 1),
    "send again": lambda who: mail.send_again(who, 1, now=NOW),
    "jobs": jobs.latest,
    "job row": lambda who: jobs.row(who, 1),
    "retry": lambda who: jobs.retry(who, 1, now=NOW),
    "throw away": lambda who: jobs.throw_away(who, 1, now=NOW),
    "journal": journal.latest,
    "endpoints": lambda who: webhooks.endpoints(who, now=NOW),
    "endpoint": lambda who: webhooks.endpoint(who, 1, now=NOW),
    "endpoints in trouble": lambda who: webhooks.troubled(who, now=NOW),
    "deliveries": webhooks.deliveries,
    "delivery": lambda who: webhooks.delivery(who, 1),
    "add an endpoint": lambda who: webhooks.add(
        who, url="https://till.example/", description="", kinds=["order.paid"], now=NOW
    ),
    "change an endpoint": lambda who: webhooks.change(
        who, 1, url="https://till.example/", description="", kinds=["order.paid"], now=NOW
    ),
    "secret": lambda who: webhooks.secret(who, 1, now=NOW),
    "new secret": lambda who: webhooks.rotate(who, 1, now=NOW),
    "switch on": lambda who: webhooks.switch_on(who, 1, now=NOW),
    "switch off": lambda who: webhooks.switch_off(who, 1, now=NOW),
    "test": lambda who: webhooks.send_test(who, 1, now=NOW),
    "deliver again": lambda who: webhooks.send_again(who, 1, now=NOW),
    "deliver all again": lambda who: webhooks.send_failed_again(who, 1, now=NOW),
    "forget deliveries": lambda who: webhooks.forget_failed(who, 1, now=NOW),
    "remove an endpoint": lambda who: webhooks.remove(who, 1, now=NOW),
    "orders": queries.staff_page,
    "rows": lambda who: queries.staff_rows(who, ["X"]),
    "history": lambda who: queries.order_history(who, "X"),
    "sales": lambda who: queries.sales_by_day(who, now=NOW),
    "running out": lambda who: queries.running_out(who, now=NOW),
    "scarce": lambda who: catalog_queries.scarce(who, {1: 1}, days=1, cover=1),
    "stock row": lambda who: catalog_queries.stock_row(who, "KETTLE"),
}


@pytest.mark.django_db
@pytest.mark.parametrize("asked", ASKED.values(), ids=ASKED)
def test_rows_of_the_house_are_reached_by_staff_alone(asked: Callable[[Visitor], object]) -> None:
    for who in (Visitor(), NOBODY):
        with pytest.raises(NotAllowed):
            asked(who)
    asked(Visitor(staff=True))


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
    assert "1 piece goes out, €43.90 is taken from" in page
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
    assert desk.get(f"/desk/outbox/{mail.pk}/html").status_code == 404
    assert desk.get("/desk/outbox/999999").status_code == 404
    assert desk.get(f"/desk/outbox/{10**30}").status_code == 404


@pytest.mark.django_db
def test_the_demo_outbox_is_only_there_in_the_demo(settings: object) -> None:
    assert not settings.DEMO  # type: ignore[attr-defined]
    assert Client().get("/demo/outbox").status_code == 404


@pytest.mark.django_db
def test_an_order_whose_money_lapsed_is_stuck_and_not_to_send(
    number: str, desk: Client, staff: Visitor
) -> None:
    to_send = desk.get("/desk/orders?status=paid").content.decode()
    assert f"/desk/orders/{number}" in to_send
    Payment.objects.update(state=PaymentState.VOIDED)
    assert f"/desk/orders/{number}" not in desk.get("/desk/orders?status=paid").content.decode()
    assert queries.staff_page(staff, status=OrderStatus.PAID).found == 0
    assert [row.number for row in queries.staff_page(staff, status=queries.TROUBLED).rows] == [number]
    assert f"/desk/orders/{number}" in desk.get("/desk/orders").content.decode()


@pytest.mark.django_db
def test_what_its_buyer_can_still_undo_is_marked_and_not_chosen(number: str, desk: Client) -> None:
    until = clock.now() + timedelta(minutes=5)
    word = "Its buyer can undo it until"
    box, send = f'name="number" value="{number}"', f'action="/desk/orders/{number}/ship"'
    for address in ("/desk", "/desk/orders?status=paid"):
        Order.objects.update(undo_until=until)
        html = desk.get(address).content.decode()
        assert (word in html, box in html, send in html) == (True, False, False)
        Order.objects.update(undo_until=clock.now())
        html = desk.get(address).content.decode()
        assert (word in html, box in html, send in html) == (False, True, True)
    Order.objects.update(undo_until=until)
    html = desk.get(f"/desk/send?number={number}").content.decode()
    assert (word in html, box in html) == (True, False)
