"""What core holds about somebody: letters and journal rows; to show it to them, and to forget it."""

from __future__ import annotations

import json
from collections.abc import Collection, Sequence
from typing import Any

from django.db import connection
from django.db.models import CharField, F, Func, Q, QuerySet, Value
from django.db.models.functions import Lower

from tacit.core.models import OutboxMail
from tacit.core.personal import Subject

MOST_ROWS = 100_000

_JOURNAL = """
SELECT kind, at, data::text FROM core_journalentry
WHERE data->>'person' = %s OR data->>'order' = ANY(%s) ORDER BY id LIMIT %s
"""


def letters_of(subject: Subject) -> list[dict[str, Any]]:
    """Letters to their addresses or about their orders, oldest first."""
    found = _letters(subject.addresses, subject.orders).order_by("id")[:MOST_ROWS]
    return [
        {
            "to": mail.to,
            "subject": mail.subject,
            "text": mail.text,
            "status": mail.status,
            "written_at": mail.created_at.isoformat(),
            "sent_at": mail.sent_at.isoformat() if mail.sent_at else None,
        }
        for mail in found
    ]


def forget_letters(
    *, addresses: Collection[str] = (), orders: Sequence[str] = (), only_sent: bool = False
) -> None:
    """Delete letters to ``addresses`` (lower case) or about ``orders``, in the caller's transaction."""
    found = _letters(addresses, orders)
    (found.filter(status__in=["sent", "failed"]) if only_sent else found).delete()


def journal_of(subject: Subject) -> list[dict[str, Any]]:
    """What the journal noted about them, oldest first."""
    person = str(subject.person) if subject.person else None
    with connection.cursor() as cursor:
        cursor.execute(_JOURNAL, [person, list(subject.orders), MOST_ROWS])
        return [
            {"what": kind, "at": at.isoformat(), **json.loads(data)} for kind, at, data in cursor.fetchall()
        ]


def forget_codes_sent() -> None:
    """Delete all letters that carry a sign-in code: a restored shop has no use for them."""
    OutboxMail.objects.filter(dedupe__startswith="sign-in:").delete()


def _letters(addresses: Collection[str], orders: Sequence[str]) -> QuerySet[OutboxMail]:
    # A letter about an order has the `dedupe` room.reader:ORDER NUMBER:entry.
    about = Func(F("dedupe"), Value(":"), Value(2), function="split_part", output_field=CharField())
    return OutboxMail.objects.annotate(address=Lower("to"), about=about).filter(
        Q(address__in=[each.lower() for each in addresses if each]) | Q(about__in=list(orders))
    )
