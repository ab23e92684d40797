"""Somebody is erased: no table, file or log line holds them any more, also not after an older backup came back."""

from __future__ import annotations

import io
import json
import logging
import re
import zipfile
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core.cache import cache
from django.db import connection, connections
from django.test import Client

from tacit.accounts import actions as accounts
from tacit.accounts.models import AuthenticatorApp, Passkey, Person, SavedAddress
from tacit.accounts.types import Visitor
from tacit.checkout import actions as checkout
from tacit.checkout import tasks
from tacit.checkout.actions.methods import sweep_methods
from tacit.checkout.models import MoneyIntent, Order, Payment, SavedMethod
from tacit.config import backup, erasures, logs, restore
from tacit.core import clock, mail, ports
from tacit.core.models import JournalEntry, OutboxMail
from tacit.core.money import Money
from tacit.core.personal import ErasureLog, Fate, PersonalData, Subject
from tacit.web.links import order_path
from tests.checkout.fake_provider import FakeProvider
from tests.config.backups import source_url
from tests.web.conftest import order_form, plain_files, signed_in, with_kettle

__all__ = ["plain_files"]

WORD = re.compile(r"zitronen(?:zeisig|girlitz)", re.IGNORECASE)
BROWSER = "Mozilla/5.0 (Zitronenzeisig) Firefox/130.0"


def typed(who: str) -> dict[str, str]:
    return {
        "email": f"{who}@{who}.example.com",
        "name": f"{who} Name",
        "line1": f"{who}weg 3",
        "line2": f"c/o {who}",
        "postcode": "20457",
        "city": f"{who}stadt",
        "country": "DE",
    }


PERSON, GUEST = typed("Zitronenzeisig"), typed("Zitronengirlitz")


def found() -> set[tuple[str, str]]:
    """Every (table, column) that holds one of the two, in whatever type."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT table_name, column_name FROM information_schema.columns JOIN information_schema.tables"
            " USING (table_schema, table_name) WHERE table_schema = 'public' AND table_type = 'BASE TABLE'"
        )
        hits = set()
        for table, column in cursor.fetchall():
            cursor.execute(f'SELECT "{column}"::text FROM "{table}" WHERE "{column}" IS NOT NULL')
            for (value,) in cursor.fetchall():
                plain = bytes.fromhex(value[2:]).decode("latin-1") if value.startswith("\\x") else value
                if WORD.search(plain):
                    hits.add((table, column))
    return hits


def may_stay() -> set[tuple[str, str]]:
    return {
        (table, column)
        for room in ports.every(PersonalData).values()
        for table, columns in room.retention.items()
        for column, fate in columns.items()
        if fate.fate is Fate.KEPT
    }


def told(*orders: Order) -> None:
    """Letters are written and sent; at once, for readers of the journal wait for strangers on the same server."""
    for order in orders:
        letter = mail.Message(order.email, f"For {order.name}", order.line1, f"<p>{order.line1}</p>")
        mail.write(letter, dedupe=f"{tasks.READER}:{order.number}:{order.pk}", now=clock.now())
    mail.send_due(now=clock.now())


def settle_money() -> None:
    for intent in MoneyIntent.objects.filter(state="pending").values_list("pk", flat=True):
        checkout.run_intent(intent, now=clock.now())


def found_after_work() -> set[tuple[str, str]]:
    """As ``found``, once the provider was told to forget what was kept there."""
    assert sweep_methods(now=clock.now() + timedelta(seconds=1))
    return found()


def link_in_mail(to: str) -> str:
    text = OutboxMail.objects.filter(to__iexact=to, dedupe__startswith="data:").latest("id").text
    address = re.search(r"https?://[^/\s]+(/\S+)", text)
    assert address
    return address[1]


def bought(client: Client, **changes: str) -> Order:
    answer = client.post("/checkout", order_form(client, **changes))
    assert answer.status_code in {303, 402}, answer.content.decode()
    return Order.objects.latest("pk")


class Scene:
    """A customer and a guest with every kind of row there is."""

    def __init__(self, variant: int, now: datetime) -> None:
        house = Visitor(staff=True)
        self.client = signed_in(PERSON["email"].lower())
        self.client.defaults["HTTP_USER_AGENT"] = BROWSER
        self.client.get("/account")
        self.person = Person.objects.get(email=PERSON["email"].lower())
        Person.objects.filter(pk=self.person.pk).update(name=PERSON["name"])
        address = {
            field: PERSON[field] for field in ("name", "line1", "line2", "postcode", "city", "country")
        }
        SavedAddress.objects.create(
            person=self.person, label="Zitronenzeisig daheim", created_at=now, **address
        )
        Passkey.objects.create(
            person=self.person,
            credential_id=b"zitronenzeisig",
            public_key=b"zitronenzeisig",
            name="Zitronenzeisigs Laptop",
            created_at=now,
        )
        AuthenticatorApp.objects.create(
            person=self.person, secret="zitronenzeisig", last_step=0, created_at=now
        )
        self.client.post("/account/data/consent", {"purpose": "news", "version": "1-en", "granted": "1"})
        self.client.post("/buy", {"variant": variant, "quantity": 1})
        self.sent = bought(self.client, **PERSON)
        told()
        checkout.ship(
            house, self.sent.number, carrier="Post", tracking="Zitronenzeisig-1", key="shipping", now=now
        )
        settle_money()
        self.client.post("/buy", {"variant": variant, "quantity": 1})
        self.declined = bought(self.client, **PERSON, method="bad")
        SavedMethod.objects.create(
            reference="r1",
            person=self.person,
            provider="fake",
            token="zitronenzeisig-token",
            label="Visa Zitronenzeisig",
            created_at=now,
        )
        self.client.post("/buy", {"variant": variant, "quantity": 1})
        guest = with_kettle(variant)
        self.waiting = bought(guest, **GUEST)
        Payment.objects.filter(order=self.waiting).update(instrument="Visa of Zitronengirlitz")
        second = with_kettle(variant)
        self.cancelled = bought(second, **GUEST)
        checkout.cancel(house, self.cancelled.number, key="cancel", now=now)
        checkout.refund(
            house,
            self.sent.number,
            amount=Money(100, "EUR"),
            reason="Zitronenzeisig wrote",
            key="refund",
            now=now,
        )
        settle_money()
        Client().get("/search", {"q": "kettle zitronengirlitz@zitronengirlitz.example.com"})
        Client().post("/sign-in", {"email": PERSON["email"]})
        self.client.post("/account/data/copy")
        told(self.sent, self.declined, self.waiting, self.cancelled)


@pytest.fixture
def written() -> Iterator[io.StringIO]:
    """Everything the shop logs, as it would be written."""
    stream = io.StringIO()
    handler = logging.StreamHandler(stream)
    handler.setFormatter(logs.LineFormatter(logs.LINE))
    root = logging.getLogger()
    before = root.level
    root.addHandler(handler)
    root.setLevel(logging.INFO)
    yield stream
    root.removeHandler(handler)
    root.setLevel(before)


@pytest.fixture
def log_file(tmp_path: Path) -> Iterator[Path]:
    file = tmp_path / "home" / "backups" / erasures.NAME
    with ports.replaced(ErasureLog, erasures.ErasureFile(file)):
        yield file


@pytest.fixture
def scene(
    transactional_db: None, kettle: int, provider: FakeProvider, written: io.StringIO, log_file: Path
) -> Scene:
    cache.clear()
    made = Scene(kettle, clock.now())
    assert len(found()) > 20
    return made


def erase_both(scene: Scene) -> None:
    """Through the pages, as they would do it."""
    held = scene.client.post("/account/data/erase", {"step": "sure"})
    assert held.status_code == 200
    done = scene.client.post("/account/data/erase", {"step": "erase"})
    assert done.status_code == 200, done.content.decode()
    number = scene.waiting.number
    guest = Client()
    assert guest.post(f"{order_path(number)}/data").status_code == 200
    told()
    link = link_in_mail(GUEST["email"])
    assert guest.get(link).status_code == 200
    assert guest.post(f"{link}/erase", {"step": "erase"}).status_code == 200


def no_connections() -> None:
    for each in connections.all(initialized_only=True):
        each.close()
        if close_pool := getattr(each, "close_pool", None):
            close_pool()


def test_erased_is_erased_also_after_an_older_backup(
    scene: Scene, tmp_path: Path, log_file: Path, written: io.StringIO
) -> None:
    now, home = clock.now(), tmp_path / "home"
    home.mkdir(exist_ok=True)
    older = tmp_path / "shop.tacit"
    backup.write(older, url=source_url(), home=home, erased=log_file, now=now, say=lambda line: None)

    erase_both(scene)
    left = found_after_work()
    assert left <= may_stay() - {("core_outboxmail", each) for each in ("to", "text", "html", "subject")}
    assert not unpaid_with_an_address()
    names = {name for name, _at in erasures.read(log_file)}
    assert names == {
        f"person:{scene.person.pk}",
        *(f"order:{o.number}" for o in (scene.sent, scene.declined, scene.waiting, scene.cancelled)),
    }
    assert not [file for file in home.rglob("*") if file.is_file() and WORD.search(file.read_text("latin-1"))]
    assert not WORD.search(written.getvalue())

    no_connections()
    restored = restore.restore(
        older,
        url=source_url(),
        home=home,
        known=restore.own_migrations(),
        erased=log_file,
        named=log_file,
        agree=lambda present: True,
        say=lambda line: None,
    )
    assert restored is not None
    assert erasures.are_due(source_url())
    assert Person.objects.filter(email=PERSON["email"].lower()).exists(), "the backup must hold them"
    assert erasures.replay(now=now) == 3, "the person with their orders, and two of a guest"
    assert JournalEntry.objects.filter(kind="person.erased").count() == 2
    assert not erasures.are_due(source_url())
    assert found_after_work() == left

    later = now + timedelta(days=400)
    checkout.erase_due(now=later)
    address = {("checkout_order", each) for each in ("name", "line1", "line2", "city")}
    assert found() == address
    checkout.erase_due(now=datetime(now.year + 11, 1, 1, tzinfo=UTC) - timedelta(days=1))
    assert found() == address
    checkout.erase_due(now=datetime(now.year + 11, 1, 1, tzinfo=UTC))
    assert found() == set()
    assert not Order.objects.filter(erase_on__isnull=False).exists()
    assert not WORD.search(written.getvalue())


def unpaid_with_an_address() -> bool:
    """Of orders nothing was paid for, nothing has a reason to stay."""
    return Order.objects.filter(status__in=["failed", "cancelled"]).exclude(name="").exists()


class Lazy:
    """A room that forgets to erase."""

    def __init__(self, room: PersonalData) -> None:
        self._room = room

    def __getattr__(self, name: str) -> Any:
        return getattr(self._room, name)

    def erase(self, subject: Subject, *, now: datetime) -> None:
        del subject, now


@pytest.mark.parametrize("room", ["orders", "account"])
def test_the_control_a_room_that_does_not_erase_is_found_out(scene: Scene, room: str) -> None:
    lazy: Any = Lazy(ports.get(PersonalData, room))
    with ports.replaced(PersonalData, lazy, name=room):
        accounts.erase_person(Visitor(person=scene.person.pk), now=clock.now())
        accounts.erase_guest(GUEST["email"], now=clock.now())
    sweep_methods(now=clock.now() + timedelta(seconds=1))
    assert not found() <= may_stay() or unpaid_with_an_address()


def test_the_copy_holds_everything_of_one_and_nothing_of_another(scene: Scene) -> None:
    link = link_in_mail(PERSON["email"])
    with zipfile.ZipFile(io.BytesIO(scene.client.get(link).content)) as box:
        whole = json.loads(box.read("data.json"))
        page = box.read("data.html").decode()
    text = json.dumps(whole)
    for word in ("Zitronenzeisigs Laptop", "Zitronenzeisigweg 3", "Visa Zitronenzeisig", "wrote", "daheim"):
        assert word in text
        assert word in page
    assert scene.sent.number in text
    assert "girlitz" not in text.lower()
    assert signed_in(GUEST["email"].lower()).get(link).status_code == 404
    assert Client().get(link).status_code == 303, "signing in comes first"
