"""Orders with a parcel its carrier is late with, has lost or does not take."""

from __future__ import annotations

from django.urls import reverse
from django.utils.translation import ngettext

from tacit.checkout import queries
from tacit.web.desk.needs.types import SHOWN, Asked, Found
from tacit.web.desk.shown import order_shown


def find(asked: Asked) -> Found | None:
    page = queries.staff_page(asked.visitor, status=queries.ASTRAY, limit=SHOWN)
    if not page.rows:
        return None
    count = page.found or len(page.rows)
    return Found(
        name="parcels",
        title=ngettext(
            "%(n)s order with a parcel late, lost or not taken",
            "%(n)s orders with a parcel late, lost or not taken",
            count,
        )
        % {"n": count},
        href=f"{reverse('desk-orders')}?status={queries.ASTRAY}",
        template="web/desk/order_rows.html",
        rows=[order_shown(row, now=asked.now, back=asked.back, place="parcels") for row in page.rows],
        more=page.more,
    )
