"""Giving somebody what the shop holds about them, and erasing it: each room does its own part."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import transaction

from tacit.accounts import wording
from tacit.accounts.models import (
    AuthenticatorApp,
    Passkey,
    PasskeyChallenge,
    Person,
    RecoveryCode,
    SavedAddress,
    SecondFactorTries,
    Session,
    SignInCode,
)
from tacit.accounts.queries.personal import held_about
from tacit.accounts.rules import retention
from tacit.accounts.types import AccountError, NotAllowed, Visitor
from tacit.core import journal, mail, ports, rights
from tacit.core.events import PersonErased
from tacit.core.personal import ErasureLog, Fate, PersonalData, RetentionMap, Stays, Subject
from tacit.core.retention import MAP as OF_CORE

LINK_WORKS = timedelta(hours=24)
"""How long a mailed link to somebody's data works."""
_ONE_MAIL_IN = timedelta(minutes=10)
_OF_A_PERSON = (
    SavedAddress,
    Passkey,
    PasskeyChallenge,
    AuthenticatorApp,
    RecoveryCode,
    SecondFactorTries,
    Session,
)


class PersonalAccounts:
    """Accounts' and core's answer for what they hold: the port ``core.personal.PersonalData``."""

    @property
    def retention(self) -> RetentionMap:
        return {**OF_CORE, **retention.MAP}

    def name(self, what: str) -> str:
        return wording.held_name(what)

    def widen(self, subject: Subject) -> Subject:
        if subject.person is None:
            return subject
        email = Person.objects.filter(pk=subject.person).values_list("email", flat=True).first()
        addresses = subject.addresses | ({email} if email else frozenset())
        return Subject(subject.person, addresses, subject.orders)

    def hold(self, subject: Subject) -> None:
        del subject

    def left(self, subject: Subject) -> Subject:
        return subject

    def export(self, subject: Subject) -> dict[str, Any]:
        return held_about(subject)

    def stays(self, subject: Subject, *, now: datetime) -> list[Stays]:
        del subject, now
        return []

    def erase(self, subject: Subject, *, now: datetime) -> None:
        del now
        rights.forget_letters(addresses=subject.addresses, orders=subject.orders)
        SignInCode.objects.filter(email__in=subject.addresses).delete()
        if subject.person is None:
            return
        for model in _OF_A_PERSON:
            model._default_manager.filter(person=subject.person).delete()
        person = Person.objects.get(pk=subject.person)
        person.email, person.name, person.is_active, person.is_staff = None, "", False, False
        person.last_login = None
        person.session_epoch += 1
        person.save()


@dataclass(frozen=True, slots=True)
class Held:
    """What an erasure would do: ``goes`` at once, and what ``stays`` for a while; named in the reader's language."""

    goes: tuple[str, ...]
    stays: tuple[tuple[str, Stays], ...]


def subject_of(visitor: Visitor) -> Subject:
    """Whoever is signed in, as the subject of their own data, with all rooms know to be theirs. Raises NotAllowed."""
    if visitor.person is None:
        raise NotAllowed
    return _widened(Subject(visitor.person))


def guest_subject(address: str) -> Subject:
    """Whoever proved ``address`` without being signed in: their orders as a guest. The caller checked the proof."""
    return _widened(Subject(None, frozenset({address.lower()}) if address else frozenset()))


def ask_for_data(*, to: str, key: str, link: str, now: datetime) -> None:
    """Mail the ``link`` to somebody's data to ``to``; for the same ``key`` once in ten minutes."""
    hours = int(LINK_WORKS.total_seconds() // 3600)
    slot = int(now.timestamp() // _ONE_MAIL_IN.total_seconds())
    message = wording.data_mail(to=to, link=link, hours=hours)
    with transaction.atomic():
        mail.write(message, dedupe=f"data:{key}:{slot}", now=now)


def everything(subject: Subject) -> dict[str, dict[str, Any]]:
    """All that is held: room → code of the map → JSON values. One consistent moment."""
    with transaction.atomic():
        return {room: personal.export(subject) for room, personal in ports.every(PersonalData).items()}


def before_erasing(subject: Subject, *, now: datetime) -> Held:
    """What would go and what would stay."""
    goes: dict[str, None] = {}
    stays: list[tuple[str, Stays]] = []
    for personal in ports.every(PersonalData).values():
        held = personal.export(subject)
        names = (
            column.what
            for table in personal.retention.values()
            for column in table.values()
            if column.fate in {Fate.ERASED, Fate.KEPT}
        )
        left = personal.stays(subject, now=now)
        keeps = {each.what for each in left}
        goes |= {personal.name(what): None for what in names if held.get(what) and what not in keeps}
        stays += [(personal.name(each.what), each) for each in left]
    return Held(tuple(goes), tuple(stays))


def erase_person(visitor: Visitor, *, now: datetime) -> None:
    """Erase whoever is signed in. Raises NotAllowed, AccountError (``person``, ``staff``)."""
    if visitor.person is None:
        raise NotAllowed
    while True:
        with transaction.atomic(), contextlib.suppress(_MoreOrders):
            subject = _held(visitor.person)
            if Person.objects.get(pk=visitor.person).is_staff:
                raise AccountError("person", "staff")
            _erase(subject, now=now, note=ports.get(ErasureLog).append)
            return


def erase_guest(address: str, *, now: datetime) -> None:
    """Erase whoever ordered as a guest with ``address``, which the caller proved to be theirs."""
    with transaction.atomic():
        subject = guest_subject(address)
        for personal in ports.every(PersonalData).values():
            personal.hold(subject)
        if subject.orders:
            _erase(subject, now=now, note=ports.get(ErasureLog).append)


def erase_again(erasures: Iterable[tuple[str, datetime]]) -> int:
    """What was erased after a backup was made, erased again in the shop of that backup; how many were still there.

    ``erasures``: person:ID or order:NUMBER, and when. Nobody else uses the shop.
    """
    persons: dict[UUID, datetime] = {}
    orders: dict[str, datetime] = {}
    for name, at in erasures:
        kind, _colon, value = name.partition(":")
        if kind == "person":
            persons[UUID(value)] = at
        else:
            orders[value] = at
    with transaction.atomic():
        here = list(Person.objects.filter(pk__in=persons, is_active=True).order_by("pk"))
        for person in here:
            _erase(_widened(Subject(person.pk)), now=persons[person.pk], note=None)
        left = Subject(None, frozenset(), tuple(orders))
        for personal in ports.every(PersonalData).values():
            left = personal.left(left)
        together: dict[datetime, list[str]] = {}
        for number in left.orders:
            together.setdefault(orders[number], []).append(number)
        for at, numbers in sorted(together.items()):
            _erase(Subject(None, frozenset(), tuple(numbers)), now=at, note=None)
    return len(here) + len(left.orders)


def _erase(
    subject: Subject,
    *,
    now: datetime,
    note: Callable[[list[str], datetime], None] | None,
) -> None:
    """All rooms' part, in the caller's transaction. ``note`` writes the names down before it can commit."""
    for personal in ports.every(PersonalData).values():
        personal.erase(subject, now=now)
    person = str(subject.person) if subject.person else None
    journal.record(PersonErased(person, list(subject.orders)), at=now)
    if note is not None:
        names = [f"person:{person}"] if person else []
        note([*names, *(f"order:{number}" for number in subject.orders)], now)


class _MoreOrders(Exception):
    """An order came while we waited for the person's row; its row must be locked before that, so begin anew."""


def _held(person: UUID) -> Subject:
    """All that is theirs, locked: whoever writes in their name waits, and then finds them gone. Raises NotAllowed.

    The person's row comes last, as it does for everybody who writes an order, a cart or a kept way to pay: two that
    lock in different orders could wait for each other.
    """
    subject = _widened(Subject(person))
    for personal in ports.every(PersonalData).values():
        personal.hold(subject)
    if not Person.objects.select_for_update().filter(pk=person, is_active=True).exists():
        raise NotAllowed
    whole = _widened(Subject(person))
    if not set(whole.orders) <= set(subject.orders):
        raise _MoreOrders
    return whole


def _widened(subject: Subject) -> Subject:
    rooms = ports.every(PersonalData).values()
    for _ in range(2):  # one room's addresses lead to another's orders
        for personal in rooms:
            subject = personal.widen(subject)
    return subject
