"""Posting what is due: claimed in a short transaction, posted by threads outside of any, then noted."""

from __future__ import annotations

import random
import threading
import time
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import connection, transaction
from django.db.models import F

from tacit.core.models import WebhookDelivery, WebhookEndpoint
from tacit.core.webhooks import rules
from tacit.core.webhooks.address import BadUrl, Unreachable, parse
from tacit.core.webhooks.post import post
from tacit.core.webhooks.write import write_due

LEASE = timedelta(minutes=2)
"""A delivery whose sender died is taken up again after this; longer than a POST with all its looks takes."""
AT_ONCE = 16
"""Threads of one run."""
AT_ONCE_EACH = 4
"""Deliveries under way to one endpoint, over all workers; one while it is failing."""
RUN_SECONDS = 10.0
"""A run takes up nothing new after this, and ends when what is under way has."""
LOOK_SECONDS = 0.5

_turn = threading.Lock()

# What is under way counts for all workers; two that look at the same moment may exceed it by what they claim.
_CLAIM = """
UPDATE core_webhookdelivery SET status = 'sending', attempts = attempts + 1, due_at = %(until)s
WHERE id IN (
  SELECT due.id FROM core_webhookendpoint e CROSS JOIN LATERAL (
    SELECT d.id FROM core_webhookdelivery d
    WHERE d.endpoint_id = e.id AND d.status IN ('queued', 'sending') AND d.due_at <= %(now)s
    ORDER BY d.due_at, d.id
    LIMIT greatest(0, CASE WHEN e.failing_since IS NULL THEN %(each)s::int ELSE 1 END - (
      SELECT count(*) FROM core_webhookdelivery u
      WHERE u.endpoint_id = e.id AND u.status = 'sending' AND u.due_at > %(now)s))
    FOR UPDATE SKIP LOCKED
  ) due
  WHERE e.off_at IS NULL LIMIT %(free)s
) RETURNING id
"""


@dataclass(frozen=True, slots=True)
class _Claimed:
    """One delivery as it is posted. ``attempts`` fences: who comes back after its lease notes nothing."""

    id: int
    endpoint: int
    attempts: int
    url: str
    message_id: str
    text: str
    secrets: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Answer:
    """``error`` is '' when it arrived."""

    code: int | None
    error: str


def send_due(*, now: datetime, signed_at: datetime) -> int:
    """Post what is due for RUN_SECONDS; how many arrived. ``signed_at``: now, by the world's clock.

    One run a process, so that of a worker's places slow receivers take one, never those of other jobs.
    """
    if not _turn.acquire(blocking=False):
        return 0
    try:
        return _run(now, signed_at)
    finally:
        _turn.release()


def _run(now: datetime, signed_at: datetime) -> int:
    began, arrived = time.monotonic(), 0
    under_way: dict[Future[_Answer], _Claimed] = {}
    with ThreadPoolExecutor(AT_ONCE, thread_name_prefix="webhook") as threads:
        while True:
            passed = timedelta(seconds=time.monotonic() - began)
            if passed.total_seconds() < RUN_SECONDS:
                write_due(now=now + passed)
                for each in _claim(now + passed, AT_ONCE - len(under_way)):
                    under_way[threads.submit(_post, each, signed_at + passed)] = each
            if not under_way:
                return arrived
            over, _ = wait(under_way, timeout=LOOK_SECONDS, return_when=FIRST_COMPLETED)
            passed = timedelta(seconds=time.monotonic() - began)
            for future in over:
                arrived += _note(under_way.pop(future), future.result(), now + passed)


def _claim(now: datetime, free: int) -> list[_Claimed]:
    if free <= 0:
        return []
    asked: dict[str, Any] = {"now": now, "until": now + LEASE, "each": AT_ONCE_EACH, "free": free}
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(_CLAIM, asked)
        ids = [row[0] for row in cursor.fetchall()]
    if not ids:
        return []
    rows = WebhookDelivery.objects.select_related("endpoint", "entry").filter(pk__in=ids).order_by("id")
    return [_claimed(row, now) for row in rows]


def _claimed(row: WebhookDelivery, now: datetime) -> _Claimed:
    endpoint, entry = row.endpoint, row.entry
    if entry is None:
        text = rules.body(row.kind, row.created_at, {"endpoint": endpoint.pk})
    else:
        text = rules.body(entry.kind, entry.at, entry.data)
    secrets = tuple(
        rules.derive_secret(settings.SECRET_KEY, seed=endpoint.seed, generation=each)
        for each in rules.generations(endpoint.generation, endpoint.rotated_at, now)
    )
    return _Claimed(row.pk, endpoint.pk, row.attempts, endpoint.url, row.message_id, text, secrets)


def _post(each: _Claimed, signed_at: datetime) -> _Answer:
    """In a thread of its own, which knows no database."""
    try:
        url = parse(each.url, demo=settings.DEMO)
        headers = rules.headers(each.message_id, each.text, secrets=each.secrets, signed_at=signed_at)
        code = post(url, each.text, headers)
    except BadUrl:  # it was one when it was typed, in a demo
        return _Answer(None, "not_public")
    except Unreachable as trouble:
        return _Answer(None, trouble.code)
    except Exception:  # whatever it is, it is this delivery's own
        return _Answer(None, "broken")
    if 200 <= code < 300:
        return _Answer(code, "")
    if code == 410:
        return _Answer(code, "gone")
    return _Answer(code, "redirect" if 300 <= code < 400 else "status")


def _note(each: _Claimed, answer: _Answer, now: datetime) -> bool:
    """Write down how it went; whether it arrived."""
    mine = WebhookDelivery.objects.filter(pk=each.id, status="sending", attempts=each.attempts)
    endpoint = WebhookEndpoint.objects.filter(pk=each.endpoint)
    with transaction.atomic():
        if not answer.error:
            mine.update(status="sent", sent_at=now, code=answer.code, error="")
            endpoint.filter(failing_since__isnull=False).update(failing_since=None)
            return True
        pause = rules.retry_after(each.attempts, chance=random.random())  # noqa: S311 - a pause is no secret
        given_up = pause is None or answer.error == "gone"
        noted = mine.update(
            status="failed" if given_up else "queued",
            code=answer.code,
            error=answer.error,
            due_at=F("due_at") if pause is None else now + pause,
        )
        if not noted:
            return False
        on = endpoint.filter(off_at__isnull=True)
        on.filter(failing_since__isnull=True).update(failing_since=now)
        if answer.error == "gone":
            on.update(off_at=now, off_reason="gone")
        elif given_up and rules.is_given_up_on(on.values_list("failing_since", flat=True).first(), now):
            on.update(off_at=now, off_reason="failing")
    return False
