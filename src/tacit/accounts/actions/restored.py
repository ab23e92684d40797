"""What a restored shop takes back, because nobody can know what was revoked since the backup."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from tacit.accounts.models import Passkey, PasskeyChallenge, ProgramKey, RecoveryCode, Session, SignInCode
from tacit.core import journal, rights
from tacit.core.events import ProgramKeyRevoked

BY = "restore"


def revoke_all(*, now: datetime) -> None:
    """End all that lets somebody in by itself: sessions, codes, passkeys, recovery codes, keys of programs.

    Authenticator apps stay: alone they let nobody in, and without them a mailed code would be enough.
    """
    with transaction.atomic():
        for model in (Session, SignInCode, PasskeyChallenge, Passkey, RecoveryCode):
            model._default_manager.all().delete()
        rights.forget_codes_sent()
        keys = ProgramKey.objects.filter(revoked_at=None)
        ended = list(keys.order_by("pk").values_list("pk", flat=True))
        keys.update(revoked_at=now)
        for key in ended:
            journal.record(ProgramKeyRevoked(str(key), BY), at=now)
