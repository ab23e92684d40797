"""How the house is doing: what needs a person, the mail, the jobs, the journal."""

from __future__ import annotations

import json

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from tacit.accounts import wording as accounts_wording
from tacit.accounts.types import Visitor
from tacit.checkout import queries
from tacit.checkout.types.order import OrderStatus
from tacit.core import clock, jobs, journal, mail
from tacit.web import errors

SHOWN_TO_SEND = 12
SHOWN = 100
LARGEST_ID = 2**63 - 1


def home(request: HttpRequest, visitor: Visitor) -> HttpResponse:
    """What needs a person now."""
    rows, is_more = queries.staff_orders(visitor, status=OrderStatus.PAID)
    troubled, _more = queries.staff_orders(visitor, status=queries.TROUBLED)
    waiting, given_up = mail.waiting()
    counts = jobs.counts()
    lags = journal.lags(now=clock.now())
    words = {
        "here": "desk",
        "rows": rows[:SHOWN_TO_SEND],
        "to_send": len(rows),
        "is_more": is_more,
        "troubled": len(troubled),
        "mail_waiting": waiting,
        "mail_failed": given_up,
        "jobs_failed": counts.get("failed", 0),
        "jobs_waiting": counts.get("todo", 0),
        "lag": max(lags, key=lambda lag: lag.age, default=None),
    }
    return render(request, "web/desk/home.html", words)


def outbox(request: HttpRequest, visitor: Visitor) -> HttpResponse:
    del visitor
    waiting, given_up = mail.waiting()
    words = {"here": "mail", "rows": mail.outbox(SHOWN), "waiting": waiting, "failed": given_up}
    return render(request, "web/desk/outbox.html", words)


def message(request: HttpRequest, visitor: Visitor, mail_id: int) -> HttpResponse:
    """One message; sign-in codes stay hidden, for they would let staff in as somebody else."""
    del visitor
    found = mail.message(mail_id) if mail_id <= LARGEST_ID else None
    if found is None:
        return errors.not_found(request)
    words = {"here": "mail", "mail": found, "hidden": accounts_wording.carries_code(found)}
    return render(request, "web/desk/message.html", words)


def jobs_page(request: HttpRequest, visitor: Visitor) -> HttpResponse:
    del visitor
    words = {"here": "jobs", "counts": sorted(jobs.counts().items()), "rows": jobs.latest(SHOWN)}
    return render(request, "web/desk/jobs.html", words)


def journal_page(request: HttpRequest, visitor: Visitor) -> HttpResponse:
    del visitor
    rows = [(row, json.dumps(row.data, ensure_ascii=False, indent=None)) for row in journal.latest(SHOWN)]
    words = {"here": "journal", "rows": rows, "lags": journal.lags(now=clock.now())}
    return render(request, "web/desk/journal.html", words)
