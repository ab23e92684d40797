"""The provider's books beside ours, once the dust has settled: what was lost, what was done twice."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from benchmarks.harness.stories import Told
from django.db.models import F, Sum

from tacit.catalog.models import Stock
from tacit.checkout.models import MoneyDrift, MoneyMovement, Order, OrderLine, Payment


@dataclass
class Verdict:
    """``lost``: money or orders that are not in both books as they should be. ``double``: money moved twice."""

    lost: list[str] = field(default_factory=list)
    double: list[str] = field(default_factory=list)


@dataclass
class AtProvider:
    """All payments of one reference. ``times``: how many of them hold or took money."""

    times: int = 0
    held: int = 0
    captured: int = 0
    refunded: int = 0
    keys: list[str] = field(default_factory=list)


def at_provider(state: Path) -> dict[str, AtProvider]:
    """What the practice provider's file says, by reference."""
    found: dict[str, AtProvider] = {}
    with sqlite3.connect(f"file:{state}?mode=ro", uri=True) as books:
        for identity, reference, status, authorised, captured, refunded in books.execute(
            "SELECT id, reference, state, authorised, captured, refunded FROM payments"
        ):
            one = found.setdefault(reference, AtProvider())
            one.times += bool(authorised)
            one.held += authorised if status == "authorised" else 0
            one.captured += captured
            one.refunded += refunded
            one.keys += [
                f"{kind} {key}"
                for kind, key in books.execute(
                    "SELECT kind, key FROM movements WHERE payment = ? AND kind <> 'void'", (identity,)
                )
                if key
            ]
    return found


def judge(told: Sequence[Told], state: Path) -> Verdict:
    """Each story beside its right end, and every payment there is beside the provider's books."""
    verdict = Verdict()
    books = at_provider(state)
    for story in told:
        _judge_story(story, books.get(story.reference, AtProvider()), verdict)
    _judge_books(books, verdict)
    _judge_goods(verdict)
    return verdict


def _judge_story(story: Told, there: AtProvider, verdict: Verdict) -> None:
    order = Order.objects.filter(number=story.number).first()
    due = story.due
    name = f"{story.name} {story.number}"
    if order is None or order.status not in due.status:
        verdict.lost.append(f"{name}: {order.status if order else 'no order'} instead of {due.status}")
        return
    goods = sum(line.unit_minor * line.quantity for line in order.lines.all())
    if goods != order.goods_minor or not goods:
        verdict.lost.append(f"{name}: lines over {goods}, goods over {order.goods_minor}")
    held = due.held if order.status == "paid" else 0
    if there.captured > due.captured or there.refunded > due.refunded or there.times > 1:
        verdict.double.append(f"{name}: {there} instead of {due}")
    elif (there.held, there.captured, there.refunded) != (held, due.captured, due.refunded):
        verdict.lost.append(f"{name}: {there} instead of {due}")


def _judge_books(books: dict[str, AtProvider], verdict: Verdict) -> None:
    payments = {payment.reference: payment for payment in Payment.objects.select_related("order")}
    ledger: dict[int, dict[str, int]] = {}
    sums = MoneyMovement.objects.values_list("payment_id", "kind").annotate(Sum("amount_minor")).order_by()
    for payment_id, kind, total in sums:
        ledger.setdefault(payment_id, {})[kind] = total
    for reference, there in books.items():
        if there.times > 1 or len(set(there.keys)) < len(there.keys):
            verdict.double.append(f"payment {reference}: {there}")
        payment = payments.get(reference)
        if payment is None:
            verdict.lost.append(f"payment {reference} is known to the provider alone")
    for reference, payment in payments.items():
        there = books.get(reference, AtProvider())
        written = ledger.get(payment.pk, {})
        captured, refunded = written.get("captured", 0), written.get("refunded", 0)
        held = written.get("authorised", 0) - captured - written.get("released", 0)
        if (there.held, there.captured, there.refunded) != (held, captured, refunded):
            verdict.lost.append(f"payment {reference}: ledger {written}, provider {there}")
        row = (
            payment.authorised_minor,
            payment.captured_minor,
            payment.refunded_minor,
            payment.released_minor,
        )
        if row != tuple(written.get(kind, 0) for kind in ("authorised", "captured", "refunded", "released")):
            verdict.lost.append(f"payment {reference}: ledger {written}, row {row}")


def _judge_goods(verdict: Verdict) -> None:
    """What is promised of the stock is what orders that stand have not been sent."""
    unsent = (
        OrderLine.objects.filter(order__status__in=["awaiting_payment", "paid"], variant_id__isnull=False)
        .values_list("variant_id")
        .annotate(unsent=Sum(F("quantity") - F("shipped") - F("cancelled")))
        .order_by()
    )
    promised = {variant: pieces for variant, pieces in unsent if pieces}
    claimed = dict(Stock.objects.exclude(claimed=0).values_list("pk", "claimed"))
    for variant in promised.keys() | claimed.keys():
        if promised.get(variant, 0) != claimed.get(variant, 0):
            verdict.lost.append(
                f"variant {variant}: {claimed.get(variant, 0)} claimed, {promised.get(variant, 0)} not sent"
            )


def drift() -> list[str]:
    """What the shop itself found not to agree."""
    return [
        str(row) for row in MoneyDrift.objects.filter(gone_at__isnull=True).values_list("reference", "what")
    ]
