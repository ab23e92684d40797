"""Webhooks at the desk: a receiver from being added to being removed, and what did not arrive."""

from __future__ import annotations

import html
import re
from dataclasses import replace
from datetime import timedelta

import pytest
from django.http import HttpResponseBase
from django.test import Client
from django.utils import translation

from tacit.accounts.types import Visitor
from tacit.core import clock, webhooks
from tacit.core.events import KINDS
from tacit.core.models import JournalEntry, WebhookDelivery, WebhookEndpoint
from tacit.core.webhooks import address
from tacit.web.desk import webhook_words
from tests.web.conftest import hidden

pytestmark = pytest.mark.django_db
FORM = {"url": "https://till.example/hooks", "description": "Till", "kinds": ["order.paid", "stock.set"]}
PART = {"HX-Request": "true"}


def text(answer: HttpResponseBase) -> str:
    return html.unescape(getattr(answer, "content", b"").decode())


@pytest.fixture
def endpoint() -> int:
    return webhooks.add(
        Visitor(staff=True),
        url=FORM["url"],
        description="Till",
        kinds=["order.paid"],
        now=clock.now(),
    )


def failed(endpoint: int, message_id: str = "msg_1") -> int:
    now = clock.now()
    return WebhookDelivery.objects.create(
        endpoint_id=endpoint,
        kind="webhook.test",
        message_id=message_id,
        status="failed",
        attempts=10,
        due_at=now,
        created_at=now,
        code=500,
        error="status",
    ).pk


def test_a_receiver_is_added_shown_changed_and_removed(desk: Client) -> None:
    added = desk.post("/desk/webhooks/new", FORM)
    path = added["Location"].partition("?")[0]
    assert "give it to the program" in text(desk.get(added["Location"]))
    assert "whsec_" not in text(desk.get(path))
    first = re.search(r"whsec_[\w+/=]+", text(desk.post(f"{path}/do", {"do": "secret"})))
    assert first
    desk.post(f"{path}/do", {"do": "rotate"})
    second = re.search(r"whsec_[\w+/=]+", text(desk.post(f"{path}/do", {"do": "secret"})))
    assert second
    assert first[0] != second[0]
    assert desk.post(path, {**FORM, "kinds": ["order.shipped"]}).status_code == 303
    assert WebhookEndpoint.objects.get().kinds == ["order.shipped"]
    test = {"do": "test", "key": hidden(text(desk.get(path)), "key")}
    assert [desk.post(f"{path}/do", test).status_code for _ in range(2)] == [303, 303]
    assert WebhookDelivery.objects.count() == 1, "the same form sends one"
    assert desk.post(f"{path}/do", {"do": "test"}).status_code == 422
    assert "msg_" in text(desk.get("/desk/webhooks"))
    desk.post(f"{path}/do", {"do": "off"})
    assert "Switched off." in text(desk.get(path))
    assert desk.post(f"{path}/do", {**test, "key": "another-form"}).status_code == 409
    desk.post(f"{path}/do", {"do": "on"})
    assert desk.post(f"{path}/do", {"do": "remove"})["Location"] == "/desk/webhooks?did=removed"
    assert (WebhookEndpoint.objects.count(), desk.get(path).status_code) == (0, 404)
    noted = [row.data["what"] for row in JournalEntry.objects.filter(kind="webhook.changed").order_by("id")]
    assert noted == [
        "added",
        "secret_shown",
        "rotated",
        "secret_shown",
        "changed",
        "tested",
        "switched_off",
        "switched_on",
        "removed",
    ]


@pytest.mark.parametrize(
    ("changed", "field"),
    [
        ({"url": "http://till.example/"}, "url"),
        ({"url": "https://10.0.0.1/"}, "url"),
        ({"url": ""}, "url"),
        ({"url": "https://till.example/" + "x" * 600}, "url"),
        ({"url": "https://till.example/\x00"}, "url"),
        ({"kinds": []}, "kinds"),
        ({"kinds": ["person.signed_in"]}, "kinds"),
        ({"description": "x" * 101}, "description"),
    ],
)
@pytest.mark.parametrize("change", [False, True])
def test_what_is_typed_is_checked_and_not_lost(
    desk: Client, endpoint: int, changed: dict[str, object], field: str, change: bool
) -> None:
    path = f"/desk/webhooks/{endpoint}" if change else "/desk/webhooks/new"
    answer = desk.post(path, {**FORM, "url": "https://other.example/", **changed})
    assert answer.status_code == 422
    assert f'id="why-{field}"' in text(answer)
    if field != "description":
        assert 'value="Till"' in text(answer)
    assert list(WebhookEndpoint.objects.values_list("url", flat=True)) == [FORM["url"]]


def test_an_address_is_a_receiver_once(desk: Client, endpoint: int) -> None:
    answer = desk.post("/desk/webhooks/new", FORM)
    assert (answer.status_code, "a receiver already" in text(answer)) == (422, True)
    same = desk.post("/desk/webhooks/new", {**FORM, "kinds": ["order.paid"]})
    assert same["Location"] == f"/desk/webhooks/{endpoint}?did=added", (
        "the same form again is the one it added"
    )
    assert WebhookEndpoint.objects.count() == 1


@pytest.mark.parametrize("scripted", [True, False])
def test_what_was_given_up_is_a_need_until_it_is_sent_again_or_forgotten(
    desk: Client, endpoint: int, scripted: bool
) -> None:
    headers = PART if scripted else {}
    assert "receiver of webhooks" not in text(desk.get("/desk"))
    first, _second = failed(endpoint), failed(endpoint, "msg_2")
    assert "1 receiver of webhooks takes nothing" in text(desk.get("/desk"))
    again = desk.post(f"/desk/webhooks/sent/{first}/again", {"back": "/desk"}, headers=headers)
    if scripted:
        assert text(again).strip().startswith('<tbody class="row" role="rowgroup" id="row-delivery-')
    else:
        assert again["Location"] == "/desk?did=again"
    assert desk.post(f"/desk/webhooks/sent/{first}/again", headers=headers).status_code == 409
    assert WebhookDelivery.objects.get(pk=first).status == "queued"
    act = f"/desk/webhooks/{endpoint}/do"
    assert desk.post(act, {"do": "again", "back": "/desk"}, headers=headers).status_code in {200, 303}
    assert WebhookDelivery.objects.filter(status="failed").count() == 0
    failed(endpoint, "msg_3")
    done = desk.post(act, {"do": "forget", "back": "/desk"}, headers=headers)
    if scripted:
        assert text(done).strip().startswith('<tbody class="row" role="rowgroup" id="row-receiver-')
    assert "receiver of webhooks" not in text(desk.get("/desk"))
    assert WebhookDelivery.objects.count() == 2


def test_one_that_went_off_by_itself_is_a_need_until_somebody_says_so(desk: Client, endpoint: int) -> None:
    WebhookEndpoint.objects.update(off_at=clock.now(), off_reason="failing")
    assert "for days nothing arrived there" in text(desk.get("/desk"))
    desk.post(f"/desk/webhooks/{endpoint}/do", {"do": "off", "back": "/desk"})
    assert "for days nothing arrived there" not in text(desk.get("/desk"))


def test_one_that_takes_nothing_does_not_look_well(desk: Client, endpoint: int) -> None:
    assert 'class="tag sent"' in text(desk.get("/desk/webhooks"))
    WebhookEndpoint.objects.update(failing_since=clock.now())
    page = text(desk.get("/desk/webhooks"))
    assert ('class="tag failing"' in page, 'class="tag sent"' in page) == (True, False)


def test_the_log_is_filtered_and_paged(desk: Client, endpoint: int) -> None:
    now = clock.now()
    WebhookDelivery.objects.bulk_create(
        WebhookDelivery(
            endpoint_id=endpoint,
            kind="webhook.test",
            message_id=f"msg_{number:03}",
            due_at=now + timedelta(hours=1),
            created_at=now,
        )
        for number in range(101)
    )
    failed(endpoint, "msg_given_up")
    page = text(desk.get("/desk/webhooks"))
    assert ("msg_given_up" in page, "msg_001<" in page, "page=2" in page) == (True, False, True)
    assert "msg_001<" in text(desk.get(f"/desk/webhooks?endpoint={endpoint}&page=2"))
    only = text(desk.get("/desk/webhooks?status=failed"))
    assert ("msg_given_up" in only, "msg_100" in only) == (True, False)
    assert "msg_" not in text(desk.get(f"/desk/webhooks?endpoint={endpoint + 1}"))
    for bad in ("status=lost", "endpoint=x", "page=0"):
        assert desk.get(f"/desk/webhooks?{bad}").status_code == 422


def test_every_kind_and_every_trouble_has_words() -> None:
    with translation.override("en"):
        assert [kind for kind, word in webhook_words.kind_words().items() if kind == word] == []
        assert set(webhook_words.kind_words()) <= set(KINDS)
        row = webhooks.DeliveryRow(
            1, 1, "", True, None, "x", "", "failed", 1, clock.now(), clock.now(), None, 500, ""
        )
        told = {webhook_words.trouble(replace(row, error=error)) for error in address.ERRORS}
        assert len(told) == len(address.ERRORS)
