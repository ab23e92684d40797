"""Parcels on their way, for whoever looks after them."""

from __future__ import annotations

from collections.abc import Collection

from django.db import connection

from tacit.accounts.types import NotAllowed, Visitor
from tacit.checkout.types.carrier import Carrier, ParcelState
from tacit.checkout.types.order import ParcelRow
from tacit.core import ports

MOST = 100
UNDER_WAY = (
    ParcelState.WAITING,
    ParcelState.HANDED_OVER,
    ParcelState.ON_ITS_WAY,
    ParcelState.DELAYED,
)
# What needs a person: nobody takes it, it is late or lost, and nobody has settled that.
PARCEL_OPEN = """
(s.settled_at IS NULL AND s.state NOT IN ('by_hand', 'delivered')
  AND (s.state IN ('refused', 'delayed', 'lost') OR s.state = 'waiting' AND s.error <> ''))
"""
_ROWS = """
SELECT s.id, o.number, o.name, s.carrier, s.tracking, s.state, s.state_at, s.expected, s.shipped_at, s.error
FROM checkout_shipment s JOIN checkout_order o ON o.id = s.order_id
WHERE s.state = ANY(%(states)s) AND s.state NOT IN ('by_hand', 'delivered')
ORDER BY s.state_at DESC, s.id DESC LIMIT %(most)s
"""


def wired_carrier() -> Carrier | None:
    """The carrier that parcels go through by themselves (TACIT_CARRIER), or None: staff type carrier and code."""
    try:
        return ports.get(Carrier)
    except ports.PortNotWired:
        return None


def carrier_label() -> str:
    """What buyers know the wired carrier as; '' when there is none."""
    carrier = wired_carrier()
    return carrier.label if carrier is not None else ""


def staff_parcels(visitor: Visitor, *, states: Collection[ParcelState] = UNDER_WAY) -> tuple[ParcelRow, ...]:
    """Parcels that go through a carrier and are in one of ``states``, those with the newest news first.

    One statement. Raises NotAllowed.
    """
    if not visitor.staff:
        raise NotAllowed
    with connection.cursor() as cursor:
        cursor.execute(_ROWS, {"states": [str(state) for state in states], "most": MOST})
        return tuple(
            ParcelRow(
                id=row[0],
                order=row[1],
                name=row[2],
                carrier=row[3],
                tracking=row[4],
                state=ParcelState(row[5]),
                state_at=row[6],
                expected=row[7],
                shipped_at=row[8],
                error=row[9],
            )
            for row in cursor.fetchall()
        )
