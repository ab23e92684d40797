"""What happens here arrives elsewhere: signed, at least once under one id, and one receiver never harms others."""

from __future__ import annotations

import json
import re
import threading
import time
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction
from pytest_django.fixtures import Settings
from standardwebhooks import Webhook, WebhookVerificationError

from tacit.accounts.types import Visitor
from tacit.core import clock, journal, webhooks
from tacit.core.events import KINDS, OrderPaid, OrderShipped
from tacit.core.models import JournalEntry, WebhookDelivery, WebhookEndpoint
from tacit.core.webhooks import WebhookRefusal, rules, send, write
from tests.core.receiver import Receiver, receiving

pytestmark = pytest.mark.django_db(transaction=True)
STAFF = Visitor(staff=True)
PAID = OrderPaid("7K3M9QX2C4TB", "0d1c", 4390, "EUR")
STEP = timedelta(days=2)
"""Longer than any pause between two tries."""


@pytest.fixture
def receiver(settings: Settings) -> Iterator[Receiver]:
    settings.DEMO = True  # elsewhere nothing goes to this machine
    with receiving() as receiver:
        yield receiver


def add(url: str, now: datetime, *kinds: str) -> int:
    return webhooks.add(STAFF, url=url, description="Till", kinds=kinds or ("order.paid",), now=now)


def write_due(now: datetime) -> None:
    """Once nobody else's transaction is open: also one in another database of the server holds readers back."""
    deadline = time.monotonic() + 60
    write.write_due(now=now)
    while any(each.entries for each in journal.lags(now=now) if each.reader == write.READER):
        assert time.monotonic() < deadline, "the journal cannot be read to its end"
        time.sleep(0.02)
        write.write_due(now=now)


def send_due(now: datetime) -> int:
    write_due(now)
    return webhooks.send_due(now=now, signed_at=clock.real())


def row(endpoint: int) -> WebhookDelivery:
    return WebhookDelivery.objects.get(endpoint=endpoint)


def secret(endpoint: int, now: datetime) -> str:
    found = webhooks.secret(STAFF, endpoint, now=now)
    assert found
    return found


def test_what_happens_arrives_signed_and_only_what_was_asked_for(receiver: Receiver, now: datetime) -> None:
    journal.record(PAID, at=now)  # before anybody asked
    endpoint = add(receiver.url, now)
    journal.record(PAID, at=now)
    journal.record(PAID, at=now, historic=True)
    journal.record(OrderShipped("7K3M9QX2C4TB", None, 1, True), at=now)
    assert send_due(now) == 1
    assert send_due(now) == 0
    ((path, headers, body),) = receiver.got
    assert path == "/hook?shop=1"
    assert headers["host"] == f"127.0.0.1:{receiver.port}"
    assert Webhook(secret(endpoint, now)).verify(body, headers) == {
        "type": "order.paid",
        "timestamp": now.isoformat(),
        "data": PAID.data(),
    }
    with pytest.raises(WebhookVerificationError):
        Webhook(secret(endpoint, now)).verify(body.replace("4390", "1"), headers)
    assert (row(endpoint).status, row(endpoint).code, row(endpoint).attempts) == ("sent", 204, 1)


def test_every_kind_on_offer_is_one_of_the_journal() -> None:
    assert set(rules.OFFERED) <= set(KINDS)


def test_no_secret_is_stored_and_another_installation_has_others(
    receiver: Receiver, now: datetime, settings: Settings
) -> None:
    endpoint = add(receiver.url, now)
    first = secret(endpoint, now)
    stored = json.dumps(list(WebhookEndpoint.objects.values()), default=str)
    assert first not in stored
    assert first.removeprefix("whsec_") not in stored
    settings.SECRET_KEY = "another"
    assert secret(endpoint, now) != first


def test_after_rotating_both_secrets_hold_for_a_day(receiver: Receiver, now: datetime) -> None:
    endpoint = add(receiver.url, now)
    old = secret(endpoint, now)
    assert webhooks.rotate(STAFF, endpoint, now=now)
    new = secret(endpoint, now)
    assert old != new
    for moment, known in ((now, (new, old)), (now + timedelta(hours=24), (new,))):
        journal.record(PAID, at=now)
        assert send_due(moment) == 1
        _, headers, body = receiver.got.pop()
        assert len(headers["webhook-signature"].split()) == len(known)
        for each in known:
            Webhook(each).verify(body, headers)


def test_the_schedule_is_that_of_standard_webhooks() -> None:
    pauses = [rules.retry_after(tries, chance=0) for tries in range(1, 11)]
    seconds = [pause.total_seconds() for pause in pauses if pause]
    assert seconds == [5, 300, 1800, 7200, 18000, 36000, 50400, 72000, 86400]
    assert pauses[-1] is None
    assert rules.retry_after(1, chance=1) == timedelta(seconds=6)


def test_trouble_is_tried_again_under_one_id_and_given_up_at_last(receiver: Receiver, now: datetime) -> None:
    receiver.code = 500
    endpoint = add(receiver.url, now)
    journal.record(PAID, at=now)
    write_due(now)
    moment = now
    for tries in range(1, rules.MOST_TRIES + 1):
        assert row(endpoint).status != "failed"
        send_due(moment)
        assert row(endpoint).attempts == tries
        assert send_due(moment) == 0
        moment += STEP
    failed = row(endpoint)
    assert (failed.status, failed.code, failed.error) == ("failed", 500, "status")
    assert len(receiver.ids) == rules.MOST_TRIES
    assert set(receiver.ids) == {failed.message_id}
    # Nothing arrived for days: the endpoint is off, and what happens now is not kept for it.
    assert WebhookEndpoint.objects.get().off_reason == "failing"
    journal.record(PAID, at=moment)
    send_due(moment)
    assert WebhookDelivery.objects.count() == 1

    receiver.code = 200
    assert webhooks.send_again(STAFF, failed.pk, now=moment)
    assert not webhooks.send_again(STAFF, failed.pk, now=moment)
    assert send_due(moment) == 0
    assert webhooks.switch_on(STAFF, endpoint, now=moment)
    assert send_due(moment) == 1
    assert row(endpoint).status == "sent"


def test_an_endpoint_that_takes_other_messages_stays_on(receiver: Receiver, now: datetime) -> None:
    receiver.code = 500
    endpoint = add(receiver.url, now)
    journal.record(PAID, at=now)
    send_due(now)
    WebhookDelivery.objects.update(attempts=rules.MOST_TRIES - 1, due_at=now + timedelta(days=4))
    receiver.code = 200
    webhooks.send_test(STAFF, endpoint, now=now + timedelta(days=3, hours=23))
    assert send_due(now + timedelta(days=3, hours=23)) == 1
    receiver.code = 500
    send_due(now + timedelta(days=4))
    assert WebhookDelivery.objects.filter(status="failed").count() == 1
    assert WebhookEndpoint.objects.get().off_at is None


def test_gone_switches_off_at_once(receiver: Receiver, now: datetime) -> None:
    receiver.code = 410
    endpoint = add(receiver.url, now)
    journal.record(PAID, at=now)
    journal.record(PAID, at=now)
    WebhookEndpoint.objects.update(failing_since=now)  # one at a time
    send_due(now)
    assert WebhookEndpoint.objects.get().off_reason == "gone"
    assert [each.name for each in webhooks.troubled(STAFF, now=now)] == ["Till"]
    send_due(now + STEP)
    assert len(receiver.got) == 1
    webhooks.switch_off(STAFF, endpoint, now=now)
    webhooks.forget_failed(STAFF, endpoint, now=now)
    assert webhooks.troubled(STAFF, now=now) == []


def test_a_redirect_is_not_followed(receiver: Receiver, now: datetime) -> None:
    receiver.code, receiver.headers = 302, {"location": receiver.url}
    endpoint = add(receiver.url, now)
    journal.record(PAID, at=now)
    send_due(now)
    assert len(receiver.got) == 1
    assert (row(endpoint).status, row(endpoint).error) == ("queued", "redirect")


def test_a_sender_killed_after_the_post_sends_again_under_the_same_id(
    receiver: Receiver, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    endpoint = add(receiver.url, now)
    journal.record(PAID, at=now)

    def die(*_: object) -> bool:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(send, "_note", die)
        with pytest.raises(KeyboardInterrupt):
            send_due(now)
    assert row(endpoint).status == "sending"
    assert send_due(now + timedelta(minutes=1)) == 0  # its lease still runs
    assert send_due(now + send.LEASE + timedelta(seconds=10)) == 1
    assert len(receiver.ids) == 2
    assert len(set(receiver.ids)) == 1


def test_who_comes_back_after_its_lease_notes_nothing(receiver: Receiver, now: datetime) -> None:
    endpoint = add(receiver.url, now)
    journal.record(PAID, at=now)
    write_due(now)
    (late,) = send._claim(now, 1)
    (other,) = send._claim(now + send.LEASE, 1)
    send._note(other, send._Answer(200, ""), now)
    assert not send._note(late, send._Answer(500, "status"), now)
    assert row(endpoint).status == "sent"
    assert WebhookEndpoint.objects.get().failing_since is None


def at_once(function: Any, times: int = 2) -> list[Any]:
    """What ``function`` answers in threads that begin together, each with its own connection."""
    barrier, answers = threading.Barrier(times), []

    def run() -> None:
        barrier.wait()
        try:
            answers.append(function())
        finally:
            connection.close()

    threads = [threading.Thread(target=run) for _ in range(times)]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    return answers


ENTRIES = 20


def test_two_workers_post_each_message_once(
    receiver: Receiver, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(send, "_turn", _NoTurn())  # in one process, like two
    add(receiver.url, now)
    for _ in range(ENTRIES):
        journal.record(PAID, at=now)
    assert sum(at_once(lambda: send_due(now))) == ENTRIES
    assert len(receiver.ids) == len(set(receiver.ids)) == ENTRIES


def test_the_control_without_skipping_and_waiting_for_rows_posts_twice(
    receiver: Receiver, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Both claim what they saw due before either took it."""
    monkeypatch.setattr(send, "_turn", _NoTurn())
    seen = threading.Barrier(2)
    read = "SELECT id FROM core_webhookdelivery WHERE status = 'queued' AND due_at <= %(now)s"

    def claim(moment: datetime, free: int) -> list[Any]:
        with connection.cursor() as cursor:
            cursor.execute(read, {"now": moment})
            ids = [each[0] for each in cursor.fetchall()]
        if not ids:
            return []
        seen.wait(5)
        rows = WebhookDelivery.objects.select_related("endpoint", "entry").filter(pk__in=ids)
        WebhookDelivery.objects.filter(pk__in=ids).update(status="sending")
        return [send._claimed(each, moment) for each in rows]

    add(receiver.url, now)
    journal.record(PAID, at=now)
    write_due(now)
    monkeypatch.setattr(send, "_claim", claim)
    monkeypatch.setattr(send, "write_due", lambda **_: None)
    at_once(lambda: send_due(now))
    assert len(receiver.ids) == 2


class _NoTurn:
    def acquire(self, *, blocking: bool) -> bool:
        return not blocking

    def release(self) -> None:
        pass


def test_an_entry_is_written_once_for_an_endpoint_whoever_writes(receiver: Receiver, now: datetime) -> None:
    endpoint = add(receiver.url, now)
    journal.record(PAID, at=now)
    at_once(lambda: write_due(now))
    kept = row(endpoint)
    entry = JournalEntry.objects.get(kind="order.paid")
    assert kept.entry_id == entry.pk
    with transaction.atomic():
        write._write([journal.Entry(kept.entry_id, "order.paid", now, False, entry.data)], now)
    assert row(endpoint).pk == kept.pk
    with pytest.raises(IntegrityError), transaction.atomic():
        kept.pk, kept.message_id = None, "msg_other"
        kept.save(force_insert=True)


def test_a_slow_receiver_holds_up_no_other(receiver: Receiver, now: datetime, settings: Settings) -> None:
    receiver.slow = 1.5
    add(receiver.url, now)
    with receiving() as quick:
        other = add(quick.url, now)
        for _ in range(5):
            journal.record(PAID, at=now)
        write_due(now)
        began = time.monotonic()
        thread = threading.Thread(target=lambda: at_once(lambda: send_due(now), 1))
        thread.start()
        while len(quick.got) < 5:
            assert time.monotonic() - began < 1.5, "it waited for the slow one"
            time.sleep(0.02)
        assert len(receiver.got) == send.AT_ONCE_EACH
        assert webhooks.send_due(now=now, signed_at=now) == 0  # the process's other places are for other jobs
        thread.join()
        assert WebhookDelivery.objects.filter(endpoint=other, status="sent").count() == 5


def test_an_address_is_told_of_once_and_only_what_there_is(receiver: Receiver, now: datetime) -> None:
    add(receiver.url, now)
    for changes, field, code in (
        ({"url": receiver.url}, "url", "taken"),
        ({"url": "ftp://example.com/"}, "url", "scheme"),
        ({"kinds": ()}, "kinds", "none"),
        ({"kinds": ("person.signed_in",)}, "kinds", "unknown"),
        ({"description": "x" * 101}, "description", "too_long"),
    ):
        asked: dict[str, Any] = {
            "url": "https://other.example/",
            "description": "",
            "kinds": ("order.paid",),
            **changes,
        }
        with pytest.raises(WebhookRefusal) as refused:
            webhooks.add(STAFF, now=now, **asked)
        assert (refused.value.field, refused.value.code) == (field, code)
    assert WebhookEndpoint.objects.count() == 1


def test_old_deliveries_leave_the_log(receiver: Receiver, now: datetime) -> None:
    endpoint = add(receiver.url, now)
    webhooks.send_test(STAFF, endpoint, now=now)
    assert send_due(now) == 1
    assert webhooks.remove_old(now=now + timedelta(days=30)) == 0
    assert webhooks.remove_old(now=now + timedelta(days=30, seconds=5)) == 1
    assert WebhookDelivery.objects.count() == 0


DOCS = (Path(__file__).parents[2] / "docs" / "webhooks.md").read_text()


@pytest.mark.parametrize("number", [0, 1])
def test_the_code_of_the_docs_receives(receiver: Receiver, now: datetime, number: int) -> None:
    code = re.findall(r"```python\n(.*?)```", DOCS, re.DOTALL)
    assert len(code) == 2
    known: dict[str, Any] = {}
    exec(code[number], known)
    endpoint = add(receiver.url, now)
    journal.record(PAID, at=now)
    assert send_due(now) == 1
    _, headers, body = receiver.got[0]
    done: set[str] = set()
    right = secret(endpoint, now)
    assert known["receive"](headers, body.encode(), right, done)["data"] == PAID.data()
    assert known["receive"](headers, body.encode(), right, done) is None
    old = {**headers, "webhook-timestamp": "1700000000"}
    for wrong in ((headers, body.encode() + b" "), (old, body.encode())):
        with pytest.raises((ValueError, WebhookVerificationError)):
            known["receive"](*wrong, right, set())


def test_the_docs_name_every_kind_and_every_pause() -> None:
    assert tuple(re.findall(r"^\| `([a-z_.]+)` \|", DOCS, re.MULTILINE)) == rules.OFFERED
    units = {"seconds": 1, "minutes": 60, "hours": 3600}
    pauses = re.findall(r"^\| \d+ \| (\d+) (\w+) \|", DOCS, re.MULTILINE)
    assert [int(each) * units[unit] for each, unit in pauses] == [
        pause.total_seconds() for pause in rules.SCHEDULE
    ]
