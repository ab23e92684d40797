"""Receivers of webhooks that were switched off by what they answered, or that did not take what was sent."""

from __future__ import annotations

from django.urls import reverse
from django.utils.translation import ngettext

from tacit.core import webhooks
from tacit.web.desk.needs.types import SHOWN, Asked, Found
from tacit.web.desk.webhooks import shown


def find(asked: Asked) -> Found | None:
    rows = webhooks.troubled(asked.visitor, now=asked.now)
    if not rows:
        return None
    return Found(
        name="webhooks",
        title=ngettext(
            "%(n)s receiver of webhooks takes nothing",
            "%(n)s receivers of webhooks take nothing",
            len(rows),
        )
        % {"n": len(rows)},
        href=f"{reverse('desk-webhooks')}?status=failed",
        template="web/desk/webhook_rows.html",
        rows=[shown(row, asked.back) for row in rows[:SHOWN]],
        more=len(rows) > SHOWN,
    )
