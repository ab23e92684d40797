"""The mail outbox: written with the change that causes it, sent afterwards by a job."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from email.utils import make_msgid
from typing import Protocol

from django.db import connection, transaction
from django.db.models import Count, F, Q

from tacit.core import journal, ports
from tacit.core.asking import Asking, name_of, staff_only
from tacit.core.demo import demo_only
from tacit.core.events import MailSentAgain
from tacit.core.models import OutboxMail

SENDING_LEASE = timedelta(minutes=5)
"""A message whose sender died is taken up again after this."""
MOST_ATTEMPTS = 12
BATCH = 50
PER_PAGE = 100
STATUSES = tuple(OutboxMail.Status.values)


@dataclass(frozen=True, slots=True)
class Message:
    """A whole message: plain ``text`` and ``html`` say the same. ``message_id`` without angle brackets' escape."""

    to: str
    subject: str
    text: str
    html: str
    message_id: str = ""


class MailRefused(Exception):
    """The transport will never take this message (bad address); do not try again."""


class MailUnavailable(Exception):
    """The transport cannot be reached or is busy; try again later."""


class MailTransport(Protocol):
    """Hands one message over. Raises MailRefused or MailUnavailable."""

    def send(self, message: Message) -> None: ...


class Links(Protocol):
    """Addresses of pages, for messages. Registered by ``web``."""

    def order(self, number: str) -> str:
        """Where this order's owner reaches it: a signed, absolute link."""
        ...

    def payment_return(self, number: str) -> str:
        """Where a payment provider sends the buyer of this order back to; absolute."""
        ...

    def product(self, slug: str) -> str:
        """The page of a product in the language of the moment; absolute."""
        ...

    def basket(self, items: Mapping[str, int]) -> str:
        """Where a cart with ``items`` (SKU → quantity) opens; absolute. It never places an order."""
        ...

    def home(self) -> str: ...


class KeptMail:
    """The transport of the demo: nothing leaves the machine, the outbox is the post box."""

    def send(self, message: Message) -> None:
        del message


def write(message: Message, *, dedupe: str, now: datetime) -> bool:
    """Put ``message`` into the outbox in the caller's transaction; False if ``dedupe`` was written before."""
    identifier = make_msgid(domain="mail.tacit")
    _, created = OutboxMail.objects.get_or_create(
        dedupe=dedupe,
        defaults={
            "message_id": identifier,
            "to": message.to,
            "subject": " ".join(message.subject.split())[:200],
            "text": message.text,
            "html": message.html,
            "created_at": now,
            "due_at": now,
        },
    )
    return created


def send_due(*, now: datetime) -> int:
    """Send what is due; how many messages went out. Claims first, sends outside any transaction."""
    transport = ports.get(MailTransport)
    sent = 0
    for mail in _claim(now):
        message = Message(mail.to, mail.subject, mail.text, mail.html, mail.message_id)
        try:
            transport.send(message)
        except MailRefused as refusal:
            OutboxMail.objects.filter(pk=mail.pk).update(status="failed", error=str(refusal)[:500])
        except MailUnavailable as trouble:
            gave_up = mail.attempts >= MOST_ATTEMPTS
            OutboxMail.objects.filter(pk=mail.pk).update(
                status="failed" if gave_up else "queued",
                error=str(trouble)[:500],
                due_at=now + retry_after(mail.attempts),
            )
        else:
            OutboxMail.objects.filter(pk=mail.pk).update(status="sent", sent_at=now, error="")
            sent += 1
    return sent


def retry_after(attempts: int) -> timedelta:
    """The pause before the next try: 30 s, doubled each time, at most 6 hours."""
    return min(timedelta(seconds=30 * 2 ** min(max(attempts - 1, 0), 20)), timedelta(hours=6))


def _claim(now: datetime) -> list[OutboxMail]:
    with transaction.atomic():
        due = (
            OutboxMail.objects.select_for_update(skip_locked=True)
            .filter(Q(status="queued") | Q(status="sending"), due_at__lte=now)
            .order_by("due_at")[:BATCH]
        )
        ids = [mail.pk for mail in due]
        if ids:
            OutboxMail.objects.filter(pk__in=ids).update(
                status="sending", attempts=F("attempts") + 1, due_at=now + SENDING_LEASE
            )
        return list(OutboxMail.objects.filter(pk__in=ids).order_by("created_at")) if ids else []


@dataclass(frozen=True, slots=True)
class OutboxRow:
    """One message as the outbox page shows it."""

    id: int
    to: str
    subject: str
    status: str
    attempts: int
    created_at: datetime
    sent_at: datetime | None
    error: str


def outbox(asking: Asking, *, status: str = "", page: int = 1) -> tuple[list[OutboxRow], bool]:
    """Messages for staff, newest first, without their bodies: PER_PAGE a page (from 1), whether there are more.

    Raises NotAllowed.
    """
    staff_only(asking)
    return _rows(status, page)


def row(asking: Asking, mail_id: int) -> OutboxRow | None:
    """One message as the list shows it, for staff. Raises NotAllowed."""
    staff_only(asking)
    found = OutboxMail.objects.filter(pk=mail_id).values(*_SHOWN).first()
    return OutboxRow(**found) if found else None


# The pattern operators use the index that LIKE uses, also in a prepared statement, whatever the collation is.
_ABOUT = """
SELECT id, "to", subject, status, attempts, created_at, sent_at, error FROM core_outboxmail
WHERE dedupe ~>=~ %s AND dedupe ~<~ %s ORDER BY id LIMIT %s
"""


def about(asking: Asking, cause: str) -> list[OutboxRow]:
    """For staff: messages whose ``dedupe`` begins with ``cause``, oldest first. Raises NotAllowed."""
    staff_only(asking)
    with connection.cursor() as cursor:
        cursor.execute(_ABOUT, [cause, cause + "\U0010ffff", PER_PAGE])
        return [OutboxRow(*row) for row in cursor.fetchall()]


def message(asking: Asking, mail_id: int) -> Message | None:
    """One message with its bodies, for staff. Raises NotAllowed."""
    staff_only(asking)
    return _message(mail_id)


def demo_outbox() -> list[OutboxRow]:
    """The newest messages of a demo, where whoever plays reads everybody's post. Raises DemoOnly."""
    demo_only()
    return _rows("", 1)[0]


def demo_message(mail_id: int) -> Message | None:
    """One message of a demo with its bodies. Raises DemoOnly."""
    demo_only()
    return _message(mail_id)


def waiting() -> tuple[int, int]:
    """How many messages wait to be sent, and how many were given up."""
    counted = OutboxMail.objects.filter(status__in=["queued", "sending", "failed"]).aggregate(
        waiting=Count("id", filter=~Q(status="failed")), failed=Count("id", filter=Q(status="failed"))
    )
    return counted["waiting"], counted["failed"]


def send_again(asking: Asking, mail_id: int, *, now: datetime) -> bool:
    """Staff have a given-up message tried anew, with all its tries; False when it is not given up (any more).

    Raises NotAllowed.
    """
    staff_only(asking)
    with transaction.atomic():
        given_up = OutboxMail.objects.filter(pk=mail_id, status="failed")
        if not given_up.update(status="queued", attempts=0, due_at=now, error=""):
            return False
        journal.record(MailSentAgain(mail_id, name_of(asking)), at=now)
        return True


_SHOWN = ("id", "to", "subject", "status", "attempts", "created_at", "sent_at", "error")


def _rows(status: str, page: int) -> tuple[list[OutboxRow], bool]:
    found = OutboxMail.objects.order_by("-id")
    if status:
        found = found.filter(status=status)
    start = (max(page, 1) - 1) * PER_PAGE
    rows = [OutboxRow(**row) for row in found.values(*_SHOWN)[start : start + PER_PAGE + 1]]
    return rows[:PER_PAGE], len(rows) > PER_PAGE


def _message(mail_id: int) -> Message | None:
    mail = OutboxMail.objects.filter(pk=mail_id).first()
    return Message(mail.to, mail.subject, mail.text, mail.html, mail.message_id) if mail else None
