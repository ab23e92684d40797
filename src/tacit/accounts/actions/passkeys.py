"""Passkeys: adding them, signing in with them. A passkey has always verified its user."""

from __future__ import annotations

import struct
from datetime import datetime
from typing import Any

from django.db import IntegrityError, connection, transaction

from tacit.accounts.actions.challenges import new_challenge, use_challenge
from tacit.accounts.actions.factors import hold_ways_in, person_of
from tacit.accounts.actions.held import client_hash
from tacit.accounts.models import Passkey, Person
from tacit.accounts.queries.people import view
from tacit.accounts.rules import passkeys as rules
from tacit.accounts.types import AccountError, Asked, PersonView, Site, Visitor
from tacit.core import journal
from tacit.core.events import PasskeyAdded, PasskeyRemoved, PersonSignedIn

_USED = """
UPDATE accounts_passkey SET sign_count = %(count)s, last_used_at = %(now)s
WHERE id = %(id)s AND (sign_count < %(count)s OR sign_count = 0 AND %(count)s = 0)
"""
_UNREADABLE = (ValueError, KeyError, TypeError, IndexError, AttributeError, struct.error)
"""What the library lets through besides its own errors when an answer is garbage."""


def ask_for_new_passkey(visitor: Visitor, *, site: Site, now: datetime) -> Asked:
    """What a browser needs to make a passkey for the signed-in person.

    Raises NotAllowed, AccountError (``too_many``).
    """
    from webauthn import generate_registration_options, options_to_json
    from webauthn.helpers import structs

    with transaction.atomic():
        person, ways = hold_ways_in(visitor)
        if ways.passkeys >= rules.MOST_PASSKEYS:
            raise AccountError("passkey", "too_many", most=rules.MOST_PASSKEYS)
        token, challenge = new_challenge(person=person.pk, client="", now=now)
        known = [bytes(each) for each in _of(person).values_list("credential_id", flat=True)]
    options = generate_registration_options(
        rp_id=site.host,
        rp_name=site.name,
        user_id=person.pk.bytes,
        user_name=person.email or site.name,
        user_display_name=person.name or person.email or site.name,
        challenge=challenge,
        authenticator_selection=structs.AuthenticatorSelectionCriteria(
            resident_key=structs.ResidentKeyRequirement.REQUIRED,
            user_verification=structs.UserVerificationRequirement.REQUIRED,
        ),
        exclude_credentials=[structs.PublicKeyCredentialDescriptor(id=each) for each in known],
    )
    return Asked(token, options_to_json(options))


def add_passkey(visitor: Visitor, *, token: str, answer: str, name: str, site: Site, now: datetime) -> int:
    """Keep the passkey that a browser made; its id. ``answer``: WebAuthn's JSON.

    Raises NotAllowed, AccountError: ``void``, ``wrong``, ``kept_already``.
    """
    called = rules.check_name(name)
    challenge = use_challenge(token, person=person_of(visitor), now=now)
    made = _registered(answer, challenge, site)
    try:
        with transaction.atomic():
            person, _ = hold_ways_in(visitor)
            row = Passkey.objects.create(
                person=person,
                credential_id=made.credential_id,
                public_key=made.credential_public_key,
                sign_count=made.sign_count,
                name=called,
                created_at=now,
            )
            journal.record(PasskeyAdded(person=str(person.pk)), at=now)
    except IntegrityError:
        raise AccountError("passkey", "kept_already") from None
    return row.pk


def ask_for_passkey(*, site: Site, client: str, now: datetime) -> Asked:
    """What a browser needs to sign somebody in with a passkey; the same whoever asks.

    ``client``: the network address that asks, '' when not known. Raises AccountError (``too_many_asked``).
    """
    from webauthn import generate_authentication_options, options_to_json
    from webauthn.helpers import structs

    token, challenge = new_challenge(person=None, client=client_hash(client), now=now)
    options = generate_authentication_options(
        rp_id=site.host,
        challenge=challenge,
        user_verification=structs.UserVerificationRequirement.REQUIRED,
    )
    return Asked(token, options_to_json(options))


def sign_in_by_passkey(*, token: str, answer: str, site: Site, now: datetime) -> PersonView:
    """Whoever the passkey belongs to. Its user was verified, so it counts as two factors.

    Raises AccountError: ``void``, ``wrong``.
    """
    from webauthn import verify_authentication_response
    from webauthn.helpers import exceptions, parse_authentication_credential_json

    challenge = use_challenge(token, person=None, now=now)
    try:
        read = parse_authentication_credential_json(_short(answer))
        row = Passkey.objects.select_related("person").filter(credential_id=read.raw_id).first()
        if row is None or read.response.user_handle not in {None, row.person.pk.bytes}:
            raise AccountError("passkey", "wrong")
        verified = verify_authentication_response(
            credential=read,
            expected_challenge=challenge,
            expected_rp_id=site.host,
            expected_origin=site.origin,
            credential_public_key=bytes(row.public_key),
            credential_current_sign_count=row.sign_count,
            require_user_verification=True,
        )
    except (exceptions.WebAuthnException, *_UNREADABLE):
        raise AccountError("passkey", "wrong") from None
    with transaction.atomic():
        if not row.person.is_active or not _used(row.pk, verified.new_sign_count, now):
            raise AccountError("passkey", "wrong")
        journal.record(PersonSignedIn(person=str(row.person.pk), first_time=False), at=now)
    return view(row.person)


def rename_passkey(visitor: Visitor, *, id: int, name: str) -> None:
    """Raises AccountError (``unknown``: not theirs), NotAllowed."""
    called = rules.check_name(name)
    if not Passkey.objects.filter(person_id=person_of(visitor), pk=id).update(name=called):
        raise AccountError("passkey", "unknown")


def remove_passkey(visitor: Visitor, *, id: int, now: datetime) -> None:
    """It lets nobody in from now on; one that is gone already is no error. Raises NotAllowed."""
    with transaction.atomic():
        person, _ = hold_ways_in(visitor)
        if _of(person).filter(pk=id).delete()[0]:
            journal.record(PasskeyRemoved(person=str(person.pk)), at=now)


def _registered(answer: str, challenge: bytes, site: Site) -> Any:
    from webauthn import verify_registration_response
    from webauthn.helpers import exceptions

    try:
        return verify_registration_response(
            credential=_short(answer),
            expected_challenge=challenge,
            expected_rp_id=site.host,
            expected_origin=site.origin,
            require_user_verification=True,
        )
    except (exceptions.WebAuthnException, *_UNREADABLE):
        raise AccountError("passkey", "wrong") from None


def _used(passkey: int, count: int, now: datetime) -> bool:
    """Note its use; False when its counter did not grow, which a copy of the passkey would betray."""
    with connection.cursor() as cursor:
        cursor.execute(_USED, {"count": count, "now": now, "id": passkey})
        return bool(cursor.rowcount)


def _of(person: Person) -> Any:
    return Passkey.objects.filter(person=person)


def _short(answer: str) -> str:
    if len(answer) > rules.LONGEST_ANSWER:
        raise AccountError("passkey", "wrong")
    return answer
