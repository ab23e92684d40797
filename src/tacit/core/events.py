"""The journal's vocabulary: every kind of thing that can be recorded, and its fields.

Declared here so that any room may read any kind without importing the room that wrote it. Fields are JSON
values; people appear only as opaque ids. Amounts are minor units with ``currency`` beside them.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any, ClassVar


@dataclass(frozen=True, slots=True)
class Event:
    """Base of all kinds; ``kind`` is what the journal stores."""

    kind: ClassVar[str]

    def data(self) -> dict[str, Any]:
        return asdict(self)


@dataclass(frozen=True, slots=True)
class OrderPlaced(Event):
    kind: ClassVar[str] = "order.placed"
    order: str
    person: str | None
    total: int
    currency: str
    variants: list[list[int]]
    """Pairs of (variant id, quantity)."""


@dataclass(frozen=True, slots=True)
class OrderPaid(Event):
    """The money is secured (authorised or captured) and the stock is ours to send."""

    kind: ClassVar[str] = "order.paid"
    order: str
    person: str | None
    total: int
    currency: str


@dataclass(frozen=True, slots=True)
class OrderFailed(Event):
    """No money came; the stock went back. ``reason``: declined, replaced, timed_out, sold_out."""

    kind: ClassVar[str] = "order.failed"
    order: str
    person: str | None
    reason: str


@dataclass(frozen=True, slots=True)
class OrderCancelled(Event):
    kind: ClassVar[str] = "order.cancelled"
    order: str
    person: str | None
    by: str


@dataclass(frozen=True, slots=True)
class OrderChanged(Event):
    kind: ClassVar[str] = "order.changed"
    order: str
    person: str | None
    what: list[str]


@dataclass(frozen=True, slots=True)
class OrderShipped(Event):
    kind: ClassVar[str] = "order.shipped"
    order: str
    person: str | None
    shipment: int
    complete: bool


@dataclass(frozen=True, slots=True)
class ParcelDelivered(Event):
    """The carrier says it has handed the parcel to the buyer."""

    kind: ClassVar[str] = "parcel.delivered"
    order: str
    person: str | None
    shipment: int


@dataclass(frozen=True, slots=True)
class ParcelDelayed(Event):
    """The carrier says it will be later. ``expected``: the new day as YYYY-MM-DD, None when it names none."""

    kind: ClassVar[str] = "parcel.delayed"
    order: str
    person: str | None
    shipment: int
    expected: str | None


@dataclass(frozen=True, slots=True)
class ParcelLost(Event):
    """The carrier says it has lost the parcel."""

    kind: ClassVar[str] = "parcel.lost"
    order: str
    person: str | None
    shipment: int


@dataclass(frozen=True, slots=True)
class PriceLowered(Event):
    kind: ClassVar[str] = "order.price_lowered"
    order: str
    person: str | None
    difference: int
    currency: str


@dataclass(frozen=True, slots=True)
class PaymentCaptured(Event):
    kind: ClassVar[str] = "payment.captured"
    order: str
    amount: int
    currency: str


@dataclass(frozen=True, slots=True)
class PaymentRefunded(Event):
    kind: ClassVar[str] = "payment.refunded"
    order: str
    amount: int
    currency: str


@dataclass(frozen=True, slots=True)
class ProgramKeyMade(Event):
    """Staff made a key for a program; ``key`` is its id, never what it says."""

    kind: ClassVar[str] = "program_key.made"
    key: str
    scopes: list[str]
    by: str


@dataclass(frozen=True, slots=True)
class ProgramKeyRevoked(Event):
    kind: ClassVar[str] = "program_key.revoked"
    key: str
    by: str


@dataclass(frozen=True, slots=True)
class StockSet(Event):
    """Somebody said how many pieces are in the house; ``before`` is what was believed."""

    kind: ClassVar[str] = "stock.set"
    sku: str
    before: int
    on_hand: int
    by: str | None


@dataclass(frozen=True, slots=True)
class OrdersImported(Event):
    """One row for a whole import: history itself is not replayed through the journal."""

    kind: ClassVar[str] = "orders.imported"
    origin: str
    orders: int
    lines: int


@dataclass(frozen=True, slots=True)
class PersonSignedIn(Event):
    kind: ClassVar[str] = "person.signed_in"
    person: str
    first_time: bool


@dataclass(frozen=True, slots=True)
class ConsentSet(Event):
    """Somebody said yes or no to one purpose (``accounts.types.Purpose``)."""

    kind: ClassVar[str] = "consent.set"
    person: str
    purpose: str
    granted: bool


@dataclass(frozen=True, slots=True)
class PersonErased(Event):
    """A person (None: a guest) and their orders were erased; readers forget what they derived from them."""

    kind: ClassVar[str] = "person.erased"
    person: str | None
    orders: list[str]


@dataclass(frozen=True, slots=True)
class StaffAdded(Event):
    """Somebody may work at the desk from now on."""

    kind: ClassVar[str] = "person.staff_added"
    person: str


@dataclass(frozen=True, slots=True)
class StaffRemoved(Event):
    """Somebody may not work at the desk any more; their sessions ended."""

    kind: ClassVar[str] = "person.staff_removed"
    person: str


@dataclass(frozen=True, slots=True)
class PasskeyAdded(Event):
    kind: ClassVar[str] = "person.passkey_added"
    person: str


@dataclass(frozen=True, slots=True)
class PasskeyRemoved(Event):
    kind: ClassVar[str] = "person.passkey_removed"
    person: str


@dataclass(frozen=True, slots=True)
class SecondFactorSet(Event):
    """Somebody set up an authenticator app, or had new recovery codes made."""

    kind: ClassVar[str] = "person.second_factor_set"
    person: str


@dataclass(frozen=True, slots=True)
class SecondFactorRemoved(Event):
    """Somebody took their authenticator app away."""

    kind: ClassVar[str] = "person.second_factor_removed"
    person: str


@dataclass(frozen=True, slots=True)
class SecondFactorReset(Event):
    """App, recovery codes and passkeys of somebody who lost them were taken away at the command line."""

    kind: ClassVar[str] = "person.second_factor_reset"
    person: str


@dataclass(frozen=True, slots=True)
class RecoveryCodeUsed(Event):
    kind: ClassVar[str] = "person.recovery_code_used"
    person: str


@dataclass(frozen=True, slots=True)
class Searched(Event):
    """Somebody looked for something; who is not noted, nor any word that could tell."""

    kind: ClassVar[str] = "catalog.searched"
    words: list[str]
    language: str
    found: int
    corrected: list[list[str]]
    """Pairs of (typed, searched for instead)."""


@dataclass(frozen=True, slots=True)
class MailSentAgain(Event):
    """Somebody had a given-up message tried anew."""

    kind: ClassVar[str] = "mail.sent_again"
    mail: int
    by: str | None


@dataclass(frozen=True, slots=True)
class JobRetried(Event):
    """Somebody had a failed job run again."""

    kind: ClassVar[str] = "job.retried"
    job: int
    name: str
    by: str | None


@dataclass(frozen=True, slots=True)
class JobThrownAway(Event):
    """Somebody gave a failed job up; what it was to do is not done."""

    kind: ClassVar[str] = "job.thrown_away"
    job: int
    name: str
    by: str | None


@dataclass(frozen=True, slots=True)
class WebhookChanged(Event):
    """Staff did something to an endpoint of webhooks.

    ``what``: added, changed, secret_shown, rotated, switched_off, switched_on, removed, tested, sent_again,
    failed_forgotten.
    """

    kind: ClassVar[str] = "webhook.changed"
    endpoint: int
    what: str
    by: str | None


KINDS: dict[str, type[Event]] = {kind.kind: kind for kind in Event.__subclasses__()}
