"""What several actions share: an address checked, a turn taken, a network address made unreadable."""

from __future__ import annotations

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import connection
from django.utils.crypto import salted_hmac

from tacit.accounts.rules import sign_in as rules
from tacit.accounts.types import AccountError


def checked_email(text: str) -> str:
    """The address in the one form it is kept in. Raises AccountError."""
    address = rules.normalise_email(text)
    try:
        validate_email(address)
    except ValidationError:
        raise AccountError("email", "not_an_email") from None
    return address


def hold(name: str) -> None:
    """One transaction at a time goes on from here for ``name``, so that what it counts holds."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [name])


def client_hash(address: str) -> str:
    """What is kept of a network address that asks; '' when none is known."""
    network = rules.network(address)
    return salted_hmac("tacit.accounts.client", network, algorithm="sha256").hexdigest() if network else ""
