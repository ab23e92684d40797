"""Acting from the desk's lists: the row alone for a script, whole pages without, and nothing done twice or lost."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qs, urlsplit

import pytest
from django.db import connection
from django.http import HttpResponseBase
from django.test import Client
from django.test.utils import CaptureQueriesContext

from tacit.catalog.models import Stock
from tacit.checkout.models import MoneyIntent, Order, OrderLine, Payment
from tacit.core import clock
from tacit.core.models import JournalReader, OutboxMail
from tests.web.conftest import failed_job, order_form, with_kettle

pytestmark = pytest.mark.django_db
PART = {"HX-Request": "true"}


def ordered(shop: int) -> str:
    client = with_kettle(shop)
    answer = client.post("/checkout", order_form(client))
    assert answer.status_code == 303, answer.content.decode()
    return Order.objects.latest("id").number


@pytest.fixture
def number(shop: int) -> str:
    return ordered(shop)


def text(answer: HttpResponseBase) -> str:
    return getattr(answer, "content", b"").decode()


def row_of(answer: HttpResponseBase, identifier: str) -> str:
    """The answer, which must be that one row and no page."""
    html = text(answer).strip()
    assert html.startswith("<tbody") and html.endswith("</tbody>"), html
    assert html.count("<tbody") == 1
    assert f'id="row-{identifier}"' in html
    return html


def taken(number: str) -> None:
    Payment.objects.filter(order__number=number).update(captured_minor=4390, state="captured")


def money_stuck(number: str) -> None:
    payment = Payment.objects.get(order__number=number)
    MoneyIntent.objects.create(
        payment=payment,
        key="stuck",
        kind="capture",
        amount_minor=4390,
        state="refused",
        error="not_today",
        due_at=payment.created_at,
        created_at=payment.created_at,
    )


ACTS = {
    "ship": ({"carrier": "DHL", "tracking": "00340"}, "is sent."),
    "refund": ({"amount": "5.00", "currency": "EUR", "reason": "scratched"}, "on its way back."),
    "cancel": ({}, "is cancelled."),
    "collect": ({}, "is asked again."),
}


@pytest.mark.parametrize("verb", ACTS)
@pytest.mark.parametrize("scripted", [True, False])
def test_an_act_changes_its_row_in_place_or_comes_back_to_the_list(
    number: str, desk: Client, verb: str, scripted: bool
) -> None:
    if verb == "refund":
        taken(number)
    if verb == "collect":
        money_stuck(number)
    fields, said = ACTS[verb]
    body = {**fields, "key": f"{verb}-0001", "back": "/desk/orders?status=paid", "place": "sending"}
    path = f"/desk/orders/{number}/{verb}"
    if scripted:
        answer = desk.post(path, body, headers=PART)
        assert answer.status_code == 200
        assert said in row_of(answer, f"sending-{number}")
    else:
        answer = desk.post(path, body)
        assert answer.status_code == 303
        assert urlsplit(answer["Location"]).path == "/desk/orders"
        assert parse_qs(urlsplit(answer["Location"]).query)["status"] == ["paid"]
        assert said in text(desk.get(answer["Location"]))
    order = Order.objects.get()
    assert order.status == {"ship": "shipped", "cancel": "cancelled"}.get(verb, "paid")
    wanted = list(MoneyIntent.objects.filter(state="pending").values_list("kind", "amount_minor"))
    assert (
        wanted
        == {
            "ship": [("capture", 4390)],
            "refund": [("refund", 500)],
            "cancel": [("void", 0)],
            "collect": [("capture", 4390)],
        }[verb]
    )


@pytest.mark.parametrize("scripted", [True, False])
def test_a_refused_act_keeps_what_was_typed_beside_its_reason(
    number: str, desk: Client, scripted: bool
) -> None:
    taken(number)
    body = {"key": "refund-01", "amount": "50.00", "currency": "EUR", "reason": "scratched", "back": "/desk"}
    answer = desk.post(f"/desk/orders/{number}/refund", body, headers=PART if scripted else {})
    assert answer.status_code == 409
    html = row_of(answer, f"all-{number}") if scripted else text(answer)
    assert "At most €43.90 can be given back." in html
    assert 'value="50.00" aria-invalid="true"' in html
    assert 'value="scratched"' in html
    assert not MoneyIntent.objects.exists()


@pytest.mark.parametrize(
    "away", ["https://evil.example/", "//evil.example", "/", "/deskolate", "javascript:x"]
)
def test_a_form_leads_back_to_the_desk_only(number: str, desk: Client, away: str) -> None:
    answer = desk.post(f"/desk/orders/{number}/ship", {"key": "abcdefgh", "back": away})
    assert answer["Location"].startswith(f"/desk/orders/{number}")


def test_stock_is_set_in_place_and_undone(shop: int, desk: Client) -> None:
    html = row_of(
        desk.post("/desk/stock", {"sku": "KETTLE", "on_hand": "7", "seen": "10"}, headers=PART), "kettle"
    )
    assert Stock.objects.get(variant=shop).on_hand == 7
    assert "Undo: back to 10" in html
    undo = {"sku": "KETTLE", "on_hand": "10", "seen": "7"}
    Stock.objects.filter(variant=shop).update(on_hand=6)  # one was sent meanwhile
    refused = desk.post("/desk/stock", undo, headers=PART)
    assert refused.status_code == 422
    assert "there are 6 now" in row_of(refused, "kettle")
    assert Stock.objects.get(variant=shop).on_hand == 6
    Stock.objects.filter(variant=shop).update(on_hand=7)
    back = desk.post("/desk/stock", {**undo, "back": "/desk/stock?q=ket"})["Location"]
    assert Stock.objects.get(variant=shop).on_hand == 10
    assert "Undo: back to 7" in text(desk.get(back))


@pytest.mark.parametrize("scripted", [True, False])
def test_a_given_up_mail_is_sent_again_once(desk: Client, scripted: bool) -> None:
    mail = OutboxMail.objects.latest("id")
    OutboxMail.objects.filter(pk=mail.pk).update(status="failed", attempts=12, error="no such host")
    assert "1 mail given up" in text(desk.get("/desk"))
    assert "no such host" in text(desk.get("/desk/outbox?status=failed"))
    path = f"/desk/outbox/{mail.pk}/again"
    answer = desk.post(path, {"back": "/desk"}, headers=PART if scripted else {})
    if scripted:
        assert "It is sent again." in row_of(answer, f"mail-{mail.pk}")
    else:
        assert "It is sent again." in text(desk.get(answer["Location"]))
    mail.refresh_from_db()
    assert (mail.status, mail.attempts, mail.error) == ("queued", 0, "")
    assert desk.post(path, headers=PART if scripted else {}).status_code == 409
    assert desk.post(f"/desk/outbox/{10**30}/again").status_code == 404


@pytest.mark.parametrize("scripted", [True, False])
@pytest.mark.parametrize("verb", ["retry", "throw"])
def test_a_failed_job_runs_again_or_is_thrown_away(desk: Client, scripted: bool, verb: str) -> None:
    job = failed_job()
    assert "1 job failed" in text(desk.get("/desk"))
    headers = PART if scripted else {}
    answer = desk.post(f"/desk/jobs/{job}/{verb}", {"back": "/desk/jobs"}, headers=headers)
    said = "It runs again soon." if verb == "retry" else "It is thrown away."
    if scripted:
        assert said in row_of(answer, f"job-{job}")
    else:
        assert said in text(desk.get(answer["Location"]))
    with connection.cursor() as cursor:
        cursor.execute("SELECT status::text FROM procrastinate_jobs WHERE id = %s", [job])
        assert cursor.fetchone() == (("todo",) if verb == "retry" else None)
    assert desk.post(f"/desk/jobs/{job}/{verb}", headers=headers).status_code == 409


def test_a_job_is_not_doubled_by_trying_it_again(desk: Client) -> None:
    job = failed_job("core.send_mail", lock="core.send_mail")
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO procrastinate_jobs (queue_name, task_name, queueing_lock)"
            " VALUES ('default', 'core.send_mail', 'core.send_mail')"
        )
    answer = desk.post(f"/desk/jobs/{job}/retry", headers=PART)
    assert answer.status_code == 409
    assert "waits already" in row_of(answer, f"job-{job}")


def test_several_orders_are_looked_over_and_sent_each_by_itself(shop: int, desk: Client) -> None:
    Stock.objects.update(on_hand=10)
    numbers = [ordered(shop) for _ in range(3)]
    desk.post(f"/desk/orders/{numbers[2]}/cancel", {"key": "cancel-01"})
    page = text(desk.get("/desk/send", {"number": numbers}))
    assert "2 pieces go out, €87.80 is taken; 2 buyers get a mail." in page
    assert "These stay" in page
    body = {"number": numbers, "key": re.search(r'name="key" value="([^"]+)"', page)[1], "carrier": "DHL"}  # type: ignore[index]
    for _ in range(2):
        result = text(desk.post("/desk/send", body))
        assert "2 of 3 sent" in result
        assert result.count("The order no longer allows this.") == 1
    assert sorted(Order.objects.values_list("status", flat=True)) == ["cancelled", "shipped", "shipped"]
    assert MoneyIntent.objects.filter(kind="capture").count() == 2


@pytest.mark.parametrize("numbers", [[], ["x"] * 1 + ["A\x00"], [f"N{n}" for n in range(51)], ["N" * 500]])
def test_a_bad_choice_sends_nothing(number: str, desk: Client, numbers: list[str]) -> None:
    assert desk.get("/desk/send", {"number": numbers}).status_code == 422
    assert (
        desk.post(
            "/desk/send", {"number": [number, *numbers][:52] if numbers else [], "key": "k"}
        ).status_code
        == 422
    )
    assert Order.objects.get().status == "paid"


def test_the_desk_opens_on_what_needs_a_person(
    shop: int, desk: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert "Nothing needs you." in text(desk.get("/desk"))
    Stock.objects.update(on_hand=4)
    first = ordered(shop)
    statements = {}
    for orders in (1, 3):
        while Order.objects.count() < orders:
            ordered(shop)
        with CaptureQueriesContext(
            connection,
        ) as seen:
            page = text(desk.get("/desk"))
        statements[orders] = len(seen)
        assert f"{orders} order{'s' if orders > 1 else ''} to send" in page
    assert statements[1] == statements[3] <= 16
    assert "1 thing is running out" in page
    assert "3 sold in 30 days" in page
    money_stuck(first)
    JournalReader.objects.create(name="test.reader")
    monkeypatch.setattr(clock, "now", lambda: datetime.now(UTC) + timedelta(hours=1))
    page = text(desk.get("/desk"))
    assert "1 order whose money is stuck" in page
    assert "not_today" in page
    assert "1 reader is behind" in page


def test_an_order_tells_what_happened_to_it(number: str, desk: Client) -> None:
    desk.post(f"/desk/orders/{number}/ship", {"key": "abcdefgh", "carrier": "DHL", "tracking": "00340"})
    OutboxMail.objects.create(
        dedupe=f"checkout.letters:{number}:1",
        message_id="m1",
        to="ana@example.com",
        subject="Hello Ana",
        text="",
        html="",
        due_at=clock.now(),
        created_at=clock.now(),
    )
    page = text(desk.get(f"/desk/orders/{number}"))
    happened = page[page.index("What happened") :]
    for word in ("Placed", "Payment asked for", "Parcel packed", "DHL 00340", "Being taken", "Hello Ana"):
        assert word in happened


def test_orders_of_a_day_are_those_of_the_shops_day(number: str, desk: Client) -> None:
    placed = Order.objects.get().placed_at
    for shift, found in ((0, True), (1, False), (-1, False)):
        day = (placed + timedelta(days=shift)).date().isoformat()
        assert (number in text(desk.get(f"/desk/orders?day={day}"))) is found
    assert desk.get("/desk/orders?day=2026-13-45").status_code == 422


def test_an_order_sent_meanwhile_says_so_and_what_is_left_is_told_by_line(shop: int, desk: Client) -> None:
    Stock.objects.update(on_hand=10)
    numbers = [ordered(shop), ordered(shop)]
    OrderLine.objects.filter(order__number=numbers[1]).update(quantity=3, shipped=1)
    page = text(desk.get("/desk/send", {"number": numbers}))
    assert "1 × Enamel kettle" in page
    assert "2 × Enamel kettle" in page
    key = re.search(r'name="key" value="([^"]+)"', page)
    assert key
    desk.post(f"/desk/orders/{numbers[0]}/ship", {"key": "ship-0001", "carrier": "DHL", "tracking": "1"})
    assert "It was sent already." in text(desk.get("/desk/send", {"number": numbers}))
    result = text(desk.post("/desk/send", {"number": numbers[:1], "key": key[1], "carrier": "DHL"}))
    assert "It was sent already." in result
    assert "no longer allows" not in result
