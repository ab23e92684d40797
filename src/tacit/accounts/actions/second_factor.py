"""The second thing staff show: a code of their authenticator app, or one of their recovery codes."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.conf import settings
from django.db import connection, transaction
from django.utils.crypto import salted_hmac

from tacit.accounts.actions.factors import hold_ways_in
from tacit.accounts.actions.held import checked_email
from tacit.accounts.actions.sealing import seal, unseal
from tacit.accounts.actions.sessions import revoke_sessions
from tacit.accounts.models import AuthenticatorApp, Passkey, Person, RecoveryCode, SecondFactorTries
from tacit.accounts.rules import second_factor as rules
from tacit.accounts.types import AccountError, NewApp, Visitor
from tacit.core import journal
from tacit.core.events import (
    RecoveryCodeUsed,
    SecondFactorRemoved,
    SecondFactorReset,
    SecondFactorSet,
)

SET_UP_WITHIN_SECONDS = 3600

_TAKE_A_TRY = """
INSERT INTO accounts_secondfactortries AS t (person_id, known, since, tries) VALUES (%s, %s, %s, 1)
ON CONFLICT (person_id, known) DO UPDATE
  SET since = CASE WHEN t.since <= %s THEN excluded.since ELSE t.since END,
      tries = CASE WHEN t.since <= %s THEN 1 ELSE t.tries + 1 END
  WHERE t.since <= %s OR t.tries < %s
RETURNING 1
"""


def begin_app(visitor: Visitor, *, account: str) -> NewApp:
    """A fresh secret for an authenticator app; nothing is kept until ``set_up_app`` sees its first code.

    ``account``: what the app calls it, the person's address. Raises NotAllowed.
    """
    with transaction.atomic():
        person, _ = hold_ways_in(visitor)
    return _new_app(seal(f"{person.pk} {rules.new_secret()}"), account=account)


def resume_app(visitor: Visitor, *, sealed: str, account: str) -> NewApp | None:
    """What ``begin_app`` gave, from its ``sealed`` part; None when that is not theirs, or an hour old."""
    return _new_app(sealed, account=account) if _secret_in(visitor, sealed) else None


def set_up_app(visitor: Visitor, *, sealed: str, code: str, now: datetime) -> list[str]:
    """Take the app whose first code this is, instead of an earlier one; its recovery codes, told only now.

    ``now`` is the world's. Raises AccountError (``wrong``, ``void``), NotAllowed.
    """
    digits = rules.read_code(code)
    secret = _secret_in(visitor, sealed)
    if secret is None:
        raise AccountError("factor", "void")
    step = rules.matching_step(secret, digits, now=now, after=0)
    if step is None:
        raise AccountError("factor", "wrong")
    with transaction.atomic():
        person, _ = hold_ways_in(visitor)
        AuthenticatorApp.objects.update_or_create(
            person=person, defaults={"secret": seal(secret), "last_step": step, "created_at": now}
        )
        journal.record(SecondFactorSet(person=str(person.pk)), at=now)
        return _new_recovery_codes(person.pk)


def new_recovery_codes(visitor: Visitor, *, now: datetime) -> list[str]:
    """Fresh recovery codes; the earlier ones are void. Raises AccountError (``no_app``), NotAllowed."""
    with transaction.atomic():
        person, ways = hold_ways_in(visitor)
        if not ways.app:
            raise AccountError("factor", "no_app")
        journal.record(SecondFactorSet(person=str(person.pk)), at=now)
        return _new_recovery_codes(person.pk)


def remove_app(visitor: Visitor, *, now: datetime) -> None:
    """Forget app and recovery codes; no app is no error. Raises NotAllowed."""
    with transaction.atomic():
        person, ways = hold_ways_in(visitor)
        if ways.app:
            _forget_app(person.pk)
            journal.record(SecondFactorRemoved(person=str(person.pk)), at=now)


def show_second_factor(person: UUID, *, code: str, known: bool, now: datetime) -> None:
    """Check a code of the app, or use up a recovery code. ``now`` is the world's: an app knows no other.

    ``known``: the browser was let in as this person before; it has tries that nobody else can use up.
    Raises AccountError: ``locked`` when tries are used up for now, ``wrong`` when nothing fits. A try is taken
    either way and stays taken until something fits.
    """
    typed = rules.read_code(code)
    with transaction.atomic():
        tried = _take_a_try(person, known, now)
        right = tried and (_fits_app if rules.is_of_app(typed) else _uses_recovery)(person, typed, now)
        if right:
            SecondFactorTries.objects.filter(person_id=person, known=known).delete()
    if not tried:
        wait = int(rules.TRIES_WITHIN.total_seconds())
        raise AccountError("factor", "locked", hours=wait // 3600, wait=wait)
    if not right:
        raise AccountError("factor", "wrong")


def reset_second_factor(*, email: str, now: datetime) -> None:
    """Take somebody's app, recovery codes and passkeys away and end their sessions: they set one up anew after
    the next mailed code. Raises AccountError (``unknown``)."""
    with transaction.atomic():
        person = Person.objects.filter(email=checked_email(email)).first()
        if person is None:
            raise AccountError("email", "unknown")
        _forget_app(person.pk)
        Passkey.objects.filter(person=person).delete()
        revoke_sessions(person.pk, now=now)
        journal.record(SecondFactorReset(person=str(person.pk)), at=now)


def _take_a_try(person: UUID, known: bool, now: datetime) -> bool:
    """One statement: two at once never share a try."""
    since = now - rules.TRIES_WITHIN
    with connection.cursor() as cursor:
        cursor.execute(_TAKE_A_TRY, [person, known, now, since, since, since, rules.MOST_TRIES])
        return cursor.fetchone() is not None


def _fits_app(person: UUID, code: str, now: datetime) -> bool:
    """A step is taken once: of two requests with the same code only one moves ``last_step``."""
    app = AuthenticatorApp.objects.filter(person_id=person).first()
    secret = unseal(app.secret) if app else None
    if app is None or secret is None:
        return False
    step = rules.matching_step(secret, code, now=now, after=app.last_step)
    if step is None:
        return False
    return bool(AuthenticatorApp.objects.filter(person_id=person, last_step__lt=step).update(last_step=step))


def _uses_recovery(person: UUID, code: str, now: datetime) -> bool:
    used = RecoveryCode.objects.filter(person_id=person, code_hash=_hashed(person, code), used_at=None)
    if not used.update(used_at=now):
        return False
    journal.record(RecoveryCodeUsed(person=str(person)), at=now)
    return True


def _new_recovery_codes(person: UUID) -> list[str]:
    codes = rules.new_recovery_codes()
    RecoveryCode.objects.filter(person_id=person).delete()
    RecoveryCode.objects.bulk_create(
        RecoveryCode(person_id=person, code_hash=_hashed(person, rules.read_code(code))) for code in codes
    )
    return codes


def _forget_app(person: UUID) -> None:
    AuthenticatorApp.objects.filter(person_id=person).delete()
    RecoveryCode.objects.filter(person_id=person).delete()


def _new_app(sealed: str, *, account: str) -> NewApp:
    secret = (unseal(sealed) or "").partition(" ")[2]
    return NewApp(sealed, secret, rules.address(secret, account=account, shop=settings.SHOP_NAME))


def _secret_in(visitor: Visitor, sealed: str) -> str | None:
    """The secret that this person began to set up within the hour."""
    person, _, secret = (unseal(sealed, seconds=SET_UP_WITHIN_SECONDS) or "").partition(" ")
    return secret if secret and person == str(visitor.person) else None


def _hashed(person: UUID, code: str) -> str:
    return salted_hmac("tacit.accounts.recovery", f"{person}.{code}", algorithm="sha256").hexdigest()
