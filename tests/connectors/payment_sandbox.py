"""What payment tests need of a provider's test mode, and the payments they ask for."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Protocol

from tacit.checkout.types.payment import PaymentProvider, PaymentRequest
from tacit.core import ids
from tacit.core.money import Money

EUR = "EUR"
Moved = list[tuple[str, int, str]]


@dataclass(frozen=True)
class Instrument:
    """What the shop can pay with itself: a method it offers, or something kept at the provider."""

    method: str = ""
    saved: str = ""
    customer: str = ""


class Sandbox(Protocol):
    """What a provider's test mode offers. `hosted` is a code of the adapter's `methods()`; `watched` is kept, and
    its bank wants the buyer to come back."""

    @property
    def provider(self) -> PaymentProvider: ...

    @property
    def approving(self) -> Instrument: ...
    @property
    def other_approving(self) -> Instrument: ...
    @property
    def declining(self) -> Instrument: ...
    @property
    def needs_action(self) -> Instrument: ...
    @property
    def watched(self) -> Instrument: ...

    hosted: str

    def finish(self, action_url: str, *, approve: bool) -> None:
        """Do what the buyer does on the provider's page."""

    def moved(self, reference: str) -> Moved:
        """The provider's own books on a payment: (kind, minor units, our key), oldest first; the kinds are
        those of OperationKind and `authorise`."""

    def go_down(self) -> None:
        """Every call fails until `come_back`."""

    def come_back(self) -> None: ...

    def drop_next_answer(self) -> None:
        """The next call that changes something is done, and its answer is lost."""

    def forget_keys(self) -> None:
        """As providers do after a day."""


def request(
    paid_with: str | Instrument,
    *,
    minor: int = 4390,
    currency: str = EUR,
    capture: bool = False,
    keep: bool = False,
) -> PaymentRequest:
    """A payment of a new reference; `paid_with` a method's code or an instrument."""
    instrument = Instrument(paid_with) if isinstance(paid_with, str) else paid_with
    return PaymentRequest(
        ids.token(),
        Money(minor, currency),
        instrument.method,
        "http://127.0.0.1:9/back",
        "Order 7K3M9Q",
        capture=capture,
        keep=keep,
        saved=instrument.saved,
        customer=instrument.customer,
    )


def long_ago() -> datetime:
    return datetime.now(UTC) - timedelta(hours=1)


def eur(minor: int) -> Money:
    return Money(minor, EUR)
