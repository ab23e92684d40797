"""What our own tables say about orders and their money, for comparing. One statement a call."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from typing import Any

from django.db import connection

from tacit.checkout.queries.stuck import STUCK
from tacit.checkout.rules.reconcile import OrderBook, PaymentBook
from tacit.checkout.types.ledger import Totals
from tacit.checkout.types.order import OrderStatus
from tacit.checkout.types.payment import PaymentState

_BOOKS = """
SELECT o.id, o.number, o.currency, o.status, o.total_minor, o.goods_minor,
  (SELECT coalesce(sum(unit_minor * quantity), 0) FROM checkout_orderline WHERE order_id = o.id)::bigint,
  EXISTS (SELECT 1 FROM checkout_orderchange c WHERE c.order_id = o.id AND c.what = 'lower_price'),
  (SELECT coalesce(sum(i.amount_minor), 0) FROM checkout_moneyintent i JOIN checkout_payment q ON q.id = i.payment_id
     WHERE q.order_id = o.id AND i.kind = 'refund' AND i.reason = 'lower price' AND i.state = 'done')::bigint,
  p.id, p.reference, p.provider, p.provider_reference, p.created_at, p.state, p.amount_minor,
  p.authorised_minor, p.captured_minor, p.refunded_minor, p.released_minor,
  m.authorised, m.captured, m.refunded, m.released,
  EXISTS (SELECT 1 FROM checkout_moneyintent i WHERE i.payment_id = p.id AND i.state = 'pending'),
  EXISTS (SELECT 1 FROM checkout_moneyintent i WHERE i.payment_id = p.id AND {stuck}),
  p.capturing_minor, p.refunding_minor, (SELECT coalesce(sum(i.amount_minor), 0) FROM checkout_moneyintent i
    WHERE i.payment_id = p.id AND i.kind = 'capture' AND i.state = 'pending')::bigint,
  (SELECT coalesce(sum(i.amount_minor), 0) FROM checkout_moneyintent i
    WHERE i.payment_id = p.id AND i.kind = 'refund' AND i.state = 'pending')::bigint
FROM checkout_order o LEFT JOIN checkout_payment p ON p.order_id = o.id
LEFT JOIN LATERAL (SELECT
    coalesce(sum(amount_minor) FILTER (WHERE kind = 'authorised'), 0)::bigint AS authorised,
    coalesce(sum(amount_minor) FILTER (WHERE kind = 'captured'), 0)::bigint AS captured,
    coalesce(sum(amount_minor) FILTER (WHERE kind = 'refunded'), 0)::bigint AS refunded,
    coalesce(sum(amount_minor) FILTER (WHERE kind = 'released'), 0)::bigint AS released
  FROM checkout_moneymovement WHERE payment_id = p.id) m ON TRUE
WHERE NOT o.historic AND {which}
ORDER BY o.id, p.id
"""


@dataclass(frozen=True, slots=True)
class PaymentFacts:
    """One payment, with what it takes to ask its provider about it.

    ``pending``: an operation is on its way; ``refused``: one was refused and not asked for since.
    """

    id: int
    reference: str
    provider: str
    hint: str
    created_at: datetime
    book: PaymentBook
    pending: bool
    refused: bool


@dataclass(frozen=True, slots=True)
class OrderFacts:
    """One order with its payments, oldest first."""

    id: int
    number: str
    currency: str
    book: OrderBook
    payments: tuple[PaymentFacts, ...]

    def payment(self, identifier: int) -> PaymentFacts:
        """One of them."""
        return next(one for one in self.payments if one.id == identifier)

    @property
    def reference(self) -> str:
        """What a disagreement about the order is kept under."""
        return self.payments[-1].reference if self.payments else self.number

    @property
    def at_rest(self) -> bool:
        """No operation is on its way and none was refused: then the desk shows that the money is stuck."""
        return not any(one.pending or one.refused for one in self.payments)


def facts_since(moment: datetime, payments: Sequence[int]) -> Iterator[OrderFacts]:
    """Orders placed since ``moment``, and besides those of these payments and those that disagree already."""
    which = (
        "(o.placed_at >= %(since)s OR o.id IN (SELECT order_id FROM checkout_payment WHERE id = ANY(%(ids)s)"
        " UNION SELECT order_id FROM checkout_moneydrift WHERE gone_at IS NULL AND order_id IS NOT NULL))"
    )
    return _facts(which, {"since": moment, "ids": list(payments)})


def facts_of(payment: int) -> OrderFacts:
    """The order of one payment."""
    which = "o.id = (SELECT order_id FROM checkout_payment WHERE id = %(id)s)"
    return next(_facts(which, {"id": payment}))


def _facts(which: str, parameters: dict[str, Any]) -> Iterator[OrderFacts]:
    with connection.cursor() as cursor:
        cursor.execute(_BOOKS.format(which=which, stuck=STUCK), parameters)
        for _, rows in groupby(cursor.fetchall(), key=lambda row: row[0]):
            yield _order(list(rows))


def _order(rows: list[tuple[Any, ...]]) -> OrderFacts:
    number, currency, status, total, goods, lines, lowered, lowered_back = rows[0][1:9]
    return OrderFacts(
        id=rows[0][0],
        number=number,
        currency=currency,
        book=OrderBook(OrderStatus(status), total, goods, lines, lowered, lowered_back),
        payments=tuple(_payment(row[9:]) for row in rows if row[9] is not None),
    )


def _payment(row: tuple[Any, ...]) -> PaymentFacts:
    return PaymentFacts(
        id=row[0],
        reference=row[1],
        provider=row[2],
        hint=row[3],
        created_at=row[4],
        book=PaymentBook(PaymentState(row[5]), row[6], Totals(*row[7:11]), Totals(*row[11:15]), *row[17:21]),
        pending=row[15],
        refused=row[16],
    )
