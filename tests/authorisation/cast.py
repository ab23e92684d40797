"""Everybody at their place, and what is the owner's."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from uuid import UUID

from django.db.models import F
from django.test import Client

from tacit.accounts import actions as accounts
from tacit.accounts import queries
from tacit.accounts.models import Passkey, Person, SavedAddress
from tacit.accounts.types import Scope, Visitor
from tacit.catalog.models import Variant
from tacit.checkout import actions as buying
from tacit.checkout import queries as checkout
from tacit.checkout.models import CartLine, Order, Payment, SavedMethod
from tacit.checkout.types.methods import SAVED, Wanted
from tacit.core import clock, webhooks
from tacit.core.address import Address
from tacit.core.models import JournalEntry, OutboxMail, WebhookDelivery
from tacit.web import data_links, links
from tacit.web.visitor import CART_COOKIE
from tests.authorisation.scene import Scene
from tests.authorisation.words import Role
from tests.checkout.fake_provider import FakeProvider
from tests.web.conftest import TYPED, failed_job, hidden, signed_in, strong

OWNER_MAIL = "olivia.owner@example.com"
OWNER = {**TYPED, "email": OWNER_MAIL, "name": "Olivia Canary", "line1": "Canaryweg 77"}


def ordered(client: Client, variant: int, typed: Mapping[str, str]) -> str:
    """The number of the order this browser just placed."""
    client.post("/buy", {"variant": variant})
    html = client.get("/checkout").content.decode()
    form = {name: hidden(html, name) for name in ("key", "currency", "total_standard", "total_express")}
    answer = client.post("/checkout", {**form, **typed, "shipping": "standard", "method": "good"})
    assert answer.status_code == 303, answer.content.decode()
    return answer["Location"].split("/")[2]


def program_key(*scopes: str) -> str:
    """The secret of a new program's key."""
    _, key = accounts.make_key(Visitor(staff=True), name="matrix", scopes=scopes, days=30, now=clock.now())
    return key


def stronger(scope: Scope) -> tuple[Scope, ...]:
    """The scopes that bring this one along."""
    return (Scope.ORDERS_WRITE,) if scope is Scope.ORDERS_READ else ()


def kept_card(person: UUID, reference: str) -> str:
    """The reference of a way to pay that is kept."""
    SavedMethod.objects.create(
        reference=reference,
        person_id=person,
        provider="fake",
        token=f"tok {reference}",
        label="Visa Canary",
        created_at=clock.now(),
    )
    return reference


def taps(scene: Scene, variant: int, owner: UUID, other: UUID) -> None:
    """What the owner bought in one tap and can undo; and the same shown to the other customer, who has a card too."""
    now = clock.now()
    scene.own[("method", Role.OTHER_LINK)] = kept_card(other, "o" * 22)
    shown, theirs = (
        checkout.one_tap_of(Visitor(person=person), Wanted(variant), currency="EUR", now=now)
        for person in (owner, other)
    )
    scene.values["terms"] = shown.terms
    scene.own |= {("terms", role): theirs.terms for role in (Role.OTHER, Role.OTHER_LINK)}
    bought = buying.one_tap(
        Visitor(person=owner),
        wanted=Wanted(variant),
        method=scene.values["method"],
        shipping=shown.cart.chosen,
        terms=shown.terms,
        total_seen=shown.total,
        key="one-tap-0001",
        return_url=lambda number: f"https://testserver/{number}",
        now=now,
    ).number
    Order.objects.filter(number=bought).update(undo_until=now + timedelta(hours=1))
    scene.values |= {"bought": bought, "bought_signature": links.signature(bought)}


def belongings(scene: Scene, person: UUID, guest: str) -> dict[str, str]:
    """What the owner has beside an order; and receivers, keys and links."""
    now, owner, staff = clock.now(), Visitor(person=person), Visitor(staff=True)
    kept = Address("Olivia Canary", "Canaryweg 77", "", "20457", "Hamburg", "DE")
    accounts.keep_address(owner, address=kept, now=now)
    passkey = Passkey.objects.create(
        person_id=person, credential_id=b"x", public_key=b"x", name="Canary key", created_at=now
    )
    method = kept_card(person, "m" * 22)
    made, _ = accounts.make_key(staff, name="till", scopes=[Scope.ORDERS_READ], days=30, now=now)
    endpoint = webhooks.add(
        staff, url="https://told.example/hook", description="", kinds=["order.placed"], now=now
    )
    delivery = WebhookDelivery.objects.create(
        endpoint_id=endpoint,
        entry_id=JournalEntry.objects.latest("id").pk,
        kind="order.placed",
        message_id="msg_1",
        status="failed",
        due_at=now,
        created_at=now,
    )
    month = timedelta(days=30)
    consent = queries.consents(owner)[0]
    signed_in(OWNER_MAIL)  # elsewhere, too
    return {
        "address_id": str(SavedAddress.objects.get(person_id=person).pk),
        "passkey": str(passkey.pk),
        "method": method,
        "kept": SAVED + method,
        "key": str(made.id),
        "endpoint_id": str(endpoint),
        "delivery_id": str(delivery.pk),
        "owner_token": data_links.of_person(person, now=now, works=month).rpartition("/")[2],
        "guest_token": data_links.of_guest(guest, now=now, works=month).rpartition("/")[2],
        "cart": scene.clients[Role.OWNER].cookies[CART_COOKIE].value,
        "session": next(
            each.handle
            for each in queries.sessions(owner, here=str(scene.clients[Role.OWNER].session.session_key))
            if not each.here
        ),
        "purpose": str(consent.purpose),
        "version": str(consent.version),
    }


def play(variant: int, provider: FakeProvider) -> Scene:
    """Everybody at their place: signed in, an order each of owner, other and guest, a cart in the owner's hand."""
    for name in ("staff", "once"):
        accounts.make_staff(email=f"{name}@example.com", now=clock.now())
    clients = {
        Role.ANYBODY: Client(),
        Role.GUEST: Client(),
        Role.OWNER: signed_in(OWNER_MAIL),
        Role.OTHER: signed_in("other@example.com"),
        Role.OTHER_LINK: signed_in("other@example.com"),
        Role.STAFF: signed_in("staff@example.com"),
        Role.STAFF_ONCE: signed_in("once@example.com"),
        Role.KEY_BARE: Client(),
        Role.KEY: Client(),
    }
    strong(clients[Role.STAFF])
    scene = Scene(provider, clients)
    for scope in Scope:
        scene.keys[scope] = program_key(scope)
        scene.keys[f"not {scope}"] = program_key(
            *(each for each in Scope if each not in {scope, *stronger(scope)})
        )
    scene.keys[""] = scene.keys["not "] = program_key(*Scope)
    number = ordered(clients[Role.OWNER], variant, OWNER)
    guest = ordered(clients[Role.GUEST], variant, {**TYPED, "email": "guest@example.com"})
    ordered(clients[Role.OTHER], variant, {**TYPED, "email": "other@example.com", "name": "Other Berg"})
    captured = ordered(clients[Role.OWNER], variant, OWNER)
    Payment.objects.filter(order__number=captured).update(
        captured_minor=F("authorised_minor"), state="captured"
    )
    for role in (Role.OWNER, Role.OTHER):
        clients[role].post("/buy", {"variant": variant, "quantity": 1})
    owner = Person.objects.get(email=OWNER_MAIL).pk
    mail = OutboxMail.objects.filter(to=OWNER_MAIL).latest("id")
    failed, letter = (
        OutboxMail.objects.create(
            to=OWNER_MAIL,
            dedupe=status,
            message_id=status,
            created_at=clock.now(),
            due_at=clock.now(),
            status=status,
            html=f"<p style='margin:0'>{OWNER_MAIL}</p>",
        )
        for status in ("failed", "queued")
    )
    scene.values = {
        "number": number,
        "guest_number": guest,
        "signature": links.signature(guest),
        "owner_signature": links.signature(number),
        "line": str(CartLine.objects.get(cart__person_id=owner).pk),
        "captured": captured,
        "mail_id": str(mail.pk),
        "failed_mail": str(failed.pk),
        "letter": str(letter.pk),
        "job_id": str(failed_job()),
        "variant": str(variant),
        "sku": Variant.objects.get(pk=variant).sku,
        "slug": "kettle",
    }
    scene.values |= belongings(scene, owner, guest)
    taps(scene, variant, owner, Person.objects.get(email="other@example.com").pk)
    assert Order.objects.count() == 5
    scene.canaries = [number, captured, links.signature(number), OWNER_MAIL, "Olivia Canary", "Canaryweg 77"]
    return scene
