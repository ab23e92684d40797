"""Who may do what: a table. For those who may not nothing changes, and nothing is said about what there is."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import timedelta
from uuid import UUID

import pytest
from django.apps import apps
from django.db import connection

from tacit.accounts.models import Person
from tacit.accounts.types import NotAllowed, Visitor
from tacit.catalog import actions as catalog
from tacit.catalog import queries as catalog_queries
from tacit.checkout import actions, queries
from tacit.checkout.actions import amend
from tacit.checkout.actions.importing import import_orders
from tacit.checkout.actions.record import AnswerMismatch
from tacit.checkout.models import Order, OrderLine
from tacit.checkout.types.importing import ImportedLine, ImportedOrder
from tacit.checkout.types.order import NoSuchOrder, NotPossible, OrderKind, OrderStatus
from tacit.checkout.types.payment import PaymentState
from tacit.core import ids
from tacit.core.money import Money
from tests.checkout.shopping import CONTACT, buy, fill
from tests.conftest import NOW

pytestmark = pytest.mark.django_db
OWNER, FRIEND = UUID(int=1), UUID(int=2)
ONE_EURO = Money(100, "EUR")


def everything() -> dict[str, list[tuple[object, ...]]]:
    """Every row of the house, background jobs included."""
    models = [
        model
        for label in ("core", "accounts", "catalog", "checkout")
        for model in apps.get_app_config(label).get_models()
    ]
    rows = {model.__name__: list(model._default_manager.order_by("pk").values_list()) for model in models}
    with connection.cursor() as cursor:
        cursor.execute("SELECT id, task_name, status::text FROM procrastinate_jobs ORDER BY id")
        return {**rows, "jobs": cursor.fetchall()}


@dataclass(frozen=True)
class Orders:
    """``sent`` left the house and was captured, ``waiting`` was not; both are the owner's."""

    sent: str
    waiting: str

    def visitor(self, who: str, number: str) -> Visitor:
        other = self.sent if number == self.waiting else self.waiting
        return {
            "owner": Visitor(person=OWNER),
            "friend": Visitor(person=FRIEND),
            "stranger": Visitor(cart=ids.token()),
            "guest with its link": Visitor(order=number),
            "guest with another link": Visitor(order=other),
            "staff": Visitor(person=FRIEND, staff=True),
        }[who]


@pytest.fixture
def orders(kettle, provider, now, staff) -> Orders:
    for person in (OWNER, FRIEND):
        Person.objects.create(pk=person, email=f"{person.int}@example.com", created_at=now)
    sent, waiting = (buy(fill(kettle, now=now, person=OWNER), now=now).number for _ in range(2))
    actions.ship(staff, sent, carrier="", tracking="", key="first-parcel", now=now)
    actions.sweep(now=now)
    return Orders(sent, waiting)


EVERYBODY = ("owner", "friend", "stranger", "guest with its link", "guest with another link", "staff")
STAFF_ALONE = ("staff",)
Act = Callable[[Visitor, str], object]
KEY = "a-key-of-its-own"

TABLE: dict[str, tuple[str, tuple[str, ...], type[Exception], Act]] = {
    "cancel": (
        "waiting",
        STAFF_ALONE,
        NotAllowed,
        lambda who, number: actions.cancel(who, number, key=KEY, now=NOW),
    ),
    "refund": (
        "sent",
        STAFF_ALONE,
        NotAllowed,
        lambda who, number: actions.refund(who, number, amount=ONE_EURO, reason="", key=KEY, now=NOW),
    ),
    "ship": (
        "waiting",
        STAFF_ALONE,
        NotAllowed,
        lambda who, number: actions.ship(who, number, carrier="", tracking="", key=KEY, now=NOW),
    ),
    "set_stock": (
        "waiting",
        STAFF_ALONE,
        NotAllowed,
        lambda who, _number: catalog.set_stock(who, sku="KETTLE", on_hand=77, now=NOW),
    ),
    "staff_orders": (
        "waiting",
        STAFF_ALONE,
        NotAllowed,
        lambda who, number: queries.staff_orders(who, query=number)[0][0],
    ),
    "stock_list": (
        "waiting",
        STAFF_ALONE,
        NotAllowed,
        lambda who, _number: catalog_queries.stock_list(who)[0],
    ),
    "order_of": (
        "waiting",
        ("owner", "guest with its link", "staff"),
        NoSuchOrder,
        lambda who, number: queries.order_of(who, number).number,
    ),
}
READ_ONLY = {"staff_orders", "stock_list", "order_of"}


@pytest.mark.parametrize("who", EVERYBODY)
@pytest.mark.parametrize("what", TABLE)
def test_the_table(orders, what, who):
    which, allowed, refusal, act = TABLE[what]
    number = getattr(orders, which)
    visitor = orders.visitor(who, number)
    before = everything()
    if who in allowed:
        act(visitor, number)
        assert (everything() == before) is (what in READ_ONLY)
    else:
        with pytest.raises(refusal):
            act(visitor, number)
        assert everything() == before


def test_the_control_without_the_gate_a_stranger_cancels(orders, monkeypatch):
    monkeypatch.setattr(amend, "may_change", lambda visitor: None)
    TABLE["cancel"][3](orders.visitor("stranger", orders.waiting), orders.waiting)
    TABLE["refund"][3](orders.visitor("friend", orders.sent), orders.sent)
    assert Order.objects.get(number=orders.waiting).status == OrderStatus.CANCELLED


def test_collecting_refused_money_is_for_staff(orders):
    before = everything()
    for who in EVERYBODY[:-1]:
        with pytest.raises(NotAllowed):
            actions.collect(orders.visitor(who, orders.waiting), orders.waiting, key=KEY, now=NOW)
    assert everything() == before


def test_another_s_and_an_unknown_order_look_the_same(orders):
    for number in (orders.waiting, "NO-SUCH", "' OR true --", ""):
        with pytest.raises(NoSuchOrder):
            queries.order_of(orders.visitor("stranger", orders.waiting), number)


@pytest.mark.parametrize("amount", [Money(4389, "EUR"), Money(4391, "EUR"), Money(4390, "GBP")])
def test_an_answer_about_other_money_changes_nothing(kettle, provider, now, amount):
    bought = buy(fill(kettle, now=now), now=now, method="slow")
    provider.turn(bought.reference, PaymentState.AUTHORISED)
    true = provider.look_up(bought.reference)
    assert true is not None
    minor = min(amount.minor, 4390)
    false = replace(true, amount=amount, authorised=Money(minor, amount.currency))
    before = everything()
    with pytest.raises(AnswerMismatch):
        actions.record_answer(false, now=now)
    assert everything() == before
    actions.record_answer(true, now=now)
    assert Order.objects.get().status == OrderStatus.PAID


@pytest.mark.parametrize("where", ["asking", "looking"])
def test_a_provider_that_is_wrong_about_the_money_pays_for_nothing(kettle, provider, now, monkeypatch, where):
    view = provider._view
    wrong = Money(1, "EUR")

    def lie(reference):
        return replace(view(reference), amount=wrong, authorised=wrong)

    if where == "asking":
        monkeypatch.setattr(provider, "_view", lie)
    bought = buy(fill(kettle, now=now), now=now, method="slow")
    provider.turn(bought.reference, PaymentState.AUTHORISED)
    monkeypatch.setattr(provider, "_view", lie)
    actions.sweep(now=now + timedelta(minutes=1))
    assert Order.objects.get().status == OrderStatus.AWAITING_PAYMENT
    monkeypatch.setattr(provider, "_view", view)
    actions.sweep(now=now + timedelta(minutes=5))
    assert Order.objects.get().status == OrderStatus.PAID


CHANGES: dict[str, Act] = {
    **{name: TABLE[name][3] for name in ("cancel", "refund", "ship")},
    "collect": lambda who, number: actions.collect(who, number, key=KEY, now=NOW),
    "change_address": lambda who, number: actions.change_address(
        number, address=CONTACT.address, by="x", key=KEY, now=NOW
    ),
    "lower_price": lambda who, number: actions.lower_price(
        line=OrderLine.objects.get(order__number=number).pk, unit=Money(1, "EUR"), key=KEY, now=NOW
    ),
}


@pytest.mark.parametrize("kind", list(OrderKind))
@pytest.mark.parametrize("what", CHANGES)
def test_history_does_not_change(kettle, provider, now, staff, what, kind):
    lines = (ImportedLine("KETTLE", "Kettle", 2, 3900, variant=kettle),)
    imported = ImportedOrder("536365", kind, now - timedelta(days=900), "17850", "DE", "EUR", lines)
    import_orders(origin="old-shop", orders=[imported], now=now)
    number = Order.objects.get().number
    before = everything()
    with pytest.raises(NotPossible) as refusal:
        CHANGES[what](staff, number)
    assert refusal.value.code == "historic"
    assert everything() == before
    assert not provider.calls
