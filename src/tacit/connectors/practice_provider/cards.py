"""The practice cards: what each does is known beforehand, as in every provider's sandbox."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

PAGE = "page"
"""Method code: the buyer picks a card on the provider's own page."""


class Outcome(StrEnum):
    """What comes of paying with a card."""

    APPROVES = "approves"
    DECLINES = "declines"
    NEEDS_ACTION = "needs_action"
    LATE = "late"


@dataclass(frozen=True, slots=True)
class Card:
    """One card. ``code`` is the payment method's code; ``meaning`` tells people what it does,
    ``meaning_de`` in German."""

    code: str
    number: str
    meaning: str
    meaning_de: str
    outcome: Outcome
    decline_code: str = ""
    outcome_kept: Outcome | None = None
    """What comes of it while the buyer is away, where that differs."""

    @property
    def ending(self) -> str:
        """The last four digits."""
        return self.number[-4:]


APPROVING = Card("card-4242", "4242424242424242", "pays at once", "zahlt sofort", Outcome.APPROVES)
ACTION = Card(
    "card-3155",
    "4000002500003155",
    "asks you to approve first",
    "fragt erst nach einer Freigabe",
    Outcome.NEEDS_ACTION,
)
WATCHED = Card(
    "card-3184",
    "4000002760003184",
    "pays at once; kept for next time, it asks you to approve",
    "zahlt sofort; für das nächste Mal behalten, fragt sie nach einer Freigabe",
    Outcome.APPROVES,
    outcome_kept=Outcome.NEEDS_ACTION,
)
LATE = Card(
    "card-7777",
    "4000000000007777",
    "pays a few seconds later",
    "zahlt ein paar Sekunden später",
    Outcome.LATE,
)
DECLINING = Card(
    "card-0002", "4000000000000002", "is declined", "wird abgelehnt", Outcome.DECLINES, "card_declined"
)
POOR = Card(
    "card-9995",
    "4000000000009995",
    "has too little money",
    "hat zu wenig Geld",
    Outcome.DECLINES,
    "insufficient_funds",
)

CARDS = (APPROVING, ACTION, WATCHED, LATE, DECLINING, POOR)
BY_CODE = {card.code: card for card in CARDS}
