"""Things that sell and will soon be gone."""

from __future__ import annotations

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from tacit.checkout import queries
from tacit.web.desk.needs.types import SHOWN, Asked, Found
from tacit.web.desk.stock import StockShown


def find(asked: Asked) -> Found | None:
    rows = queries.running_out(asked.visitor, now=asked.now)
    if not rows:
        return None
    return Found(
        name="stock",
        title=ngettext("%(n)s thing is running out", "%(n)s things are running out", len(rows))
        % {"n": len(rows)},
        href=reverse("desk-stock"),
        template="web/desk/stock_rows.html",
        rows=[StockShown(row, asked.back, sold=sold) for row, sold in rows[:SHOWN]],
        more=len(rows) > SHOWN,
        note=_("At the pace of the last 30 days they are gone within two weeks."),
    )
