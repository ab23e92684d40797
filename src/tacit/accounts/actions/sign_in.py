"""Letting people in by a mailed code."""

from __future__ import annotations

import secrets
from datetime import datetime, timedelta

from django.db import connection, transaction
from django.db.models import Count, Q, QuerySet
from django.utils.crypto import constant_time_compare, salted_hmac

from tacit.accounts import wording
from tacit.accounts.actions.held import checked_email, client_hash, hold
from tacit.accounts.models import Person, SignInCode
from tacit.accounts.queries.people import view
from tacit.accounts.rules import sign_in as rules
from tacit.accounts.types import AccountError, PersonView
from tacit.core import ids, journal, mail
from tacit.core.demo import demo_only
from tacit.core.events import PersonSignedIn

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
    Raises AccountError: the address cannot be used, ``too_many_codes`` or ``too_many_asked`` with ``wait`` seconds.
    """
    address = checked_email(email)
    asker = client_hash(client)
    code = f"{secrets.randbelow(10**rules.CODE_DIGITS):0{rules.CODE_DIGITS}}"
    token = ids.token()
    with transaction.atomic():
        if asker:
            hold(f"sign-in client:{asker}")
            asked = SignInCode.objects.filter(client=asker, created_at__gt=now - rules.AT_ONCE).count()
            if not known and not rules.may_ask(lately=asked):
                wait = _wait(
                    SignInCode.objects.filter(client=asker), (rules.CODES_A_CLIENT, rules.AT_ONCE), now=now
                )
                raise AccountError("email", "too_many_asked", wait=wait)
        hold(f"sign-in:{address}")
        codes = SignInCode.objects.filter(email=address, known=known, created_at__gt=now - rules.DAY)
        sent = codes.aggregate(
            today=Count("pk"), lately=Count("pk", filter=Q(created_at__gt=now - rules.AT_ONCE))
        )
        if not rules.may_send(lately=sent["lately"], today=sent["today"]):
            limits = (rules.CODES_AT_ONCE, rules.AT_ONCE), (rules.CODES_A_DAY, rules.DAY)
            raise AccountError("email", "too_many_codes", wait=_wait(codes, *limits, now=now))
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


def _wait(codes: QuerySet[SignInCode], *limits: tuple[int, timedelta], now: datetime) -> int:
    most = max(number for number, _within in limits)
    asked = codes.order_by("-created_at").values_list("created_at", flat=True)[:most]
    return rules.seconds_to_wait(list(asked), *limits, now=now)


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
            return signed_in(taken[0], now)
    raise AccountError("code", "void" if taken is None else "wrong")


def _take_a_try(token: str, now: datetime) -> tuple[str, str] | None:
    """(email, hash) of a code that may still be tried. One statement: two at once never share a try."""
    with connection.cursor() as cursor:
        cursor.execute(_TAKE_A_TRY, [token, now])
        row = cursor.fetchone()
    return (row[0], row[1]) if row else None


def signed_in(email: str, now: datetime) -> PersonView:
    person, is_new = Person.objects.get_or_create(email=email, defaults={"created_at": now})
    if not person.is_active:
        raise AccountError("code", "void")
    journal.record(PersonSignedIn(person=str(person.pk), first_time=is_new), at=now)
    return view(person)


def become(*, email: str, now: datetime) -> PersonView:
    """In a demo: be the person with this address, without a code. Raises DemoOnly, AccountError (``void``)."""
    demo_only()
    address = checked_email(email)
    with transaction.atomic():
        person = Person.objects.filter(email=address, is_active=True).first()
        if person is None:
            raise AccountError("email", "void")
        journal.record(PersonSignedIn(person=str(person.pk), first_time=False), at=now)
    return view(person)


def _hashed(token: str, code: str) -> str:
    return salted_hmac("tacit.accounts.code", f"{token}.{code}", algorithm="sha256").hexdigest()
