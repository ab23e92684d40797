"""One tap through the pages: with a script and without, on a product page that still knows nobody."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from pytest_django.fixtures import DjangoAssertNumQueries, Settings

from tacit.catalog.models import Price, Stock, Variant
from tacit.checkout.models import CartLine, Order, SavedMethod
from tacit.checkout.types.order import OrderStatus
from tacit.checkout.types.payment import PaymentState
from tacit.web import cache
from tests.checkout.fake_provider import FakeProvider
from tests.web.conftest import hidden, order_form, signed_in

pytestmark = pytest.mark.django_db
PART, PAGE = "/once/kettle/part", "/once/kettle"


def returning(shop: int, email: str = "ana@example.com") -> Client:
    """A member who bought before and ticked that the card be kept."""
    client = signed_in(email)
    client.post("/buy", {"variant": shop})
    answer = client.post("/checkout", order_form(client, keep="1"))
    assert answer.status_code == 303, answer.content.decode()
    client.get(answer["Location"])
    return client


def form_of(html: str) -> dict[str, str]:
    """The hidden fields and the checked choices of the page's one-tap form."""
    fields = dict(re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)"', html))
    return fields | dict(re.findall(r'<input type="radio" name="([^"]+)" value="([^"]*)" checked', html))


def tap(client: Client, **changes: str) -> Any:
    return client.post(PAGE, form_of(client.get(PAGE).content.decode()) | changes)


def test_keeping_is_offered_to_members_alone_and_off(shop: int) -> None:
    guest = Client()
    guest.post("/buy", {"variant": shop})
    assert 'name="keep"' not in guest.get("/checkout").content.decode()
    member = signed_in("ana@example.com")
    member.post("/buy", {"variant": shop})
    html = member.get("/checkout").content.decode()
    assert 'name="keep" value="1">' in html
    answer = guest.post("/checkout", order_form(guest, keep="1"))
    assert (answer.status_code, SavedMethod.objects.count()) == (303, 0)


def test_the_box_shows_what_is_bought_and_buys_it(shop: int, provider: FakeProvider) -> None:
    client = returning(shop)
    answer = client.get(PART)
    assert answer["Cache-Control"] == "private, no-store"
    html = answer.content.decode()
    for words in (
        "Buy now for €43.90",
        "Visa 4242",
        "Hafenweg 3, 20457 Hamburg",
        "with you",
        "undo this for 5",
    ):
        assert words in html
    bought = client.post(PAGE, form_of(html) | {"variant": str(shop)})
    assert bought.status_code == 303
    order = Order.objects.latest("id")
    assert (order.status, order.total_minor) == (OrderStatus.PAID, 4390)
    page = client.get(bought["Location"]).content.decode()
    assert "set aside on card ending 4242 is released" in page
    undone = client.post(f"{bought['Location']}/undo", {"key": hidden(page, "key")})
    assert undone.status_code == 303
    order.refresh_from_db()
    assert order.status == OrderStatus.CANCELLED
    assert "Buy now for" in client.get(bought["Location"]).content.decode(), "and can be bought again"


def test_the_slot_is_on_the_page_of_returning_browsers_and_costs_nobody_else_a_byte(
    shop: int, settings: Settings, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    settings.PAGE_CACHE_SECONDS = 600
    cache.store.clear()
    first = Client().get("/p/kettle")
    client = returning(shop)
    assert client.cookies["returning"].value == "1"
    with_slot = client.get("/p/kettle")
    assert "once" not in first.content.decode()
    assert f'data-part="{PART}"' in with_slot.content.decode()
    assert Client().get("/p/kettle").content == first.content
    # It is no identity: a stranger's browser with the cookie gets the very same page, and nothing in its box.
    stranger = Client()
    stranger.cookies["returning"] = "1"
    with django_assert_num_queries(0):
        again = stranger.get("/p/kettle")
    assert (again.content, again["Vary"]) == (with_slot.content, "Accept-Encoding, Cookie")
    assert stranger.get("/").content == Client().get("/").content
    empty = stranger.get(PART)
    assert (empty.status_code, empty.content, empty.cookies["returning"].value) == (204, b"", "")
    assert client.post("/sign-out").cookies["returning"].value == ""
    cache.store.clear()


def test_guests_sign_in_first_and_come_back(shop: int) -> None:
    answer = Client().get(f"{PAGE}?variant={shop}")
    assert answer["Location"] == f"/sign-in?next=%2Fonce%2Fkettle%3Fvariant%3D{shop}"
    assert Client().post(PAGE, {"variant": shop}).status_code == 303
    nothing_kept = signed_in("ana@example.com").get(PAGE).content.decode()
    assert "Buy now" not in nothing_kept and "Go to checkout" in nothing_kept
    assert Order.objects.count() == 0


def test_a_changed_total_is_shown_and_nothing_bought(shop: int) -> None:
    client = returning(shop)
    seen = form_of(client.get(PAGE).content.decode())
    Price.objects.filter(variant=shop, currency="EUR", until=None).update(minor=4100)
    answer = client.post(PAGE, seen)
    html = answer.content.decode()
    assert (answer.status_code, Order.objects.count()) == (409, 1)
    assert "was €43.90 when you saw it and is €45.90 now" in html
    assert client.post(PAGE, form_of(html)).status_code == 303


def test_a_declined_card_leaves_the_page_with_the_other_ways(shop: int, provider: FakeProvider) -> None:
    client = returning(shop)
    provider.saved_states[SavedMethod.objects.get().token] = PaymentState.DECLINED
    answer = tap(client)
    assert answer.status_code == 402
    html = answer.content.decode()
    assert "Your bank declined" in html and 'action="/buy"' in html
    assert Stock.objects.get(pk=shop).claimed == 1


def test_a_bank_that_asks_is_answered_from_the_orders_page(
    shop: int, provider: FakeProvider, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = returning(shop)
    provider.saved_states[SavedMethod.objects.get().token] = PaymentState.NEEDS_ACTION
    answer = tap(client)
    from tacit.checkout.models import Payment

    Payment.objects.filter(state="needs_action").update(action_url="https://bank.example/ask")
    page = client.get(answer["Location"]).content.decode()
    assert 'href="https://bank.example/ask"' in page and "Finish paying" in page
    assert "Nothing is charged." in page


def test_the_same_form_twice_buys_once(shop: int) -> None:
    client = returning(shop)
    form = form_of(client.get(PAGE).content.decode())
    answers = [client.post(PAGE, form) for _ in range(2)]
    assert answers[0]["Location"] == answers[1]["Location"]
    assert Order.objects.count() == 2


def test_the_cart_stays_as_it_is(shop: int) -> None:
    client = returning(shop)
    lid = Variant.objects.get(sku="LID").pk
    client.post("/buy", {"variant": lid})
    assert tap(client).status_code == 303
    assert list(CartLine.objects.values_list("variant_id", flat=True)) == [lid]


def test_a_strangers_link_or_session_undoes_and_repeats_nothing(shop: int) -> None:
    client = returning(shop)
    order = tap(client)["Location"]
    assert "Undo" in client.get(order).content.decode()
    other = returning(shop, "other@example.com")
    for stranger in (Client(), other):
        page = stranger.get(order).content.decode()
        assert "Undo" not in page and "Buy again" not in page
        assert stranger.post(f"{order}/undo", {"key": "undo-key-1"}).status_code == 404
    assert other.get(f"{order}/again").status_code == 404
    assert Client().get(f"{order}/again")["Location"].startswith("/sign-in")
    assert client.post(f"{order[:-1]}x/undo", {"key": "undo-key-1"}).status_code == 404
    assert Order.objects.filter(status=OrderStatus.CANCELLED).count() == 0


def test_a_past_order_is_bought_again_in_one_tap(shop: int) -> None:
    client = returning(shop)
    order = Order.objects.get()
    Order.objects.update(placed_at=order.placed_at - timedelta(days=2))
    from tacit.web import links

    address = links.order_path(order.number)
    html = client.get(address).content.decode()
    assert "Buy now for €43.90" in html
    answer = client.post(f"{address}/again", form_of(html))
    assert answer.status_code == 303
    assert Order.objects.count() == 2
    Stock.objects.update(on_hand=2)
    gone = client.get(f"{address}/again").content.decode()
    assert "sold out" in gone and "Buy now" not in gone


def test_ways_to_pay_are_seen_chosen_and_removed(shop: int, provider: FakeProvider) -> None:
    client = returning(shop)
    html = client.get("/account/methods").content.decode()
    assert "Visa 4242" in html and "for one tap" in html
    reference = SavedMethod.objects.get().reference
    other = signed_in("other@example.com")
    assert other.post(f"/account/methods/{reference}/remove").status_code == 422
    assert Client().get("/account/methods").status_code == 303
    assert client.post(f"/account/methods/{reference}/remove").status_code == 303
    gone = client.get("/account/methods")
    assert "Nothing is kept" in gone.content.decode() and gone.cookies["returning"].value == ""
    assert client.get(PART).status_code == 204


def test_at_checkout_a_kept_way_to_pay_comes_first(shop: int, provider: FakeProvider) -> None:
    client = returning(shop)
    client.post("/buy", {"variant": shop})
    form = order_form(client)
    html = client.get("/checkout").content.decode()
    code = f"saved:{SavedMethod.objects.get().reference}"
    assert f'value="{code}" checked' in html
    answer = client.post("/checkout", form | {"method": code})
    assert answer.status_code == 303
    last = list(provider.payments.values())[-1].request
    assert (last.method, last.saved) == ("", SavedMethod.objects.get().token)
    # Somebody else's is no way to pay.
    other = signed_in("other@example.com")
    other.post("/buy", {"variant": shop})
    assert other.post("/checkout", order_form(other, method=code)).status_code == 422
