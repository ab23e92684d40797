"""Mails that were given up."""

from __future__ import annotations

from django.urls import reverse
from django.utils.translation import ngettext

from tacit.core import mail
from tacit.web.desk.house import HouseRow, mail_words
from tacit.web.desk.needs.types import SHOWN, Asked, Found


def find(asked: Asked) -> Found | None:
    rows, more = mail.outbox(asked.visitor, status="failed")
    if not rows:
        return None
    count = len(rows)
    return Found(
        name="mails",
        title=ngettext("%(n)s mail given up", "%(n)s mails given up", count)
        % {"n": f"{count}+" if more else count},
        href=f"{reverse('desk-outbox')}?status=failed",
        template="web/desk/mail_rows.html",
        rows=[HouseRow(row, mail_words()[row.status], asked.back) for row in rows[:SHOWN]],
        more=count > SHOWN,
    )
