"""Orders whose money a provider refused to move, or whose money has lapsed."""

from __future__ import annotations

from django.urls import reverse
from django.utils.translation import ngettext

from tacit.checkout import queries
from tacit.web.desk.needs.types import SHOWN, Asked, Found
from tacit.web.desk.shown import order_shown


def find(asked: Asked) -> Found | None:
    page = queries.staff_page(asked.visitor, status=queries.TROUBLED, limit=SHOWN)
    if not page.rows:
        return None
    count = page.found or len(page.rows)
    return Found(
        name="money",
        title=ngettext("%(n)s order whose money is stuck", "%(n)s orders whose money is stuck", count)
        % {"n": count},
        href=f"{reverse('desk-orders')}?status={queries.TROUBLED}",
        template="web/desk/order_rows.html",
        rows=[order_shown(row, now=asked.now, back=asked.back, place="money") for row in page.rows],
        more=page.more,
    )
