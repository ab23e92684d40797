"""Keys of programs: what they allow, where they count, and when they end."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from django.http import HttpRequest
from django.test import Client

from tacit.accounts import actions, queries
from tacit.accounts.models import ProgramKey
from tacit.accounts.types import Visitor
from tacit.api import answers
from tacit.api.shapes.money import Shown
from tacit.catalog.models import Stock
from tacit.checkout.actions import refund, sweep
from tacit.checkout.models import MoneyIntent, OrderChange
from tacit.checkout.types.order import OtherBody
from tacit.core.models import JournalEntry
from tacit.core.money import Money
from tests.api.conftest import Key
from tests.api.talking import cart, place, problem, send
from tests.checkout.fake_provider import FakeProvider

CHANGING = {"Idempotency-Key": "what-a-program-does"}


@pytest.fixture
def order(shop: FakeProvider) -> str:
    return str(place(cart(KETTLE=1)).json()["number"])


def test_a_key_allows_what_it_names_and_nothing_else(order: str, key: Key) -> None:
    reader, writer, counter = key("orders:read"), key("orders:write"), key("stock:write")
    asked = {
        "/api/orders": (200, 200, 403),
        f"/api/orders/{order}": (200, 200, 403),
        "/api/stock/KETTLE": (403, 403, 200),
    }
    for path, statuses in asked.items():
        found = tuple(send("GET", path, headers=each).status_code for each in (reader, writer, counter))
        assert found == statuses, path
        assert send("GET", path).status_code == 401
    for headers in (reader, counter):
        answer = send("POST", f"/api/orders/{order}/cancel", headers={**headers, **CHANGING})
        assert problem(answer)["status"] == 403
    assert not OrderChange.objects.exists()


def test_a_program_sends_refunds_and_is_named_in_the_record(order: str, key: Key) -> None:
    headers = {**key("orders:write"), **CHANGING}
    program = str(ProgramKey.objects.get().pk)
    for _ in range(2):
        sent = send("POST", f"/api/orders/{order}/shipments", {"tracking": "123"}, headers=headers)
        assert (sent.status_code, len(sent.json()["parcels"])) == (200, 1)
    early = send(
        "POST",
        f"/api/orders/{order}/refunds",
        {"amount": {"minor": 100, "currency": "EUR"}, "reason": "late"},
        headers=headers,
    )
    assert (early.status_code, problem(early)["code"]) == (409, "nothing_captured")
    assert problem(send("POST", f"/api/orders/{order}/cancel", headers=headers))["code"] == "cannot_cancel"
    assert set(OrderChange.objects.values_list("by", flat=True)) == {f"program:{program}"}


def test_a_key_of_a_request_is_its_caller_s_own(order: str, key: Key) -> None:
    """Two programs that number their requests alike: the second is not told that its refund was made."""
    first, second = ({**key("orders:write"), **CHANGING} for _ in range(2))
    sent = send("POST", f"/api/orders/{order}/shipments", {"tracking": "1"}, headers=first)
    assert sent.status_code == 200
    sweep(now=datetime.now(UTC))
    path, asked = (
        f"/api/orders/{order}/refunds",
        {"amount": {"minor": 100, "currency": "EUR"}, "reason": "late"},
    )
    once = {"Idempotency-Key": "refund-0001"}
    for _ in range(2):
        assert send("POST", path, asked, headers={**first, **once}).status_code == 200
    for headers, body in ((second, asked), (first, {**asked, "reason": "broken"})):
        refused = send("POST", path, body, headers={**headers, **once})
        assert (refused.status_code, problem(refused)["code"]) == (422, "other_body")
    staff = Visitor(staff=True)
    with pytest.raises(OtherBody):
        refund(
            staff, order, amount=Money(100, "EUR"), reason="late", key="refund-0001", now=datetime.now(UTC)
        )
    assert MoneyIntent.objects.filter(kind="refund").count() == 1


def test_stock_is_set_only_as_it_was_read(shop: FakeProvider, key: Key) -> None:
    headers = key("stock:write")
    tag = send("GET", "/api/stock/KETTLE", headers=headers)["ETag"]
    assert (
        send("PUT", "/api/stock/KETTLE", {"on_hand": 7}, headers={**headers, "If-Match": tag}).json()[
            "on_hand"
        ]
        == 7
    )
    late = send("PUT", "/api/stock/KETTLE", {"on_hand": 9}, headers={**headers, "If-Match": tag})
    assert problem(late)["status"] == 412
    assert Stock.objects.get(variant__sku="KETTLE").on_hand == 7
    by = JournalEntry.objects.filter(kind="stock.set").latest("id").data["by"]
    assert by == f"program:{ProgramKey.objects.get().pk}"


def test_what_was_promised_after_the_tag_was_compared_is_seen_under_the_lock(
    shop: FakeProvider, key: Key, monkeypatch: pytest.MonkeyPatch
) -> None:
    headers = key("stock:write")
    tag = send("GET", "/api/stock/KETTLE", headers=headers)["ETag"]
    compare = answers.unchanged

    def and_somebody_orders(request: HttpRequest, shown: Shown | None) -> bool:
        same = compare(request, shown)
        Stock.objects.filter(variant__sku="KETTLE").update(claimed=2)
        return same

    monkeypatch.setattr(answers, "unchanged", and_somebody_orders)
    late = send("PUT", "/api/stock/KETTLE", {"on_hand": 9}, headers={**headers, "If-Match": tag})
    assert (problem(late)["status"], problem(late)["code"]) == (412, "claimed_moved")
    assert Stock.objects.get(variant__sku="KETTLE").on_hand == 10


def test_a_revoked_or_expired_key_is_none_at_once(db: None, key: Key) -> None:
    revoked, expired = key("orders:read"), key("orders:read")
    first, second = ProgramKey.objects.order_by("created_at")
    assert send("GET", "/api/orders", headers=revoked).status_code == 200
    actions.revoke_key(Visitor(staff=True), first.pk, now=datetime.now(UTC))
    ProgramKey.objects.filter(pk=second.pk).update(
        created_at=datetime.now(UTC) - timedelta(days=2), expires_at=datetime.now(UTC) - timedelta(seconds=1)
    )
    assert [send("GET", "/api/orders", headers=each).status_code for each in (revoked, expired)] == [401, 401]


def test_the_key_itself_is_kept_nowhere(db: None, key: Key) -> None:
    secret = key("orders:read")["Authorization"].removeprefix("Bearer ")
    kept = ProgramKey.objects.values_list().get()
    assert not any(secret in str(value) or secret[20:] in str(value) for value in kept)
    assert queries.program_keys(Visitor(staff=True))[0].begins == secret[:12]


def test_a_key_opens_no_page_and_a_session_opens_no_api(desk: Client, order: str, key: Key) -> None:
    every = key("orders:write", "stock:write")
    for path in ("/desk", "/desk/orders", "/orders"):
        assert Client().get(path, headers=every).status_code == 303
    assert desk.get("/desk/orders").status_code == 200
    for path in ("/api/orders", f"/api/orders/{order}", "/api/stock/KETTLE"):
        assert send("GET", path, client=desk).status_code == 401


def test_staff_make_a_key_see_it_once_and_revoke_it(desk: Client) -> None:
    nothing = desk.post("/desk/keys", {"program": "Till", "days": "30", "key": "k" * 22})
    assert nothing.status_code == 422 and b"Choose what the program may do." in nothing.content
    made = desk.post(
        "/desk/keys", {"program": "Till", "days": "30", "scopes": ["orders:read"], "key": "k" * 22}
    )
    row = ProgramKey.objects.get()
    shown = made.content.decode().split('class="secret">')[1].split("<")[0]
    headers = {"Authorization": f"Bearer {shown}"}
    assert send("GET", "/api/orders", headers=headers).status_code == 200
    assert shown not in desk.get("/desk/keys").content.decode()
    assert Client().post(f"/desk/keys/{row.pk}/revoke").status_code == 303  # to sign in
    assert send("GET", "/api/orders", headers=headers).status_code == 200
    assert desk.post(f"/desk/keys/{row.pk}/revoke").status_code == 303
    assert send("GET", "/api/orders", headers=headers).status_code == 401


def test_anothers_order_is_as_unknown_as_one_there_is_not(order: str, key: Key) -> None:
    from tacit.checkout.queries import order_signature

    signature = order_signature(order)
    assert send("GET", f"/api/orders/{order}?signature={signature}").status_code == 200
    for path in (f"/api/orders/{order}?signature=wrong", f"/api/orders/000000000000?signature={signature}"):
        told = problem(send("GET", path))
        assert (told["status"], told["code"], told["field"]) == (401, "wrong_signature", "signature")
    nobody = send("GET", f"/api/orders/000000000000?signature={order_signature('000000000000')}")
    assert (nobody.status_code, problem(nobody)["code"]) == (404, "no_such_order")
    changing = {**CHANGING, "Authorization": f"Bearer {signature}"}
    assert (
        send("POST", f"/api/orders/{order}/cancel?signature={signature}", headers=changing).status_code == 401
    )
