"""The payment port: what every payment provider must be able to do, and what its answers carry."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Protocol

from tacit.core.money import Money


class PaymentState(StrEnum):
    """Where a payment stands. ``CREATED``: nothing asked yet or no answer known yet."""

    CREATED = "created"
    NEEDS_ACTION = "needs_action"
    PROCESSING = "processing"
    AUTHORISED = "authorised"
    CAPTURED = "captured"
    DECLINED = "declined"
    VOIDED = "voided"


class OperationKind(StrEnum):
    """What we ask of a payment after it was authorised."""

    CAPTURE = "capture"
    VOID = "void"
    REFUND = "refund"


@dataclass(frozen=True, slots=True)
class PaymentMethod:
    """One way to pay, as checkout offers it. ``code`` is opaque and handed back to the provider.

    ``hosted``: the buyer finishes on the provider's own page, so ``create`` is called, not ``authorise``.
    ``labels``: the label in languages other than English, by their codes.
    """

    code: str
    label: str
    hosted: bool = False
    labels: Mapping[str, str] = field(default_factory=dict, hash=False)

    def label_in(self, language: str) -> str:
        """The label for readers of ``language`` (``de``, ``de-at``); the English one where there is none."""
        return self.labels.get(language) or self.labels.get(language.partition("-")[0]) or self.label


@dataclass(frozen=True, slots=True)
class PaymentRequest:
    """``reference`` is ours: unique, stable over retries, and what ``look_up`` finds the payment by."""

    reference: str
    amount: Money
    method: str
    return_url: str
    description: str


@dataclass(frozen=True, slots=True)
class Operation:
    """One capture, void or refund the provider has done, under the key we gave it."""

    key: str
    kind: OperationKind
    amount: Money


@dataclass(frozen=True, slots=True)
class PaymentAnswer:
    """The provider's whole view of one payment; every port call returns it, so any call can be recorded.

    ``captured`` and ``refunded`` are totals. ``capture_by`` is the provider's own deadline.
    ``fingerprint`` is opaque and equal for equal instruments. ``action_url`` is where the buyer must go
    while ``NEEDS_ACTION``. ``operations`` carry our keys, so a retry can see what was already done.
    """

    reference: str
    provider_reference: str
    state: PaymentState
    amount: Money
    authorised: Money
    captured: Money
    refunded: Money
    operations: tuple[Operation, ...] = ()
    fingerprint: str = ""
    instrument: str = ""
    capture_by: datetime | None = None
    action_url: str = ""
    decline_code: str = ""


class ProviderUnreachable(Exception):
    """No answer, or none that can be trusted: the call may or may not have happened. Look up, then retry."""


class ProviderRefused(Exception):
    """The provider answered that it will not do this (``code``), and nothing happened."""

    def __init__(self, code: str, message: str = "") -> None:
        super().__init__(message or code)
        self.code = code


class PaymentProvider(Protocol):
    """Every call may raise ProviderUnreachable or ProviderRefused, and is idempotent by ``reference`` or ``key``
    only as long as the provider remembers: callers look up before every retry."""

    @property
    def name(self) -> str:
        """Stored with each payment; chooses the adapter that later operations go to."""
        ...

    def methods(self) -> tuple[PaymentMethod, ...]:
        """Ways to pay, best first. No network call."""
        ...

    def create(self, request: PaymentRequest) -> PaymentAnswer:
        """Open a payment that the buyer finishes at ``action_url``. Moves no money."""
        ...

    def authorise(self, request: PaymentRequest) -> PaymentAnswer:
        """Create and authorise in one call with an instrument the shop already knows (``request.method``)."""
        ...

    def capture(self, reference: str, *, amount: Money, key: str) -> PaymentAnswer:
        """Take ``amount`` ≤ authorised − captured."""
        ...

    def void(self, reference: str, *, key: str) -> PaymentAnswer:
        """Release what is authorised and not captured."""
        ...

    def refund(self, reference: str, *, amount: Money, key: str) -> PaymentAnswer:
        """Give back ``amount`` ≤ captured − refunded."""
        ...

    def look_up(self, reference: str) -> PaymentAnswer | None:
        """The payment we called ``reference``, or None when the provider has never heard of it."""
        ...
