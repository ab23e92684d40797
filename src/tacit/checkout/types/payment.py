"""The payment port: what every payment provider must be able to do, and what its answers carry."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
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
    """``reference`` is ours: unique, stable over retries, and what ``look_up`` finds the payment by.

    ``capture``: take the money at once instead of authorising it.
    ``keep``: the buyer asked to keep the instrument for next time.
    ``saved``: the provider's token of a kept instrument; ``method`` is '' then and the buyer need not be there.
    ``customer``: the provider's own id for the buyer, as an answer gave it before; '' where there is none.
    ``pay_by``: when the shop stops waiting, so that a page need not stay open longer.
    """

    reference: str
    amount: Money
    method: str
    return_url: str
    description: str
    capture: bool = False
    keep: bool = False
    saved: str = ""
    customer: str = ""
    pay_by: datetime | None = None


@dataclass(frozen=True, slots=True)
class Operation:
    """One capture, void or refund the provider has done, under the key we gave it.

    The capture of a payment opened with ``capture`` has its reference as key; what was done without us
    (in the provider's own console, by lapse of time) has the key ''.
    """

    key: str
    kind: OperationKind
    amount: Money


@dataclass(frozen=True, slots=True)
class KeptInstrument:
    """What can be charged again: ``token`` and ``customer`` are the provider's, ``label`` like ``Visa 4242``.

    ``expires``: the last day it can be used, where it has one.
    """

    token: str
    customer: str
    label: str
    expires: date | None = None


@dataclass(frozen=True, slots=True)
class PaymentAnswer:
    """The provider's whole view of one payment; every port call returns it, so any call can be recorded.

    ``captured`` and ``refunded`` are totals. ``capture_by`` is the provider's own deadline.
    ``fingerprint`` is opaque and equal for equal instruments. ``action_url`` is where the buyer must go
    while ``NEEDS_ACTION``. ``operations`` carry our keys, so a retry can see what was already done;
    they come oldest first, for the ledger tells by their sum which of them are new.
    ``kept``: the instrument, once the payment is secured, if it was asked to be kept.
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
    kept: KeptInstrument | None = None


class ProviderUnreachable(Exception):
    """No answer, or none that can be trusted: the call may or may not have happened. Look up, then retry."""


class ProviderRefused(Exception):
    """The provider answered that it will not do this (``code``), and nothing happened."""

    def __init__(self, code: str, message: str = "") -> None:
        super().__init__(message or code)
        self.code = code


class PaymentProvider(Protocol):
    """Every call may raise ProviderUnreachable or ProviderRefused, and is idempotent by ``reference`` or ``key``
    only as long as the provider remembers: callers look up before every retry.

    ``hint`` is the answer's ``provider_reference`` as far as it is known: it saves the provider a search.
    """

    @property
    def name(self) -> str:
        """Stored with each payment; chooses the adapter that later operations go to."""
        ...

    @property
    def keeps(self) -> bool:
        """Whether instruments can be kept for next time."""
        ...

    def methods(self) -> tuple[PaymentMethod, ...]:
        """Ways to pay, best first. No network call."""
        ...

    def create(self, request: PaymentRequest) -> PaymentAnswer:
        """Open a payment that the buyer finishes at ``action_url``. Moves no money."""
        ...

    def authorise(self, request: PaymentRequest) -> PaymentAnswer:
        """Create and authorise in one call with an instrument the shop already knows (``request.method``), or
        the provider kept (``request.saved``): that may still need the buyer, or be declined."""
        ...

    def capture(self, reference: str, *, amount: Money, key: str, hint: str = "") -> PaymentAnswer:
        """Take ``amount`` ≤ authorised − captured."""
        ...

    def void(self, reference: str, *, key: str, hint: str = "") -> PaymentAnswer:
        """Release what is authorised and not captured."""
        ...

    def refund(self, reference: str, *, amount: Money, key: str, hint: str = "") -> PaymentAnswer:
        """Give back ``amount`` ≤ captured − refunded."""
        ...

    def look_up(
        self, reference: str, *, hint: str = "", since: datetime | None = None
    ) -> PaymentAnswer | None:
        """The payment we called ``reference``, or None when the provider has never heard of it.

        ``since``: when it was first asked for; the provider has nothing of that name from before.
        """
        ...

    def opened_since(self, moment: datetime) -> Iterable[PaymentAnswer]:
        """Every payment opened at the provider since ``moment``, also those we know nothing of.

        One that was opened by somebody else has the reference ''. May raise while it is read.
        """
        ...

    def forget(self, token: str, *, customer: str = "") -> None:
        """Let go of a kept instrument, and of the ``customer`` it was kept for once nothing else is left of them.

        What is gone already is no error. As long as a payment of theirs is under way it may raise
        ProviderUnreachable: ask again later.
        """
        ...
