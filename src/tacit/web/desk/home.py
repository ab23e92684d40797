"""The first page of the desk: what needs a person now, and how the shop does."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _

from tacit.accounts.types import Visitor
from tacit.checkout import queries
from tacit.checkout.wording.shown import money
from tacit.core import clock, jobs, mail
from tacit.core.money import Money
from tacit.web.desk import chart
from tacit.web.desk.needs import Asked, find_all
from tacit.web.desk.orders import done
from tacit.web.desk.shown import short_day


def home(request: HttpRequest, visitor: Visitor) -> HttpResponse:
    """What needs a person now."""
    now = clock.now()
    days = queries.sales_by_day(visitor, now=now)
    titles = [short_day(each.day) for each in days]
    waiting, _given_up = mail.waiting()
    counts = jobs.counts()
    words = {
        "here": "desk",
        "needs": find_all(Asked(visitor, now, reverse("desk"))),
        "done": done(request) or _house_done(request),
        "days": list(zip(days, titles, strict=True)),
        "first_day": titles[0],
        "last_day": titles[-1],
        "orders": sum(each.orders for each in days),
        "revenue": sum((each.revenue for each in days), Money(0, days[0].revenue.currency)),
        "most": max(each.revenue.minor for each in days),
        "revenue_bars": chart.bars(
            [each.revenue.minor for each in days],
            [f"{title}: {money(each.revenue)}" for each, title in zip(days, titles, strict=True)],
        ),
        "order_bars": chart.bars(
            [each.orders for each in days],
            [f"{title}: {each.orders}" for each, title in zip(days, titles, strict=True)],
        ),
        "width": len(days) * chart.STEP,
        "bar": chart.BAR,
        "mail_waiting": waiting,
        "jobs_waiting": counts.get("todo", 0) + counts.get("doing", 0),
    }
    return render(request, "web/desk/home.html", words)


def _house_done(request: HttpRequest) -> str:
    """What was done from here to a mail, a job or a stock, without a script."""
    saved = request.GET.get("saved", "")[:64]
    if saved:
        return _("%(sku)s is saved.") % {"sku": saved}
    return {
        "again": _("It is sent again."),
        "retry": _("It runs again soon."),
        "throw": _("It is thrown away."),
    }.get(request.GET.get("did", ""), "")
