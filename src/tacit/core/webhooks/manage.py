"""What staff do to endpoints and deliveries. Every act is noted in the journal."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime, timedelta

from django.conf import settings
from django.db import IntegrityError, transaction
from django.db.models import F, Max, QuerySet
from django.utils.crypto import salted_hmac

from tacit.core import ids, journal
from tacit.core.asking import Asking, name_of, staff_only
from tacit.core.events import WebhookChanged
from tacit.core.models import JournalEntry, WebhookDelivery, WebhookEndpoint
from tacit.core.refusal import Refusal
from tacit.core.webhooks import rules
from tacit.core.webhooks.address import BadUrl, parse
from tacit.core.webhooks.write import new_message_id

MOST_ENDPOINTS = 50
LONGEST_DESCRIPTION = 100
SENT_KEPT_FOR = timedelta(days=30)
FAILED_KEPT_FOR = timedelta(days=90)
REMOVED_AT_ONCE = 5_000


class WebhookRefusal(Refusal):
    """``field`` url: a code of BadUrl, or taken, too_many. kinds: none, unknown. description: too_long.

    endpoint: off, on (the act asks for the other).
    """


def add(asking: Asking, *, url: str, description: str, kinds: Sequence[str], now: datetime) -> int:
    """Tell ``url`` of every entry of ``kinds`` from now on; the new endpoint's id. Asks nobody about ``url``.

    The same once more makes none: its id is that of the first. Raises NotAllowed, WebhookRefusal.
    """
    staff_only(asking)
    checked = _checked(url, description, kinds)
    with transaction.atomic():
        if WebhookEndpoint.objects.count() >= MOST_ENDPOINTS:
            raise WebhookRefusal("url", "too_many", most=MOST_ENDPOINTS)
        try:
            with _one_an_address():
                made = WebhookEndpoint.objects.create(
                    url=url,
                    description=description,
                    kinds=checked,
                    seed=ids.token(),
                    since_entry=_last_entry(),
                    created_at=now,
                )
        except WebhookRefusal:
            if (same := _same(url, description, checked)) is not None:
                return same
            raise
        _note(asking, made.pk, "added", now)
    return made.pk


def change(
    asking: Asking, endpoint_id: int, *, url: str, description: str, kinds: Sequence[str], now: datetime
) -> bool:
    """Another address, description or other kinds; the secret stays. False when there is no such endpoint.

    Raises NotAllowed, WebhookRefusal.
    """
    staff_only(asking)
    checked = _checked(url, description, kinds)
    with transaction.atomic():
        with _one_an_address():
            found = WebhookEndpoint.objects.filter(pk=endpoint_id)
            if not found.update(url=url, description=description, kinds=checked):
                return False
        _note(asking, endpoint_id, "changed", now)
    return True


def secret(asking: Asking, endpoint_id: int, *, now: datetime) -> str | None:
    """The secret that signs now, which is noted as shown; None when there is no such endpoint. Raises NotAllowed."""
    staff_only(asking)
    with transaction.atomic():
        found = WebhookEndpoint.objects.filter(pk=endpoint_id).first()
        if found is None:
            return None
        _note(asking, endpoint_id, "secret_shown", now)
    return rules.derive_secret(settings.SECRET_KEY, seed=found.seed, generation=found.generation)


def rotate(asking: Asking, endpoint_id: int, *, now: datetime) -> bool:
    """A new secret; the one before signs as well for BOTH_SECRETS_FOR, an older one no more. Raises NotAllowed."""
    changes = {"generation": F("generation") + 1, "rotated_at": now}
    return _act(asking, endpoint_id, "rotated", now, **changes)


def switch_off(asking: Asking, endpoint_id: int, *, now: datetime) -> bool:
    """Nothing is sent there; what waits goes on waiting. Also says that one which went off by itself may stay so.

    Raises NotAllowed.
    """
    return _act(asking, endpoint_id, "switched_off", now, off_at=now, off_reason="staff")


def all_off(*, now: datetime) -> None:
    """For a restored shop: the backup may hold addresses that were removed or switched off since. Staff look first."""
    with transaction.atomic():
        found = WebhookEndpoint.objects.filter(off_at__isnull=True)
        switched = list(found.order_by("pk").values_list("pk", flat=True))
        found.update(off_at=now, off_reason="staff")
        for each in switched:
            journal.record(WebhookChanged(each, "switched_off", "restore"), at=now)


def switch_on(asking: Asking, endpoint_id: int, *, now: datetime) -> bool:
    """What waits is sent, and what happens from now on; not what happened while it was off. Raises NotAllowed."""
    staff_only(asking)
    with transaction.atomic():
        found = WebhookEndpoint.objects.select_for_update().filter(pk=endpoint_id).first()
        if found is None:
            return False
        if found.off_at is None:
            return True
        return _act(
            asking,
            endpoint_id,
            "switched_on",
            now,
            off_at=None,
            off_reason="",
            failing_since=None,
            since_entry=_last_entry(),
        )


def remove(asking: Asking, endpoint_id: int, *, now: datetime) -> bool:
    """The endpoint and its deliveries are gone for good. Raises NotAllowed."""
    staff_only(asking)
    with transaction.atomic():
        found = WebhookEndpoint.objects.select_for_update().filter(pk=endpoint_id)
        if not found.exists():
            return False
        found.delete()
        _note(asking, endpoint_id, "removed", now)
    return True


def send_test(asking: Asking, endpoint_id: int, *, now: datetime, once: str = "") -> int | None:
    """Write a delivery of the kind webhook.test; its id, None when there is no such endpoint.

    ``once``: the key of the form, '' for none: the same form sends one. Raises NotAllowed, WebhookRefusal.
    """
    staff_only(asking)
    with transaction.atomic():
        found = WebhookEndpoint.objects.select_for_update(no_key=True).filter(pk=endpoint_id).first()
        if found is None:
            return None
        if found.off_at is not None:
            raise WebhookRefusal("endpoint", "off")
        made, is_new = WebhookDelivery.objects.get_or_create(
            message_id=_test_id(asking, endpoint_id, once),
            defaults={"endpoint": found, "kind": rules.TEST_KIND, "due_at": now, "created_at": now},
        )
        if is_new:
            _note(asking, endpoint_id, "tested", now)
    return made.pk


def send_again(asking: Asking, delivery_id: int, *, now: datetime) -> bool:
    """One given-up delivery is tried anew, with all its tries and the same message id; False when it is not given up.

    Raises NotAllowed.
    """
    staff_only(asking)
    with transaction.atomic():
        found = WebhookDelivery.objects.filter(pk=delivery_id, status="failed")
        endpoint = found.values_list("endpoint", flat=True).first()
        if endpoint is None or not _queue(found, now):
            return False
        _note(asking, endpoint, "sent_again", now)
    return True


def send_failed_again(asking: Asking, endpoint_id: int, *, now: datetime) -> int:
    """All given-up deliveries of one endpoint are tried anew; how many. Raises NotAllowed."""
    staff_only(asking)
    with transaction.atomic():
        count = _queue(WebhookDelivery.objects.filter(endpoint=endpoint_id, status="failed"), now)
        if count:
            _note(asking, endpoint_id, "sent_again", now)
    return count


def forget_failed(asking: Asking, endpoint_id: int, *, now: datetime) -> int:
    """Given-up deliveries of one endpoint are taken off the log; how many. Raises NotAllowed."""
    staff_only(asking)
    with transaction.atomic():
        count, _ = WebhookDelivery.objects.filter(endpoint=endpoint_id, status="failed").delete()
        if count:
            _note(asking, endpoint_id, "failed_forgotten", now)
    return count


def remove_old(*, now: datetime) -> int:
    """Take off the log what was sent long ago, and what was given up longer ago; how many rows."""
    count = 0
    for old in (
        WebhookDelivery.objects.filter(status="sent", sent_at__lt=now - SENT_KEPT_FOR),
        WebhookDelivery.objects.filter(status="failed", created_at__lt=now - FAILED_KEPT_FOR),
    ):
        while ids_of := list(old.values_list("pk", flat=True)[:REMOVED_AT_ONCE]):
            count += WebhookDelivery.objects.filter(pk__in=ids_of).delete()[0]
    return count


def _queue(found: QuerySet[WebhookDelivery], now: datetime) -> int:
    return found.update(status="queued", attempts=0, due_at=now, error="", code=None)


def _act(asking: Asking, endpoint_id: int, what: str, now: datetime, **changes: object) -> bool:
    """False when there is no such endpoint. Raises NotAllowed."""
    staff_only(asking)
    with transaction.atomic():
        if not WebhookEndpoint.objects.filter(pk=endpoint_id).update(**changes):
            return False
        _note(asking, endpoint_id, what, now)
    return True


def _note(asking: Asking, endpoint_id: int, what: str, now: datetime) -> None:
    journal.record(WebhookChanged(endpoint_id, what, name_of(asking)), at=now)


@contextmanager
def _one_an_address() -> Iterator[None]:
    try:
        with transaction.atomic():
            yield
    except IntegrityError:
        raise WebhookRefusal("url", "taken") from None


def _same(url: str, description: str, kinds: Sequence[str]) -> int | None:
    """The id of the endpoint that is just that."""
    found = WebhookEndpoint.objects.filter(url=url, description=description).first()
    return found.pk if found is not None and list(found.kinds) == list(kinds) else None


def _test_id(asking: Asking, endpoint_id: int, once: str) -> str:
    """The same for the same form of the same member of staff."""
    if not once:
        return new_message_id()
    said = f"{name_of(asking)}:{endpoint_id}:{once}"
    return f"msg_{salted_hmac('tacit.core.webhook.test', said).hexdigest()[:32]}"


def _last_entry() -> int:
    return JournalEntry.objects.aggregate(last=Max("id"))["last"] or 0


def _checked(url: str, description: str, kinds: Sequence[str]) -> list[str]:
    """``kinds`` in their usual order, each once. Raises WebhookRefusal."""
    try:
        parse(url, demo=settings.DEMO)
    except BadUrl as error:
        raise WebhookRefusal("url", error.code) from None
    if len(description) > LONGEST_DESCRIPTION:
        raise WebhookRefusal("description", "too_long", most=LONGEST_DESCRIPTION)
    if set(kinds) - set(rules.OFFERED):
        raise WebhookRefusal("kinds", "unknown")
    if not kinds:
        raise WebhookRefusal("kinds", "none")
    return [each for each in rules.OFFERED if each in kinds]
