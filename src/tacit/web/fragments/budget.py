"""Budgets, enforced: statements are counted and cut off in the database, time and bytes are measured."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from typing import Any

from django.db import OperationalError, connection, transaction
from psycopg.errors import QueryCanceled

from tacit.web.fragments.kinds import Budget, Outcome

Clock = Callable[[], float]


class OverBudget(Exception):
    """``outcome`` says which budget."""

    def __init__(self, outcome: Outcome) -> None:
        super().__init__(outcome.value)
        self.outcome = outcome


class Meter:
    """What a fragment has spent since it began. ``clock``: monotonic seconds."""

    def __init__(self, budget: Budget, clock: Clock) -> None:
        self._budget = budget
        self._clock = clock
        self._until = clock() + budget.milliseconds / 1000
        self._statements = 0

    def check_time(self) -> int:
        """Milliseconds left, at least 1. Raises OverBudget."""
        left = self._until - self._clock()
        if left <= 0:
            raise OverBudget(Outcome.LATE)
        return max(int(left * 1000), 1)

    def check_bytes(self, html: str) -> None:
        """Raises OverBudget."""
        if len(html.encode()) > self._budget.bytes:
            raise OverBudget(Outcome.TOO_MANY_BYTES)

    def allow_one_more(self) -> None:
        """A statement that is not the fragment's own."""
        self._statements -= 1

    def statement(
        self, execute: Callable[..., Any], sql: str, parameters: Any, many: bool, context: dict[str, Any]
    ) -> Any:
        """Count a statement, and let PostgreSQL cut it off when the time is over."""
        if sql.startswith(("SAVEPOINT", "RELEASE SAVEPOINT", "ROLLBACK TO")):
            return execute(sql, parameters, many, context)
        self._statements += 1
        if self._statements > self._budget.statements:
            raise OverBudget(Outcome.TOO_MANY_STATEMENTS)
        execute(f"SET LOCAL statement_timeout = {self.check_time()}", None, False, context)
        return execute(sql, parameters, many, context)


@contextlib.contextmanager
def within(budget: Budget, *, clock: Clock) -> Iterator[Meter]:
    """Everything asked of the database inside keeps to ``budget``, and nothing it writes stays.

    Raises OverBudget. Work that is not the database's is measured, not interrupted.
    """
    meter = Meter(budget, clock)
    try:
        with connection.execute_wrapper(meter.statement), transaction.atomic():
            yield meter
            transaction.set_rollback(True)
        meter.check_time()
    except OperationalError as error:
        if isinstance(error.__cause__, QueryCanceled):
            raise OverBudget(Outcome.LATE) from error
        raise
