"""Money on which the books disagree stands first on the desk, with both amounts and the order."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.test import Client

from tacit.checkout import actions
from tacit.checkout.models import Order
from tacit.checkout.types.payment import PaymentRequest
from tacit.core.money import Money
from tests.conftest import NOW
from tests.web.conftest import order_form, with_kettle
from tests.web.test_desk_in_place import text

pytestmark = pytest.mark.django_db


def test_a_cent_at_the_provider_stands_first_on_the_desk(shop, provider, desk: Client) -> None:
    client = with_kettle(shop)
    client.post("/checkout", order_form(client))
    number = Order.objects.get().number
    later = Order.objects.get().placed_at + timedelta(minutes=5)
    actions.reconcile(now=later)
    assert "disagree" not in text(desk.get("/desk"))

    held = next(iter(provider.payments.values()))
    held.authorised -= 1
    actions.reconcile(now=later)
    page = text(desk.get("/desk"))
    assert "1 amount on which our books disagree" in page
    assert f"Order {number}" in page
    assert "The provider says €43.89, our books €43.90 (set aside)." in page
    assert page.index("our books disagree") < page.index("1 order to send")
    assert f'href="/desk/orders/{number}"' in desk.get("/desk").content.decode()

    held.authorised += 1
    actions.reconcile(now=later)
    assert "disagree" not in text(desk.get("/desk"))


def test_money_no_order_knows_of_has_no_link(shop, provider, desk: Client) -> None:

    provider.authorise(PaymentRequest("stranger", Money(700, "EUR"), "good", "http://shop/x", "x"))
    actions.reconcile(now=NOW)
    page = text(desk.get("/desk"))
    assert "<td>Payment stranger<br>" in page
    assert "The provider has €7.00 that no order here knows of." in page
