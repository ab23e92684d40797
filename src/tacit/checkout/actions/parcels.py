"""Parcels after they were packed: handing them to their carrier, and taking over its news.

The row comes first; the carrier is called outside any transaction, by a reference that never changes, and is
asked whether it has the parcel before any second try. ``record_parcel`` is the one completion.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import connection, transaction
from django.db.models import Q, QuerySet

from tacit.accounts.types import Visitor
from tacit.checkout.actions.gate import staff_only
from tacit.checkout.models import Shipment, ShipmentEvent
from tacit.checkout.rules.parcels import (
    BACK_AND_FORTH,
    is_later,
    look_after,
    may_move,
    retry_after,
)
from tacit.checkout.types.carrier import (
    IN_THE_HOUSE,
    MONEY_WENT_BACK,
    AnswerUnusable,
    Carrier,
    CarrierRefused,
    CarrierUnreachable,
    Parcel,
    ParcelAnswer,
    ParcelState,
)
from tacit.checkout.types.order import OrderStatus
from tacit.core import journal, ports
from tacit.core.address import Address
from tacit.core.events import Event, OrderShipped, ParcelDelayed, ParcelDelivered, ParcelLost

log = logging.getLogger(__name__)
LEASE = timedelta(seconds=60)
"""Longer than any carrier's call may take, so that two workers are never at one parcel."""
BATCH = 50

# Goods whose money went back, or whose order came to nothing, must not leave the house.
_WORTHLESS = """(o.status NOT IN ('paid', 'shipped') OR o.total_minor > 0 AND EXISTS (
  SELECT 1 FROM checkout_payment p WHERE p.order_id = o.id AND p.captured_minor > 0
    AND p.refunded_minor + p.refunding_minor >= p.captured_minor))"""
_STOP = f"""
UPDATE checkout_shipment s SET state = 'refused', error = '{MONEY_WENT_BACK}', look_at = NULL, trying = FALSE
FROM checkout_order o WHERE s.id = %(id)s AND o.id = s.order_id AND s.state = 'waiting' AND s.look_at <= %(now)s
  AND {_WORTHLESS}
"""  # noqa: S608 - only constants are put together
_CLAIM = f"""
UPDATE checkout_shipment s SET attempts = least(s.attempts + 1, 30000), look_at = %(until)s, trying = TRUE
FROM checkout_order o WHERE s.id = %(id)s AND o.id = s.order_id AND s.state = 'waiting' AND s.look_at <= %(now)s
  AND NOT {_WORTHLESS}
RETURNING s.id, s.through, s.attempts, s.reference, s.shipped_at,
  (SELECT sum(l.quantity) FROM checkout_shipmentline l WHERE l.shipment_id = s.id),
  o.name, o.line1, o.line2, o.postcode, o.city, o.country
"""  # noqa: S608 - only constants are put together


@dataclass(frozen=True, slots=True)
class Claimed:
    """A waiting parcel this worker has for the length of LEASE."""

    id: int
    through: str
    attempts: int
    parcel: Parcel


def hand_over(shipment: int, *, now: datetime) -> bool:
    """Give a waiting parcel to its carrier, unless somebody else is at it; whether the carrier has it now.

    Without an answer the parcel waits on and is due again, after the carrier was asked whether it has it. What the
    carrier refuses is not offered again, nor is a parcel whose money went back: a person must look.
    """
    claimed = _claim(shipment, now)
    if claimed is None:
        return False
    try:
        carrier = ports.get(Carrier, claimed.through)
        known = carrier.find(claimed.parcel.reference) if claimed.attempts > 1 else None
        answer = known or carrier.hand_over(claimed.parcel)
        if answer.reference != claimed.parcel.reference:
            raise AnswerUnusable(f"the carrier answered about another parcel ({answer.reference[:40]})")
        record_parcel(answer, now=now)
    except CarrierRefused as refusal:
        log.warning("parcel %s is refused: %s", shipment, refusal)
        _let_go(shipment, refusal, state=ParcelState.REFUSED, look_at=None)
        return False
    except (CarrierUnreachable, ports.PortNotWired) as trouble:
        log.warning("parcel %s: %s", shipment, trouble)
        _let_go(shipment, trouble, look_at=now + retry_after(claimed.attempts))
        return False
    except Exception as trouble:
        log.exception("parcel %s cannot be handed over", shipment)
        _let_go(shipment, trouble, look_at=now + retry_after(claimed.attempts))
        return False
    return True


def _let_go(shipment: int, trouble: Exception, **changes: object) -> None:
    """End the claim with the reason, unless the parcel was handed over or changed hands meanwhile."""
    error = " ".join(str(trouble).replace("\0", "").split())[:300] or type(trouble).__name__
    Shipment.objects.filter(pk=shipment, state=ParcelState.WAITING).update(
        trying=False, error=error, **changes
    )


def not_being_tried(now: datetime) -> Q:
    """That no worker is at the parcel at this moment."""
    return Q(trying=False) | Q(look_at__isnull=True) | Q(look_at__lte=now)


def _claim(shipment: int, now: datetime) -> Claimed | None:
    with connection.cursor() as cursor:
        cursor.execute(_CLAIM, {"id": shipment, "now": now, "until": now + LEASE})
        row = cursor.fetchone()
        if row is None:
            cursor.execute(_STOP, {"id": shipment, "now": now})
    if row is None:
        return None
    return Claimed(row[0], row[1], row[2], Parcel(row[3], row[4], Address(*row[6:12]), int(row[5] or 0)))


def record_parcel(answer: ParcelAnswer, *, now: datetime) -> bool:
    """Take over a carrier's view of one parcel; whether it was news. Late and repeated answers change nothing.

    The state is compared and set by one conditional UPDATE, so two answers at once never both count. An answer
    about a parcel that is not ours is no news.
    """
    with transaction.atomic():
        row = Shipment.objects.select_related("order").filter(reference=answer.reference).first()
        if row is None:
            return False
        before = ParcelState(row.state)
        moves = may_move(before, answer.state) and not _is_late(row, before, answer)
        if not moves and (before, row.expected) == (answer.state, answer.expected):
            return False
        if not moves and (before is not answer.state or look_after(before, silent_for=timedelta(0)) is None):
            return False
        at = answer.events[-1].at if moves else row.state_at
        pause = look_after(answer.state, silent_for=timedelta(0))
        changes = {
            "state": answer.state,
            "state_at": at,
            "tracking": answer.tracking,
            "expected": answer.expected,
            "look_at": None if pause is None else now + pause,
            "attempts": 0,
            "trying": False,
            "error": "",
        }
        if not _still_as_read(row).update(**changes):
            return False
        ShipmentEvent.objects.bulk_create(
            [
                ShipmentEvent(shipment=row, state=each.state, at=each.at, noted_at=now)
                for each in answer.events
            ],
            ignore_conflicts=True,
        )
        # Where only the day moved, the carrier names no moment: it is told of as of now.
        for event, when in _events(row, before, answer, at=at if moves else now, now=now):
            journal.record(event, at=when)
        return True


def _is_late(row: Shipment, before: ParcelState, answer: ParcelAnswer) -> bool:
    """Whether what the answer ends with was known already; most moves lead forwards and need not be looked up."""
    if not {before, answer.state} <= BACK_AND_FORTH:
        return False
    return ShipmentEvent.objects.filter(shipment=row, state=answer.state, at=answer.events[-1].at).exists()


def _still_as_read(row: Shipment) -> QuerySet[Shipment]:
    """The row, unless somebody recorded news of it since: the compare in compare-and-set."""
    return Shipment.objects.filter(pk=row.pk, state=row.state, expected=row.expected)


def _events(
    row: Shipment, before: ParcelState, answer: ParcelAnswer, *, at: datetime, now: datetime
) -> list[tuple[Event, datetime]]:
    """What the journal is told, each with its time."""
    order, person = row.order, str(row.order.person_id) if row.order.person_id else None
    told: list[tuple[Event, datetime]] = []
    if before in IN_THE_HOUSE:
        complete = order.status == OrderStatus.SHIPPED
        told.append((OrderShipped(order.number, person, row.pk, complete), now))
    if is_later(before, answer.state, row.expected, answer.expected):
        day = answer.expected.isoformat() if answer.expected else None
        told.append((ParcelDelayed(order.number, person, row.pk, day), at))
    elif before is not answer.state and answer.state is ParcelState.DELIVERED:
        told.append((ParcelDelivered(order.number, person, row.pk), at))
    elif before is not answer.state and answer.state is ParcelState.LOST:
        told.append((ParcelLost(order.number, person, row.pk), at))
    return told


def ask_carrier(visitor: Visitor, *, shipment: int, now: datetime) -> bool:
    """Staff want to know now what became of a parcel; whether there was news. One that waits, or was refused, is
    offered to its carrier once more.

    Raises NotAllowed, CarrierUnreachable, PortNotWired.
    """
    staff_only(visitor)
    row = Shipment.objects.filter(pk=shipment).exclude(state=ParcelState.BY_HAND).first()
    if row is None:
        return False
    if row.state in IN_THE_HOUSE:
        offered = Shipment.objects.filter(not_being_tried(now), pk=shipment, state__in=IN_THE_HOUSE)
        offered.update(state=ParcelState.WAITING, look_at=now, trying=False)
        return hand_over(shipment, now=now)
    return _look(row.through, row.tracking, now)


def _look(through: str, tracking: str, now: datetime) -> bool:
    answer = ports.get(Carrier, through).look_up(tracking)
    if answer is None:
        log.warning("carrier %s does not know parcel %s", through, tracking)
        return False
    return record_parcel(answer, now=now)


def sweep_parcels(*, now: datetime) -> int:
    """Hand over what waits and ask for news of what is due; how many there were. No transaction spans a call."""
    waiting = list(
        Shipment.objects.filter(state=ParcelState.WAITING, look_at__lte=now)
        .order_by("look_at")
        .values_list("pk", flat=True)[:BATCH]
    )
    for shipment in waiting:
        try:
            hand_over(shipment, now=now)
        except Exception:  # one bad parcel must not keep the others waiting
            log.exception("parcel %s cannot be handed over", shipment)
    due = _due(now)
    for shipment, through, tracking in due:
        try:
            _look(through, tracking, now)
        except (CarrierUnreachable, ports.PortNotWired) as trouble:
            log.warning("parcel %s: %s", shipment, trouble)
        except Exception:
            log.exception("parcel %s cannot be looked up", shipment)
    return len(waiting) + len(due)


def _due(now: datetime) -> list[tuple[int, str, str]]:
    """Claim the parcels to be asked about by moving their next look."""
    due: list[tuple[int, str, str]] = []
    with transaction.atomic():
        rows = (
            Shipment.objects.select_for_update(skip_locked=True)
            .filter(look_at__lte=now)
            .exclude(state=ParcelState.WAITING)
            .order_by("look_at")[:BATCH]
        )
        for row in rows:
            pause = look_after(ParcelState(row.state), silent_for=now - row.state_at)
            row.look_at = None if pause is None else now + pause
            due.append((row.pk, row.through, row.tracking))
        Shipment.objects.bulk_update(rows, ["look_at"])
    return due
