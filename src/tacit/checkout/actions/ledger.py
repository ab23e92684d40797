"""Writing the ledger: in the very statement that raises a payment's totals."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from django.db import connection

from tacit.checkout.models import Payment
from tacit.checkout.types.ledger import Movement, Totals

_MOVE = """
WITH changed AS (UPDATE checkout_payment SET {columns} WHERE id = %s RETURNING id, currency)
INSERT INTO checkout_moneymovement (payment_id, kind, amount_minor, before_minor, currency, key, at)
SELECT changed.id, m.kind, m.amount, m.before, changed.currency, m.key, %s FROM changed,
  unnest(%s::text[], %s::bigint[], %s::bigint[], %s::text[]) AS m (kind, amount, before, key)
"""


def totals(payment: Payment) -> Totals:
    """What of the payment has moved so far, as its row says."""
    return Totals(
        authorised=payment.authorised_minor,
        captured=payment.captured_minor,
        refunded=payment.refunded_minor,
        released=payment.released_minor,
    )


def move(
    payment: Payment, changed: Mapping[str, object], movements: Sequence[Movement], *, now: datetime
) -> None:
    """Set the ``changed`` columns of the payment and write what moved. The caller holds its row locked.

    A movement that is in the ledger already is refused by the database, and so is the whole change.
    """
    if not changed:
        return
    if not movements:
        Payment.objects.filter(pk=payment.pk).update(**changed)
        return
    columns = ", ".join(f"{name} = %s" for name in changed)
    values: list[Any] = list(changed.values())
    with connection.cursor() as cursor:
        cursor.execute(
            _MOVE.format(columns=columns),
            [
                *values,
                payment.pk,
                now,
                [each.kind.value for each in movements],
                [each.amount for each in movements],
                [each.before for each in movements],
                [each.key for each in movements],
            ],
        )
