"""How the house is doing: the mail, the jobs, the journal."""

from __future__ import annotations

import json
from collections.abc import Collection
from dataclasses import dataclass

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _

from tacit.accounts import wording as accounts_wording
from tacit.accounts.types import Visitor
from tacit.core import clock, jobs, journal, mail
from tacit.core.jobs import JobRow
from tacit.core.mail import OutboxRow
from tacit.web import errors, parsing, security
from tacit.web.desk.in_place import asks_for_part, back
from tacit.web.parsing import BadInput

LARGEST_ID = 2**63 - 1


@dataclass(frozen=True, slots=True)
class HouseRow:
    """A mail or a job in a list. ``did``: what was just done to it; ``why``: why it was not."""

    row: OutboxRow | JobRow
    word: str
    back: str
    did: str = ""
    why: str = ""


def mail_words() -> dict[str, str]:
    return {
        "failed": _("given up"),
        "queued": _("waiting"),
        "sending": _("being sent"),
        "sent": _("sent"),
    }


def job_words() -> dict[str, str]:
    return {"failed": _("failed"), "doing": _("running"), "todo": _("waiting")}


def _status(request: HttpRequest, known: Collection[str]) -> str:
    status = parsing.text(request.GET, "status", longest=20)
    if status and status not in known:
        raise BadInput("status", _("There is no such status. Choose one from the list."))
    return status


def outbox(request: HttpRequest, visitor: Visitor) -> HttpResponse:
    status = _status(request, mail_words())
    page = parsing.page_number(request.GET)
    rows, more = mail.outbox(visitor, status=status, page=page)
    words = {
        "here": "mail",
        "rows": [HouseRow(row, mail_words()[row.status], request.get_full_path()) for row in rows],
        "status": status,
        "statuses": list(mail_words().items()),
        "page": page,
        "before": page - 1,
        "after": page + 1 if more else 0,
        "done": _("It is sent again.") if request.GET.get("did") == "again" else "",
    }
    return render(request, "web/desk/outbox.html", words)


def message(request: HttpRequest, visitor: Visitor, mail_id: int, *, why: str = "") -> HttpResponse:
    """One message; sign-in codes stay hidden, for they would let staff in as somebody else."""
    found = mail.message(visitor, mail_id) if mail_id <= LARGEST_ID else None
    if found is None:
        return errors.not_found(request)
    words = {
        "here": "mail",
        "id": mail_id,
        "mail": found,
        "hidden": accounts_wording.carries_code(found),
        "why": why,
    }
    return render(request, "web/desk/message.html", words, status=409 if why else 200)


def message_html(request: HttpRequest, visitor: Visitor, mail_id: int) -> HttpResponse:
    """The HTML of a message, for the frame that shows it."""
    found = mail.message(visitor, mail_id) if mail_id <= LARGEST_ID else None
    if found is None or accounts_wording.carries_code(found):
        return errors.not_found(request)
    return security.alone(found.html, "text/html; charset=utf-8")


def send_again(request: HttpRequest, visitor: Visitor, mail_id: int) -> HttpResponse:
    """A given-up mail goes to its reader once more."""
    if mail_id > LARGEST_ID or mail.message(visitor, mail_id) is None:
        return errors.not_found(request)
    done = mail.send_again(visitor, mail_id, now=clock.now())
    why = "" if done else _("This mail is not given up any more; look at the list anew.")
    if asks_for_part(request):
        row = mail.row(visitor, mail_id)
        assert row is not None
        did = _("It is sent again.") if done else ""
        each = HouseRow(row, mail_words()[row.status], _list(request, "desk-outbox"), did=did, why=why)
        return render(request, "web/desk/mail_row.html", {"each": each}, status=200 if done else 409)
    if why:
        return message(request, visitor, mail_id, why=why)
    return back(request, default=reverse("desk-outbox"), did="again")


def jobs_page(request: HttpRequest, visitor: Visitor, *, why: str = "") -> HttpResponse:
    status = _status(request, job_words())
    page = parsing.page_number(request.GET)
    rows, more = jobs.latest(visitor, status=status, page=page)
    done = {"retry": _("It runs again soon."), "throw": _("It is thrown away.")}
    words = {
        "here": "jobs",
        "rows": [HouseRow(row, job_words()[row.status], request.get_full_path()) for row in rows],
        "status": status,
        "statuses": list(job_words().items()),
        "page": page,
        "before": page - 1,
        "after": page + 1 if more else 0,
        "done": done.get(request.GET.get("did", ""), ""),
        "why": why,
    }
    return render(request, "web/desk/jobs.html", words, status=409 if why else 200)


def retry(request: HttpRequest, visitor: Visitor, job_id: int) -> HttpResponse:
    """A failed job runs again."""
    done = job_id <= LARGEST_ID and jobs.retry(visitor, job_id, now=clock.now())
    why = _("It cannot run again: it has not failed, or the same job waits already. Throw it away then.")
    return _job_answer(request, visitor, job_id, "retry", "" if done else why)


def throw_away(request: HttpRequest, visitor: Visitor, job_id: int) -> HttpResponse:
    """A failed job is given up."""
    done = job_id <= LARGEST_ID and jobs.throw_away(visitor, job_id, now=clock.now())
    return _job_answer(request, visitor, job_id, "throw", "" if done else _("This job has not failed."))


def _job_answer(request: HttpRequest, visitor: Visitor, job_id: int, did: str, why: str) -> HttpResponse:
    if asks_for_part(request):
        row = jobs.row(visitor, job_id) if job_id <= LARGEST_ID else None
        sentence = _("It runs again soon.") if did == "retry" else _("It is thrown away.")
        each = None
        if row is not None:
            sentence = "" if why else sentence
            each = HouseRow(
                row,
                job_words().get(row.status, row.status),
                _list(request, "desk-jobs"),
                did=sentence,
                why=why,
            )
        words = {"each": each, "gone": why or sentence, "job": job_id}
        return render(request, "web/desk/job_row.html", words, status=409 if why else 200)
    if why:
        return jobs_page(request, visitor, why=why)
    return back(request, default=reverse("desk-jobs"), did=did)


def _list(request: HttpRequest, name: str) -> str:
    return parsing.same_site_path(request.POST.get("back", ""), default=reverse(name))


def journal_page(request: HttpRequest, visitor: Visitor) -> HttpResponse:
    page = parsing.page_number(request.GET)
    found, more = journal.latest(visitor, page=page)
    words = {
        "here": "journal",
        "rows": [(row, json.dumps(row.data, ensure_ascii=False, indent=None)) for row in found],
        "lags": journal.lags(now=clock.now()),
        "page": page,
        "before": page - 1,
        "after": page + 1 if more else 0,
    }
    return render(request, "web/desk/journal.html", words)
