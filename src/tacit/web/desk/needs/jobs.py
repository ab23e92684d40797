"""Jobs that failed."""

from __future__ import annotations

from django.urls import reverse
from django.utils.translation import ngettext

from tacit.core import jobs
from tacit.web.desk.house import HouseRow, job_words
from tacit.web.desk.needs.types import SHOWN, Asked, Found


def find(asked: Asked) -> Found | None:
    rows, more = jobs.latest(asked.visitor, status="failed")
    if not rows:
        return None
    count = len(rows)
    return Found(
        name="jobs",
        title=ngettext("%(n)s job failed", "%(n)s jobs failed", count)
        % {"n": f"{count}+" if more else count},
        href=f"{reverse('desk-jobs')}?status=failed",
        template="web/desk/job_rows.html",
        rows=[HouseRow(row, job_words()[row.status], asked.back) for row in rows[:SHOWN]],
        more=count > SHOWN,
    )
