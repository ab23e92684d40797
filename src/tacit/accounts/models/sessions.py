"""Where people are signed in."""

from __future__ import annotations

from django.contrib.sessions.base_session import AbstractBaseSession
from django.db import models

from tacit.accounts.models.people import Person


class Session(AbstractBaseSession):
    """One browser that is signed in. No network address is kept, and of the browser only a short label.

    ``handle`` names it on pages; the key that lets its holder in never leaves cookie and table. ``seen_at`` is
    exact to the hour.
    """

    handle = models.CharField(max_length=32, unique=True)
    person = models.ForeignKey(Person, null=True, on_delete=models.CASCADE, related_name="+")
    agent = models.CharField(max_length=60, blank=True, default="")
    created_at = models.DateTimeField()
    seen_at = models.DateTimeField()

    class Meta:
        db_table = "accounts_session"
