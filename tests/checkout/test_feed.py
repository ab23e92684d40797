"""All orders in turn: none twice, none left out, and read from an index however many there are."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db import connection
from django.test.utils import CaptureQueriesContext

from tacit.accounts.types import Visitor
from tacit.checkout import queries
from tacit.checkout.models import Order
from tests.checkout.fake_provider import FakeProvider
from tests.checkout.shopping import buy, fill


def test_orders_of_one_moment_are_told_once_each(
    kettle: int, provider: FakeProvider, staff: Visitor, now: datetime
) -> None:
    made = [buy(fill(kettle, now=now), now=now).number for _ in range(5)]
    Order.objects.filter(number=made[4]).update(placed_at=now - timedelta(days=1))
    told, after = [], None
    for _ in range(3):
        rows, after = queries.order_feed(staff, after=after, limit=2)
        told += [row.number for row in rows]
    assert (told, after) == ([made[4], *made[:4]], None)


def test_an_index_serves_its_order(db: None, staff: Visitor, now: datetime) -> None:
    with CaptureQueriesContext(connection) as asked:
        queries.order_feed(staff, after=(now, 7), limit=2)
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")
        cursor.execute("EXPLAIN " + asked[-1]["sql"])
        plan = "\n".join(row[0] for row in cursor.fetchall())
    assert "Index Scan using order_in_time" in plan
    assert "Sort" not in plan
