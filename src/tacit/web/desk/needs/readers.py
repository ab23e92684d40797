"""Readers of the journal that are far behind: letters are not written, and nobody notices."""

from __future__ import annotations

from datetime import timedelta

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from tacit.core import journal
from tacit.web.desk.needs.types import Asked, Found

PATIENCE = timedelta(minutes=5)


def find(asked: Asked) -> Found | None:
    behind = [lag for lag in journal.lags(now=asked.now) if lag.entries and lag.age > PATIENCE]
    if not behind:
        return None
    return Found(
        name="readers",
        title=ngettext("%(n)s reader is behind", "%(n)s readers are behind", len(behind))
        % {"n": len(behind)},
        href=reverse("desk-journal"),
        template="web/desk/reader_rows.html",
        rows=behind,
        note=_("Mails about orders wait meanwhile. Is the worker running (tacit work)?"),
    )
