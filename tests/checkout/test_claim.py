"""Guest orders join an account after its address is proven, and not a moment or an order earlier."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from tacit.accounts import actions as accounts
from tacit.accounts.models import Person
from tacit.accounts.types import Visitor
from tacit.checkout import actions
from tacit.checkout.models import Order
from tacit.checkout.types.order import OrderStatus

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 6, 1, 12, 0, tzinfo=UTC)


def order(number: str, email: str, **more: object) -> None:
    Order.objects.create(
        number=number,
        status=OrderStatus.COMPLETED if "COMPLETED" in OrderStatus.__members__ else list(OrderStatus)[-1],
        email=email,
        currency="EUR",
        goods_minor=0,
        shipping_minor=0,
        tax_minor=0,
        total_minor=0,
        placed_at=NOW,
        **more,
    )


def owners() -> dict[str, str | None]:
    rows = Order.objects.values_list("number", "person__email")
    return dict(rows)


def test_only_orders_of_nobody_with_the_proven_address_are_joined() -> None:
    ana = accounts.known_person(email="ana@example.com", name="", now=NOW)
    bo = accounts.known_person(email="bo@example.com", name="", now=NOW)
    order("MINE", "ana@example.com")
    order("OLD", "Ana@Example.COM", historic=True, origin="elsewhere", external_id="1")
    order("BOS", "ana@example.com", person_id=bo.id)
    order("OTHER", "bana@example.com")
    order("BLANK", "")
    assert actions.claim_orders(Visitor(person=ana.id)) == 2
    assert owners() == {
        "MINE": "ana@example.com",
        "OLD": "ana@example.com",
        "BOS": "bo@example.com",
        "OTHER": None,
        "BLANK": None,
    }
    assert actions.claim_orders(Visitor(person=ana.id)) == 0


def test_nobody_and_people_without_an_address_join_nothing() -> None:
    nameless = Person.objects.create(email=None, created_at=NOW)
    order("BLANK", "")
    order("GUEST", "guest@example.com")
    assert actions.claim_orders(Visitor()) == 0
    assert actions.claim_orders(Visitor(cart="x" * 22, order="GUEST", staff=True)) == 0
    assert actions.claim_orders(Visitor(person=nameless.pk)) == 0
    assert owners() == {"BLANK": None, "GUEST": None}
