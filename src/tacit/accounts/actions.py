"""Letting people in by a mailed code."""

from __future__ import annotations

import secrets
from collections.abc import Collection
from datetime import datetime
from uuid import UUID

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import connection, transaction
from django.db.models import Count, F, Q
from django.utils.crypto import constant_time_compare, salted_hmac

from tacit.accounts import rules, wording
from tacit.accounts.models import Person, SignInCode
from tacit.accounts.queries import view
from tacit.accounts.types import AccountError, PersonView
from tacit.core import ids, journal, mail
from tacit.core.demo import demo_only
from tacit.core.events import PersonSignedIn, StaffAdded, StaffRemoved

_TAKE_A_TRY = """
UPDATE accounts_signincode SET tries_left = tries_left - 1
WHERE token = %s AND tries_left > 0 AND used_at IS NULL AND expires_at > %s
RETURNING email, code_hash
"""


def request_code(*, email: str, now: datetime, known: bool = False, client: str = "") -> str:
    """Mail a code to ``email``; the token that must come back with it, to be kept by the browser that asked.

    ``known``: the browser proves (by ``queries.browser_mark``) that it signed in as this address before; it
    then has an allowance that nobody else can use up. ``client``: the network address that asks, '' when not
    known; only a keyed hash of it is kept. The answer is the same whether anybody here has that address.
    Raises AccountError: the address cannot be used, ``too_many_codes`` or ``too_many_asked``.
    """
    address = _checked_email(email)
    asker = _client_hash(client)
    code = f"{secrets.randbelow(10**rules.CODE_DIGITS):0{rules.CODE_DIGITS}}"
    token = ids.token()
    with transaction.atomic():
        if asker:
            _hold(f"sign-in client:{asker}")
            asked = SignInCode.objects.filter(client=asker, created_at__gt=now - rules.AT_ONCE).count()
            if not known and not rules.may_ask(lately=asked):
                raise AccountError("email", "too_many_asked")
        _hold(f"sign-in:{address}")
        codes = SignInCode.objects.filter(email=address, known=known, created_at__gt=now - rules.DAY)
        sent = codes.aggregate(
            today=Count("pk"), lately=Count("pk", filter=Q(created_at__gt=now - rules.AT_ONCE))
        )
        if not rules.may_send(lately=sent["lately"], today=sent["today"]):
            raise AccountError("email", "too_many_codes")
        SignInCode.objects.create(
            token=token,
            email=address,
            code_hash=_hashed(token, code),
            created_at=now,
            expires_at=now + rules.CODE_LIFETIME,
            tries_left=rules.CODE_TRIES,
            known=known,
            client=asker,
        )
        minutes = int(rules.CODE_LIFETIME.total_seconds() // 60)
        message = wording.code_mail(to=address, code=code, minutes=minutes)
        mail.write(message, dedupe=f"sign-in:{token}", now=now)
    return token


def confirm_code(*, token: str, code: str, now: datetime) -> PersonView:
    """Whoever proves the address with the mailed code, made known here when new.

    Raises AccountError: ``wrong`` when the code does not fit, ``void`` when nothing fits any more (expired,
    used, tried too often, or never asked for). A try is taken either way and stays taken.
    """
    digits = rules.check_code(code)
    if not rules.is_token(token):
        raise AccountError("code", "void")
    with transaction.atomic():
        taken = _take_a_try(token, now)
        right = taken is not None and constant_time_compare(taken[1], _hashed(token, digits))
        if taken is not None and right:
            SignInCode.objects.filter(pk=token).update(used_at=now)
            return _signed_in(taken[0], now)
    raise AccountError("code", "void" if taken is None else "wrong")


def _take_a_try(token: str, now: datetime) -> tuple[str, str] | None:
    """(email, hash) of a code that may still be tried. One statement: two at once never share a try."""
    with connection.cursor() as cursor:
        cursor.execute(_TAKE_A_TRY, [token, now])
        row = cursor.fetchone()
    return (row[0], row[1]) if row else None


def _signed_in(email: str, now: datetime) -> PersonView:
    person, is_new = Person.objects.get_or_create(email=email, defaults={"created_at": now})
    if not person.is_active:
        raise AccountError("code", "void")
    journal.record(PersonSignedIn(person=str(person.pk), first_time=is_new), at=now)
    return view(person)


def become(*, email: str, now: datetime) -> PersonView:
    """In a demo: be the person with this address, without a code. Raises DemoOnly, AccountError (``void``)."""
    demo_only()
    address = _checked_email(email)
    with transaction.atomic():
        person = Person.objects.filter(email=address, is_active=True).first()
        if person is None:
            raise AccountError("email", "void")
        journal.record(PersonSignedIn(person=str(person.pk), first_time=False), at=now)
    return view(person)


def make_staff(*, email: str, now: datetime) -> PersonView:
    """Let whoever proves this address work at the desk. Raises AccountError."""
    address = _checked_email(email)
    with transaction.atomic():
        person, _ = Person.objects.get_or_create(email=address, defaults={"created_at": now})
        if Person.objects.filter(pk=person.pk, is_staff=False).update(is_staff=True):
            journal.record(StaffAdded(person=str(person.pk)), at=now)
        person.is_staff = True
    return view(person)


def set_staff(*, emails: Collection[str], now: datetime) -> None:
    """Let exactly these addresses work at the desk: everybody else loses that right, and all their sessions.

    Raises AccountError when one of them is no address; then nothing changed.
    """
    with transaction.atomic():
        _hold("staff")
        staying = {make_staff(email=email, now=now).id for email in emails}
        for person in Person.objects.filter(is_staff=True).exclude(pk__in=staying).order_by("pk"):
            Person.objects.filter(pk=person.pk).update(is_staff=False)
            revoke_sessions(person.pk, now=now)
            journal.record(StaffRemoved(person=str(person.pk)), at=now)


def known_person(*, email: str, name: str, now: datetime) -> PersonView:
    """Somebody whose address was proven elsewhere, made known here when new. Raises AccountError."""
    person, _ = Person.objects.get_or_create(
        email=_checked_email(email), defaults={"name": name[:100], "created_at": now}
    )
    return view(person)


def revoke_sessions(person: UUID, *, now: datetime) -> None:
    """End every session of this person, everywhere, and void the codes on their way."""
    with transaction.atomic():
        if Person.objects.filter(pk=person).update(session_epoch=F("session_epoch") + 1):
            email = Person.objects.values_list("email", flat=True).get(pk=person)
            SignInCode.objects.filter(email=email, used_at=None).update(used_at=now)


def _checked_email(text: str) -> str:
    address = rules.normalise_email(text)
    try:
        validate_email(address)
    except ValidationError:
        raise AccountError("email", "not_an_email") from None
    return address


def _hold(name: str) -> None:
    """One transaction at a time goes on from here for ``name``, so that what it counts holds."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [name])


def _client_hash(address: str) -> str:
    network = rules.network(address)
    return salted_hmac("tacit.accounts.client", network, algorithm="sha256").hexdigest() if network else ""


def _hashed(token: str, code: str) -> str:
    return salted_hmac("tacit.accounts.code", f"{token}.{code}", algorithm="sha256").hexdigest()
