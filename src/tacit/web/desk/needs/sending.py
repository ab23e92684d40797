"""Paid orders that wait to be sent, the nearest promised day first."""

from __future__ import annotations

from django.urls import reverse
from django.utils.translation import ngettext

from tacit.checkout import queries
from tacit.checkout.types.order import OrderStatus
from tacit.web.desk.needs.types import SHOWN, Asked, Found
from tacit.web.desk.shown import order_shown


def find(asked: Asked) -> Found | None:
    page = queries.staff_page(asked.visitor, status=OrderStatus.PAID, limit=SHOWN)
    if not page.rows:
        return None
    count = page.found or len(page.rows)
    return Found(
        name="sending",
        title=ngettext("%(n)s order to send", "%(n)s orders to send", count) % {"n": count},
        href=f"{reverse('desk-orders')}?status={OrderStatus.PAID}",
        template="web/desk/order_rows.html",
        rows=[order_shown(row, now=asked.now, back=asked.back, place="sending") for row in page.rows],
        more=page.more,
        choose=True,
    )
