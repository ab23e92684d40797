"""Endpoints and deliveries for the desk."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from django.db.models import Count, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce

from tacit.core.asking import Asking, staff_only
from tacit.core.models import WebhookDelivery, WebhookEndpoint
from tacit.core.webhooks import rules
from tacit.core.webhooks.types import DeliveryRow, EndpointRow

PER_PAGE = 100
STATUSES = tuple(WebhookDelivery.Status.values)


def endpoints(asking: Asking, *, now: datetime) -> list[EndpointRow]:
    """All of them, the first made first. Raises NotAllowed."""
    staff_only(asking)
    return _endpoint_rows(_counted().order_by("id"), now)


def endpoint(asking: Asking, endpoint_id: int, *, now: datetime) -> EndpointRow | None:
    """One of them. Raises NotAllowed."""
    staff_only(asking)
    return next(iter(_endpoint_rows(_counted().filter(pk=endpoint_id), now)), None)


def troubled(asking: Asking, *, now: datetime) -> list[EndpointRow]:
    """Endpoints that were switched off by what they answered, or with deliveries given up. One query.

    Raises NotAllowed.
    """
    staff_only(asking)
    failed = WebhookDelivery.objects.filter(status="failed").values("endpoint")
    found = _counted().filter(Q(off_reason__in=["gone", "failing"]) | Q(pk__in=failed))
    return _endpoint_rows(found.order_by("id"), now)


def deliveries(
    asking: Asking, *, endpoint_id: int | None = None, status: str = "", page: int = 1
) -> tuple[list[DeliveryRow], bool]:
    """The newest first: PER_PAGE a page (from 1), and whether there are more. Raises NotAllowed."""
    staff_only(asking)
    found = WebhookDelivery.objects.select_related("endpoint").order_by("-id")
    if endpoint_id is not None:
        found = found.filter(endpoint=endpoint_id)
    if status:
        found = found.filter(status=status)
    start = (max(page, 1) - 1) * PER_PAGE
    rows = [_delivery_row(row) for row in found[start : start + PER_PAGE + 1]]
    return rows[:PER_PAGE], len(rows) > PER_PAGE


def delivery(asking: Asking, delivery_id: int) -> DeliveryRow | None:
    """One of them. Raises NotAllowed."""
    staff_only(asking)
    row = WebhookDelivery.objects.select_related("endpoint").filter(pk=delivery_id).first()
    return _delivery_row(row) if row else None


def _counted() -> QuerySet[WebhookEndpoint]:
    return WebhookEndpoint.objects.annotate(failed=_count("failed"), waiting=_count("queued", "sending"))


def _count(*statuses: str) -> Coalesce:
    """By the indexes of what is open: what was sent is much more, and nobody counts it."""
    mine = WebhookDelivery.objects.filter(endpoint=OuterRef("pk"), status__in=statuses)
    counted = mine.order_by().values("endpoint").annotate(n=Count("pk")).values("n")
    return Coalesce(Subquery(counted), 0)


def _endpoint_rows(found: Iterable[WebhookEndpoint], now: datetime) -> list[EndpointRow]:
    rows = []
    for each in found:
        both = len(rules.generations(each.generation, each.rotated_at, now)) > 1
        rows.append(
            EndpointRow(
                id=each.pk,
                url=each.url,
                description=each.description,
                kinds=tuple(each.kinds),
                created_at=each.created_at,
                failing_since=each.failing_since,
                off=each.off_reason,
                off_at=each.off_at,
                failed=getattr(each, "failed", 0),
                waiting=getattr(each, "waiting", 0),
                both_until=each.rotated_at + rules.BOTH_SECRETS_FOR if both and each.rotated_at else None,
            )
        )
    return rows


def _delivery_row(row: WebhookDelivery) -> DeliveryRow:
    return DeliveryRow(
        id=row.pk,
        endpoint=row.endpoint.pk,
        endpoint_name=row.endpoint.description or row.endpoint.url,
        endpoint_is_on=row.endpoint.off_at is None,
        entry=row.entry_id,
        kind=row.kind,
        message_id=row.message_id,
        status=row.status,
        attempts=row.attempts,
        created_at=row.created_at,
        due_at=row.due_at,
        sent_at=row.sent_at,
        code=row.code,
        error=row.error,
    )
