"""Which movements lie between two totals of a payment."""

from __future__ import annotations

from collections.abc import Iterable

from tacit.checkout.types.ledger import Movement, MovementKind, Totals
from tacit.checkout.types.payment import Operation, OperationKind, PaymentState

_OF = {MovementKind.CAPTURED: OperationKind.CAPTURE, MovementKind.REFUNDED: OperationKind.REFUND}
FINAL = frozenset({PaymentState.CAPTURED, PaymentState.VOIDED, PaymentState.DECLINED})
"""Nothing more is taken: what was held and not taken is the buyer's again."""


def released(state: PaymentState, *, authorised: int, captured: int) -> int:
    """How much of what was ever held has been let go, in minor units."""
    return authorised - captured if state in FINAL else 0


def movements(before: Totals, after: Totals, operations: Iterable[Operation]) -> list[Movement]:
    """What moved between two totals, in the order the kinds are declared.

    Where the provider's ``operations`` account for a kind to the last unit each is a movement with its key; else
    the difference is one movement without.
    """
    known = list(operations)
    return [
        movement
        for kind in MovementKind
        if after.of(kind) > before.of(kind)
        for movement in _of_kind(kind, before.of(kind), after.of(kind), known)
    ]


def _of_kind(kind: MovementKind, before: int, after: int, operations: list[Operation]) -> list[Movement]:
    steps: list[Movement] = []
    total = 0
    for operation in operations:
        if operation.kind == _OF.get(kind) and operation.amount.minor > 0:
            steps.append(Movement(kind, operation.amount.minor, total, operation.key))
            total += operation.amount.minor
    new = [step for step in steps if step.before >= before]
    if total == after and new and new[0].before == before:
        return new
    return [Movement(kind, after - before, before)]
