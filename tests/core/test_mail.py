"""Written once with its cause, sent at least once with one Message-ID, never inside a transaction."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import connection, transaction

from tacit.core import mail, ports
from tacit.core.mail import MailRefused, MailTransport, MailUnavailable, Message
from tacit.core.models import OutboxMail

pytestmark = pytest.mark.django_db(transaction=True)
LETTER = Message("ana@example.com", "Hello\r\nBcc: x@example.com", "text", "<p>html</p>")


class Transport:
    def __init__(self) -> None:
        self.sent: list[Message] = []
        self.trouble: Exception | None = None

    def send(self, message: Message) -> None:
        assert not connection.in_atomic_block
        if self.trouble:
            raise self.trouble
        self.sent.append(message)


@pytest.fixture
def transport():
    with ports.replaced(MailTransport, Transport()) as transport:
        yield transport


def test_a_cause_writes_one_letter_on_one_line(transport, now):
    assert mail.write(LETTER, dedupe="cause-1", now=now)
    assert not mail.write(LETTER, dedupe="cause-1", now=now)
    assert mail.send_due(now=now) == 1
    assert mail.send_due(now=now) == 0
    assert transport.sent[0].subject == "Hello Bcc: x@example.com"


def test_a_letter_whose_cause_rolled_back_is_never_sent(transport, now):
    with pytest.raises(ZeroDivisionError), transaction.atomic():
        mail.write(LETTER, dedupe="cause-1", now=now)
        raise ZeroDivisionError
    assert mail.send_due(now=now) == 0


def test_trouble_is_tried_again_later_and_given_up_at_last(transport, now):
    mail.write(LETTER, dedupe="cause-1", now=now)
    transport.trouble = MailUnavailable("busy")
    moment = now
    for _ in range(mail.MOST_ATTEMPTS):
        mail.send_due(now=moment)
        assert mail.send_due(now=moment) == 0
        moment += timedelta(hours=7)
    assert OutboxMail.objects.get().status == "failed"
    assert mail.waiting() == (0, 1)


def test_a_refused_address_is_not_tried_again(transport, now):
    mail.write(LETTER, dedupe="cause-1", now=now)
    transport.trouble = MailRefused("no such mailbox")
    mail.send_due(now=now)
    row = OutboxMail.objects.get()
    assert (row.status, row.error) == ("failed", "no such mailbox")


def test_a_sender_killed_in_the_middle_sends_again_under_the_same_id(transport, now):
    mail.write(LETTER, dedupe="cause-1", now=now)
    transport.trouble = KeyboardInterrupt()
    with pytest.raises(KeyboardInterrupt):
        mail.send_due(now=now)
    transport.trouble = None
    assert mail.send_due(now=now + timedelta(minutes=1)) == 0  # its lease still runs
    assert mail.send_due(now=now + mail.SENDING_LEASE) == 1
    assert transport.sent[0].message_id == OutboxMail.objects.get().message_id
