"""Comparing ledger, payments, orders and what the providers say; what disagrees is written down for the desk."""

from __future__ import annotations

import contextlib
import logging
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from django.db import connection, transaction
from django.db.models import Max, Min, Q

from tacit.checkout.actions.record import record_answer
from tacit.checkout.models import MoneyDrift, Payment
from tacit.checkout.queries.books import PaymentFacts, facts_of, facts_since
from tacit.checkout.rules import reconcile as rules
from tacit.checkout.types.ledger import Drift, What
from tacit.checkout.types.payment import PaymentProvider, ProviderRefused, ProviderUnreachable
from tacit.core import crash, ports

log = logging.getLogger(__name__)

LEAST, MOST = 100, 500
"""How many payments a run looks up besides what moved: enough that each has its turn once a day (RUNS_A_DAY), within
these. MOST is also the most it looks up in all."""
RUNS_A_DAY = 288
FRESH = timedelta(minutes=2)
"""A payment this young belongs to the request that made it."""
OWN_BOOKS = timedelta(days=90)
"""Orders this young are compared with ledger and payments in every run, older ones when they are looked up."""
OPENED = timedelta(hours=2)
"""How far back providers are asked for payments we know nothing of; further when no run was since."""
OPENED_MOST = timedelta(days=1)
STAYS = timedelta(days=7)
"""What was found so is looked at again in every run for this long; after that by the first run of a day."""
GIVE_UP_AFTER = 3
"""Look-ups in a row without an answer, after which a provider is left alone until the next run."""

_OPENED = Q(what__in=[What.OPENED_TWICE, What.OPENED_UNKNOWN])
_DUE = """
WITH mine AS NOT MATERIALIZED (SELECT * FROM checkout_payment WHERE provider = %(provider)s), due AS (
  (SELECT p.id, 0 AS rank FROM checkout_moneydrift d JOIN mine p ON p.reference = d.reference
    WHERE d.gone_at IS NULL ORDER BY p.compared_at NULLS FIRST LIMIT %(least)s)
  UNION ALL (SELECT p.id, 1 FROM (
      SELECT payment_id, at FROM checkout_moneymovement ORDER BY id DESC LIMIT %(most)s) m
    JOIN mine p ON p.id = m.payment_id
    WHERE p.created_at <= %(settled)s AND (p.compared_at IS NULL OR p.compared_at <= m.at)
    ORDER BY m.at LIMIT %(least)s)
  UNION ALL (SELECT id, 2 FROM mine
    WHERE created_at <= %(settled)s AND state IN ('created', 'needs_action', 'processing', 'authorised')
    ORDER BY compared_at NULLS FIRST LIMIT %(least)s)
  UNION ALL (SELECT id, 3 FROM mine WHERE created_at <= %(settled)s
    ORDER BY compared_at NULLS FIRST LIMIT %(share)s)),
chosen AS (SELECT id FROM due GROUP BY id ORDER BY min(rank), id LIMIT %(most)s)
SELECT id FROM chosen ORDER BY id
"""


@dataclass
class Found:
    """What a run has come to. ``checked``: (reference, with what it was compared), so that the rest stays as it was."""

    checked: set[tuple[str, str]] = field(default_factory=set)
    drift: dict[tuple[str, What], tuple[Drift, str, int | None]] = field(default_factory=dict)
    """With its currency and order."""

    def add(self, reference: str, found: Iterable[Drift], currency: str, order: int | None) -> None:
        for each in found:
            self.drift[reference, each.what] = (each, currency, order)


def reconcile(*, now: datetime) -> int:
    """Compare, and write down what disagrees and what agrees again; how many disagreements stand open.

    No provider is asked inside a transaction.
    """
    with _alone() as alone:
        if alone:
            _compare(now)
    return MoneyDrift.objects.filter(gone_at__isnull=True).count()


@contextlib.contextmanager
def _alone() -> Iterator[bool]:
    """Whether no other run is under way; none begins until this one ends, or its connection does."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(hashtextextended('checkout reconcile', 0))")
        alone = cursor.fetchone() == (True,)
    try:
        yield alone
    finally:
        if alone:
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_advisory_unlock(hashtextextended('checkout reconcile', 0))")
                if cursor.fetchone() != (True,):
                    log.error(
                        "the lock of comparing was lost: workers need a database connection of their own"
                    )


def _compare(now: datetime) -> None:
    found = Found()
    last = dict(Payment.objects.values_list("provider").annotate(Max("compared_at")).order_by())
    due = _due([name for name in last if _wired(name)], now)
    crash.point("reconcile.claimed")
    looked_up = _ask_providers(due, found, now)
    _ask_what_was_opened(last, found, now)
    _compare_own_books(due, found, now)
    with transaction.atomic():
        _write(found, now)
        crash.point("reconcile.written")
    Payment.objects.filter(pk__in=looked_up).update(compared_at=now)


def _wired(name: str) -> bool:
    try:
        ports.get(PaymentProvider, name)
    except ports.PortNotWired:
        return False
    return True


def _asked_since(last: datetime | None, now: datetime) -> datetime:
    """From when on a provider tells what was opened, where a payment of its was compared ``last``.

    What was found there is looked at again in every run for some days, then once a day.
    """
    last = last or now
    found = MoneyDrift.objects.filter(_OPENED, gone_at__isnull=True)
    if last.date() == now.date():
        found = found.filter(since__gt=now - STAYS)
    first = found.aggregate(first=Min("since"))["first"]
    return min(now - OPENED, last - OPENED, (first or now) - OPENED_MOST)


def _due(providers: list[str], now: datetime) -> list[int]:
    """Payments to look up, of each provider the same share: one that is silent keeps the others from nothing."""
    if not providers:
        return []
    share = min(MOST, max(LEAST, -(-Payment.objects.count() // RUNS_A_DAY)))
    numbers = {"least": LEAST, "share": share, "most": MOST}
    shares = {name: max(1, number // len(providers)) for name, number in numbers.items()}
    due: list[int] = []
    with connection.cursor() as cursor:
        for name in providers:
            cursor.execute(_DUE, {"settled": now - FRESH, "provider": name, **shares})
            due += [row[0] for row in cursor.fetchall()]
    return due


def _ask_providers(due: list[int], found: Found, now: datetime) -> list[int]:
    """Which of them had their turn. What got no answer comes first in the next run."""
    silent: Counter[str] = Counter()
    looked_up = []
    for payment in due:
        order = facts_of(payment)
        facts = order.payment(payment)
        if silent[facts.provider] >= GIVE_UP_AFTER:
            continue
        try:
            drift = _compare_with_provider(facts, now)
            silent[facts.provider] = 0
        except (ProviderUnreachable, ProviderRefused) as trouble:
            silent[facts.provider] += 1
            log.warning("payment %s cannot be compared: %s", facts.reference, trouble)
        except Exception:  # one bad payment must not keep the others waiting
            log.exception("payment %s cannot be compared", facts.reference)
        else:
            looked_up.append(payment)
            if drift is not None:
                found.checked.add((facts.reference, "provider"))
                found.add(facts.reference, drift, order.currency, order.id)
    return looked_up


def _compare_with_provider(facts: PaymentFacts, now: datetime) -> list[Drift] | None:
    """None while something is on its way. What the provider says that is sound and new is recorded first."""
    for _ in range(2):
        if facts.pending:
            return None
        provider = ports.get(PaymentProvider, facts.provider)
        answer = provider.look_up(facts.reference, hint=facts.hint, since=facts.created_at)
        crash.point("reconcile.looked_up")
        drift = rules.of_provider(facts.book, answer)
        if not drift:
            return drift
        # Where row and ledger disagree already, recording more would only bury that.
        if answer is not None and rules.is_news(facts.book, answer) and not rules.of_ledger(facts.book):
            record_answer(answer, now=now)
        before, facts = facts, facts_of(facts.id).payment(facts.id)
        if facts == before:
            return drift
    # It moves while we look: not before the next run.
    return None


def _ask_what_was_opened(last: dict[str, datetime | None], found: Found, now: datetime) -> None:
    """``last``: when each provider's payments were compared last."""
    names = dict(last)
    with contextlib.suppress(ports.PortNotWired):
        names.setdefault(ports.get(PaymentProvider).name, None)
    begins = []
    complete = True
    for name, compared in names.items():
        since = _asked_since(compared, now)
        begins.append(since)
        try:
            answers = list(ports.get(PaymentProvider, name).opened_since(since))
        except (ProviderUnreachable, ProviderRefused, ports.PortNotWired) as trouble:
            complete = False
            log.warning("payments opened at %s cannot be compared: %s", name, trouble)
            continue
        references = {answer.reference for answer in answers}
        known = dict(Payment.objects.filter(reference__in=references).values_list("reference", "order_id"))
        currency = {answer.reference: answer.amount.currency for answer in answers}
        for (reference, what), drift in rules.of_opened(answers, known).items():
            found.drift[reference, what] = (drift, currency[reference], known.get(reference))
    if complete and begins:
        seen = MoneyDrift.objects.filter(_OPENED, gone_at__isnull=True, since__gte=max(begins) + OPENED_MOST)
        found.checked.update((reference, "opened") for reference in seen.values_list("reference", flat=True))


def _compare_own_books(due: list[int], found: Found, now: datetime) -> None:
    for order in facts_since(now - OWN_BOOKS, due):
        for payment in order.payments:
            found.checked.add((payment.reference, "ledger"))
            found.checked.add((payment.reference, "promised"))
            drift = [*rules.of_ledger(payment.book), *rules.of_promises(payment.book)]
            found.add(payment.reference, drift, order.currency, order.id)
        if order.at_rest:
            found.checked.add((order.reference, "order"))
            drift = rules.of_order(order.book, [one.book for one in order.payments])
            found.add(order.reference, drift, order.currency, order.id)


_SEEN = """
INSERT INTO checkout_moneydrift AS d (reference, order_id, what, ours_minor, theirs_minor, currency, since, last_seen)
VALUES (%s, %s, %s, %s, %s, %s, %s, %s)
ON CONFLICT (reference, what) WHERE gone_at IS NULL
DO UPDATE SET ours_minor = excluded.ours_minor, theirs_minor = excluded.theirs_minor, last_seen = excluded.last_seen
RETURNING since
"""


def _write(found: Found, now: datetime) -> None:
    with connection.cursor() as cursor:
        for (reference, what), (drift, currency, order) in found.drift.items():
            cursor.execute(
                _SEEN, [reference, order, what.value, drift.ours, drift.theirs, currency, now, now]
            )
            if cursor.fetchone() == (now,):
                log.error("%s: %s, ours %s, theirs %s", reference, what, drift.ours, drift.theirs)
    for row in MoneyDrift.objects.filter(gone_at__isnull=True):
        what = What(row.what)
        beside = what.partition("_")[0]
        if (row.reference, what) not in found.drift and (row.reference, beside) in found.checked:
            MoneyDrift.objects.filter(pk=row.pk).update(gone_at=now)
