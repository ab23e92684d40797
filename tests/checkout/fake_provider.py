"""A payment provider in memory: keeps money exactly, forgets keys when told, fails when told."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime

from tacit.checkout.types.payment import (
    KeptInstrument,
    Operation,
    OperationKind,
    PaymentAnswer,
    PaymentMethod,
    PaymentRequest,
    PaymentState,
    ProviderRefused,
    ProviderUnreachable,
)
from tacit.core.money import Money


@dataclass
class Held:
    request: PaymentRequest
    state: PaymentState
    authorised: int = 0
    captured: int = 0
    refunded: int = 0
    operations: list[Operation] = field(default_factory=list)
    decline_code: str = ""
    opened_at: datetime = field(default_factory=lambda: datetime.now(UTC))


class FakeProvider:
    """``down`` raises before working, ``drop_answers`` after: the nasty kind of failure."""

    name = "fake"
    keeps = True

    def __init__(self) -> None:
        self.payments: dict[str, Held] = {}
        self.keys: set[str] = set()
        self.down = False
        self.drop_answers = False
        self.refuse_voids = False
        self.refuse_captures = False
        self.calls: list[str] = []
        self.forgotten: set[str] = set()
        self.let_go: set[str] = set()
        self.saved_states: dict[str, PaymentState] = {}
        """What charging a kept instrument comes to, by its token; AUTHORISED where it is not named."""

    def methods(self) -> tuple[PaymentMethod, ...]:
        return (
            PaymentMethod("good", "Card that works"),
            PaymentMethod("bad", "Card that is declined"),
            PaymentMethod("slow", "Succeeds late"),
            PaymentMethod("ask", "Needs action"),
            PaymentMethod("voucher", "Paid at a counter, and taken then"),
            PaymentMethod("page", "On the provider's page", hosted=True),
        )

    def create(self, request: PaymentRequest) -> PaymentAnswer:
        return self._open(request, PaymentState.NEEDS_ACTION)

    def authorise(self, request: PaymentRequest) -> PaymentAnswer:
        states = {
            "good": PaymentState.AUTHORISED,
            "bad": PaymentState.DECLINED,
            "slow": PaymentState.PROCESSING,
            "ask": PaymentState.NEEDS_ACTION,
            "voucher": PaymentState.NEEDS_ACTION,
        }
        if request.saved in self.forgotten:
            raise ProviderRefused("unknown_saved")
        if request.saved:
            return self._open(request, self.saved_states.get(request.saved, PaymentState.AUTHORISED))
        return self._open(request, states[request.method])

    def _open(self, request: PaymentRequest, state: PaymentState) -> PaymentAnswer:
        self._enter("open")
        if not request.return_url:
            raise ProviderRefused("invalid_field")
        if request.reference not in self.payments:
            self.payments[request.reference] = Held(request, PaymentState.CREATED)
            self.turn(request.reference, state)
        return self._answer(request.reference)

    def turn(self, reference: str, state: PaymentState) -> None:
        """What the bank decides, whenever."""
        held = self.payments[reference]
        held.state = state
        if state is PaymentState.AUTHORISED:
            held.authorised = held.request.amount.minor
            if held.request.capture:
                held.captured, held.state = held.authorised, PaymentState.CAPTURED
                held.operations.append(Operation(reference, OperationKind.CAPTURE, held.request.amount))
        if state is PaymentState.CAPTURED:
            held.authorised = held.captured = held.request.amount.minor
            held.operations.append(Operation(reference, OperationKind.CAPTURE, held.request.amount))
        if state is PaymentState.DECLINED:
            held.decline_code = "declined"

    def capture(self, reference: str, *, amount: Money, key: str, hint: str = "") -> PaymentAnswer:
        held = self._working("capture", reference, key)
        if held and self.refuse_captures:
            self.keys.discard(key)
            raise ProviderRefused("not_now")
        if held and (held.state is not PaymentState.AUTHORISED or amount.minor > held.authorised):
            raise ProviderRefused("cannot_capture")
        if held:
            held.captured += amount.minor
            held.state = PaymentState.CAPTURED
            held.operations.append(Operation(key, OperationKind.CAPTURE, amount))
        return self._answer(reference)

    def void(self, reference: str, *, key: str, hint: str = "") -> PaymentAnswer:
        held = self._working("void", reference, key)
        if held and (self.refuse_voids or held.state is PaymentState.CAPTURED):
            self.keys.discard(key)
            raise ProviderRefused("cannot_void")
        if held:
            held.state = PaymentState.VOIDED
            held.operations.append(Operation(key, OperationKind.VOID, Money(0, held.request.amount.currency)))
        return self._answer(reference)

    def refund(self, reference: str, *, amount: Money, key: str, hint: str = "") -> PaymentAnswer:
        held = self._working("refund", reference, key)
        if held and held.refunded + amount.minor > held.captured:
            raise ProviderRefused("above_captured")
        if held:
            held.refunded += amount.minor
            held.operations.append(Operation(key, OperationKind.REFUND, amount))
        return self._answer(reference)

    def look_up(
        self, reference: str, *, hint: str = "", since: datetime | None = None
    ) -> PaymentAnswer | None:
        self.calls.append("look_up")
        if self.down:
            raise ProviderUnreachable("down")
        return self._view(reference) if reference in self.payments else None

    def opened_since(self, moment: datetime) -> Iterator[PaymentAnswer]:
        self._enter("opened_since")
        for reference, held in self.payments.items():
            if held.opened_at >= moment:
                yield self._view(reference)

    def forget(self, token: str, *, customer: str = "") -> None:
        self._enter("forget")
        self.forgotten.add(token)
        self.let_go.add(customer)

    def _working(self, call: str, reference: str, key: str) -> Held | None:
        """The payment to work on, or None when this key was worked on before and is still remembered."""
        self._enter(call)
        if reference not in self.payments:
            raise ProviderRefused("no_such_payment")
        if key in self.keys:
            return None
        self.keys.add(key)
        return self.payments[reference]

    def _enter(self, call: str) -> None:
        self.calls.append(call)
        if self.down:
            raise ProviderUnreachable("down")

    def _answer(self, reference: str) -> PaymentAnswer:
        if self.drop_answers:
            raise ProviderUnreachable("answer lost")
        return self._view(reference)

    def _view(self, reference: str) -> PaymentAnswer:
        held = self.payments[reference]
        currency = held.request.amount.currency
        return PaymentAnswer(
            reference=reference,
            provider_reference=f"fake_{reference}",
            state=held.state,
            amount=held.request.amount,
            authorised=Money(held.authorised, currency),
            captured=Money(held.captured, currency),
            refunded=Money(held.refunded, currency),
            operations=tuple(held.operations),
            fingerprint="fp",
            instrument="card ending 4242",
            decline_code=held.decline_code,
            kept=self._kept(reference, held),
        )

    def _kept(self, reference: str, held: Held) -> KeptInstrument | None:
        token = f"kept_{reference}"
        if not held.request.keep or not held.authorised or token in self.forgotten:
            return None
        return KeptInstrument(token, held.request.customer or f"customer_{reference}", "Visa 4242")
