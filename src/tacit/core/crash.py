"""Named places where a process may die between two things that belong together, for a harness that kills it there.

``point`` does nothing unless a harness armed it in its own process: no setting and no request can. POINTS is
every name there is; a test compares it with the calls in the source, and ``bin/bench crashpoints`` kills a
worker with SIGKILL at each.
"""

from __future__ import annotations

import os
import signal
from collections.abc import Mapping

POINTS: Mapping[str, str] = {
    "place.written": "order and payment intent written, not committed",
    "buy.placed": "the intent is committed, the provider not asked",
    "buy.answered": "the provider answered, nothing is recorded",
    "buy.recorded": "recorded, the buyer not told",
    "buy.refused": "the provider refused to open the payment, nothing is recorded",
    "complete.known": "the row of a returning buyer or a webhook is read, the provider not asked",
    "complete.looked_up": "looked up at the provider, nothing is recorded",
    "complete.recorded": "recorded, whoever told us not answered",
    "record.locked": "order and payment are locked, nothing is written",
    "record.moved": "totals and ledger written, the order not settled, not committed",
    "record.settled": "the order is settled, not committed",
    "record.committed": "all of it is committed",
    "money.wanted": "an intent to capture, void or refund is written, not committed",
    "intent.claimed": "the intent is ours for a while, the provider not asked",
    "intent.looked_up": "before a second try: looked up, nothing recorded",
    "intent.known": "before a second try: what is known is recorded, the provider not asked",
    "intent.asked": "the provider has captured, voided or refunded, nothing is recorded",
    "intent.recorded": "recorded, the job not done",
    "intent.unreachable": "no answer came, the next try is not set",
    "intent.refused": "the provider refused, its view not known",
    "intent.refused_known": "the provider refused, its view known, nothing recorded",
    "intent.refused_written": "the refusal is written, not committed",
    "sweep.claimed": "due payments have their next look set, none is looked at",
    "sweep.looked_up": "a payment left behind is looked up, nothing recorded",
    "sweep.asked": "the provider is asked anew and answered, nothing recorded",
    "sweep.recorded": "recorded, the time-out not considered",
    "sweep.timed_out": "the order failed and its void is wanted, not committed",
    "sweep.deadline": "the capture before the deadline is wanted, not committed",
    "webhook.verified": "a webhook's signature is good, nothing is done",
    "webhook.recorded": "done, the provider not answered",
    "return.came_back": "the buyer came back, nothing is done",
    "methods.forgotten": "the provider has let go of a kept method, its row is still there",
    "reconcile.claimed": "it is settled which payments are looked at, none is",
    "reconcile.looked_up": "a payment is looked up, nothing recorded",
    "reconcile.written": "drift is written, not committed",
}
"""Name → what has happened there, and what has not."""

_armed = ""
_left = 0


def point(name: str) -> None:
    """Die here if a harness of this process said so; else nothing, in some ten nanoseconds."""
    if name == _armed:
        _reached()


def arm(name: str, nth: int = 1) -> None:
    """Let this process kill itself the ``nth`` time it reaches ``name``. KeyError for a name there is not."""
    global _armed, _left
    POINTS[name]
    _armed, _left = name, nth


def disarm() -> None:
    """Live on."""
    global _armed  # noqa: PLW0603 - as above
    _armed = ""


def _reached() -> None:
    global _left  # noqa: PLW0603 - as above
    _left -= 1
    if _left <= 0:
        os.kill(os.getpid(), signal.SIGKILL)
