"""Throwing away what lets nobody in any more."""

from __future__ import annotations

from datetime import datetime

from django.db.models.functions import Now

from tacit.accounts.models import PasskeyChallenge, SecondFactorTries, Session, SignInCode
from tacit.accounts.rules import second_factor, sign_in


def tidy(*, now: datetime) -> None:
    """Delete sessions, codes, challenges and tries that ran out and count for no limit."""
    Session.objects.filter(expire_date__lt=Now()).delete()
    SignInCode.objects.filter(expires_at__lt=now - 2 * sign_in.DAY).delete()
    PasskeyChallenge.objects.filter(expires_at__lt=now - sign_in.AT_ONCE).delete()
    SecondFactorTries.objects.filter(since__lt=now - second_factor.TRIES_WITHIN).delete()
