"""What every payment adapter must do, as tests. An adapter's own test module subclasses PaymentContract
and gives it a `sandbox` fixture."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from typing import Protocol

import pytest

from tacit.checkout.types.payment import (
    Operation,
    OperationKind,
    PaymentAnswer,
    PaymentProvider,
    PaymentRequest,
    PaymentState,
    ProviderRefused,
    ProviderUnreachable,
)
from tacit.core import ids
from tacit.core.money import Money

EUR = "EUR"
Moved = list[tuple[str, int, str]]


class Sandbox(Protocol):
    """What a provider's test mode offers. Method codes are those of the adapter's `methods()`."""

    @property
    def provider(self) -> PaymentProvider: ...

    approving: str
    other_approving: str
    declining: str
    needs_action: str
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


def request(method: str, *, minor: int = 4390, currency: str = EUR) -> PaymentRequest:
    """A payment of a new reference."""
    reference = ids.token()
    return PaymentRequest(
        reference, Money(minor, currency), method, "http://127.0.0.1:9/back", "Order 7K3M9Q"
    )


def eur(minor: int) -> Money:
    return Money(minor, EUR)


class PaymentContract:
    """Subclass it as Test…, with a fixture `sandbox` that returns a Sandbox."""

    def authorised(self, sandbox: Sandbox, *, minor: int = 4390) -> str:
        """The reference of a new authorised payment."""
        answer = sandbox.provider.authorise(request(sandbox.approving, minor=minor))
        assert answer.state is PaymentState.AUTHORISED
        return answer.reference

    def captured(self, sandbox: Sandbox, *, minor: int = 4390) -> str:
        """The reference of a new payment that is captured whole."""
        reference = self.authorised(sandbox, minor=minor)
        sandbox.provider.capture(reference, amount=eur(minor), key=ids.token())
        return reference

    def seen(self, sandbox: Sandbox, reference: str) -> PaymentAnswer:
        answer = sandbox.provider.look_up(reference)
        assert answer is not None
        return answer

    # Paying

    def test_every_code_is_offered_as_a_method(self, sandbox: Sandbox) -> None:
        hosted = {method.code: method.hosted for method in sandbox.provider.methods()}
        assert hosted[sandbox.hosted]
        assert not hosted[sandbox.approving]
        assert sandbox.provider.methods()[0].code == sandbox.approving

    def test_an_approved_payment_is_held_and_not_taken(self, sandbox: Sandbox) -> None:
        asked = request(sandbox.approving)
        answer = sandbox.provider.authorise(asked)
        assert (answer.state, answer.reference) == (PaymentState.AUTHORISED, asked.reference)
        assert (answer.amount, answer.authorised) == (asked.amount, asked.amount)
        assert (answer.captured, answer.refunded) == (eur(0), eur(0))
        assert answer.capture_by is not None
        assert answer.capture_by > datetime.now(UTC)
        assert answer.provider_reference
        assert sandbox.provider.look_up(asked.reference) == answer

    def test_a_declined_payment_holds_nothing(self, sandbox: Sandbox) -> None:
        answer = sandbox.provider.authorise(request(sandbox.declining))
        assert (answer.state, answer.authorised) == (PaymentState.DECLINED, eur(0))
        assert answer.decline_code
        assert sandbox.moved(answer.reference) == []
        assert sandbox.provider.look_up(answer.reference) == answer

    def test_the_fingerprint_tells_instruments_apart_and_nothing_else(self, sandbox: Sandbox) -> None:
        codes = (sandbox.approving, sandbox.approving, sandbox.other_approving)
        first, same, other = (sandbox.provider.authorise(request(code)).fingerprint for code in codes)
        assert first == same
        assert other not in (first, "")
        assert "4242" not in first

    @pytest.mark.parametrize(("approve", "state"), [(True, "authorised"), (False, "declined")])
    def test_a_payment_that_needs_action_is_finished_on_the_page(
        self, sandbox: Sandbox, approve: bool, state: str
    ) -> None:
        answer = sandbox.provider.authorise(request(sandbox.needs_action))
        assert (answer.state, answer.authorised) == (PaymentState.NEEDS_ACTION, eur(0))
        assert sandbox.moved(answer.reference) == []
        sandbox.finish(answer.action_url, approve=approve)
        after = self.seen(sandbox, answer.reference)
        assert after.state == state
        assert after.authorised == (after.amount if approve else eur(0))
        assert after.action_url == ""

    def test_a_payment_opened_on_the_page_moves_money_only_there(self, sandbox: Sandbox) -> None:
        answer = sandbox.provider.create(request(sandbox.hosted))
        assert answer.state is PaymentState.NEEDS_ACTION
        assert sandbox.moved(answer.reference) == []
        sandbox.finish(answer.action_url, approve=True)
        assert self.seen(sandbox, answer.reference).state is PaymentState.AUTHORISED
        assert [kind for kind, _, _ in sandbox.moved(answer.reference)] == ["authorise"]

    def test_a_currency_without_decimals_keeps_its_amount(self, sandbox: Sandbox) -> None:
        asked = request(sandbox.approving, minor=4390, currency="JPY")
        assert sandbox.provider.authorise(asked).authorised == Money(4390, "JPY")
        answer = sandbox.provider.capture(asked.reference, amount=Money(4000, "JPY"), key=ids.token())
        assert (answer.captured, answer.amount) == (Money(4000, "JPY"), Money(4390, "JPY"))

    # Afterwards

    @pytest.mark.parametrize("minor", [4390, 1])
    def test_what_was_authorised_can_be_taken_whole_or_in_part(self, sandbox: Sandbox, minor: int) -> None:
        reference = self.authorised(sandbox)
        answer = sandbox.provider.capture(reference, amount=eur(minor), key="take")
        assert (answer.state, answer.captured) == (PaymentState.CAPTURED, eur(minor))
        assert answer.operations == (Operation("take", OperationKind.CAPTURE, eur(minor)),)
        assert sandbox.provider.look_up(reference) == answer

    @pytest.mark.parametrize("amount", [eur(4391), Money(100, "USD")], ids=["too much", "wrong currency"])
    def test_what_was_not_authorised_cannot_be_taken(self, sandbox: Sandbox, amount: Money) -> None:
        reference = self.authorised(sandbox)
        before = sandbox.provider.look_up(reference)
        with pytest.raises(ProviderRefused):
            sandbox.provider.capture(reference, amount=amount, key=ids.token())
        assert sandbox.provider.look_up(reference) == before

    def test_a_voided_payment_cannot_be_taken(self, sandbox: Sandbox) -> None:
        reference = self.authorised(sandbox)
        answer = sandbox.provider.void(reference, key="release")
        assert (answer.state, answer.captured) == (PaymentState.VOIDED, eur(0))
        assert [(done.key, done.kind) for done in answer.operations] == [("release", OperationKind.VOID)]
        with pytest.raises(ProviderRefused):
            sandbox.provider.capture(reference, amount=eur(1), key=ids.token())
        assert self.seen(sandbox, reference) == answer

    def test_a_captured_payment_cannot_be_voided(self, sandbox: Sandbox) -> None:
        reference = self.captured(sandbox)
        with pytest.raises(ProviderRefused):
            sandbox.provider.void(reference, key=ids.token())
        assert self.seen(sandbox, reference).state is PaymentState.CAPTURED

    def test_a_payment_the_buyer_has_not_finished_can_be_ended(self, sandbox: Sandbox) -> None:
        answer = sandbox.provider.authorise(request(sandbox.needs_action))
        assert sandbox.provider.void(answer.reference, key=ids.token()).state is PaymentState.VOIDED
        sandbox.finish(answer.action_url, approve=True)
        assert self.seen(sandbox, answer.reference).state is PaymentState.VOIDED
        assert "authorise" not in [kind for kind, _, _ in sandbox.moved(answer.reference)]

    def test_refunds_go_up_to_what_was_taken(self, sandbox: Sandbox) -> None:
        reference = self.captured(sandbox, minor=1000)
        sandbox.provider.refund(reference, amount=eur(400), key="one")
        answer = sandbox.provider.refund(reference, amount=eur(600), key="two")
        assert (answer.state, answer.refunded) == (PaymentState.CAPTURED, eur(1000))
        assert answer.operations[1:] == (
            Operation("one", OperationKind.REFUND, eur(400)),
            Operation("two", OperationKind.REFUND, eur(600)),
        )
        with pytest.raises(ProviderRefused):
            sandbox.provider.refund(reference, amount=eur(1), key="three")
        assert self.seen(sandbox, reference) == answer

    def test_what_was_not_taken_cannot_be_refunded(self, sandbox: Sandbox) -> None:
        reference = self.authorised(sandbox, minor=1000)
        with pytest.raises(ProviderRefused):
            sandbox.provider.refund(reference, amount=eur(1), key=ids.token())
        sandbox.provider.capture(reference, amount=eur(300), key=ids.token())
        with pytest.raises(ProviderRefused):
            sandbox.provider.refund(reference, amount=eur(301), key=ids.token())
        assert self.seen(sandbox, reference).refunded == eur(0)

    # Unknown, repeated, lost

    def test_an_unknown_reference(self, sandbox: Sandbox) -> None:
        assert sandbox.provider.look_up(ids.token()) is None
        with pytest.raises(ProviderRefused):
            sandbox.provider.capture(ids.token(), amount=eur(1), key=ids.token())

    def test_the_same_key_does_the_same_thing_once(self, sandbox: Sandbox) -> None:
        asked = request(sandbox.approving, minor=1000)
        assert sandbox.provider.authorise(asked) == sandbox.provider.authorise(asked)
        take = sandbox.provider.capture(asked.reference, amount=eur(1000), key="take")
        assert sandbox.provider.capture(asked.reference, amount=eur(1000), key="take") == take
        back = sandbox.provider.refund(asked.reference, amount=eur(300), key="back")
        assert sandbox.provider.refund(asked.reference, amount=eur(300), key="back") == back
        moved = [(kind, minor) for kind, minor, _ in sandbox.moved(asked.reference)]
        assert moved == [("authorise", 1000), ("capture", 1000), ("refund", 300)]

    def test_the_same_key_for_something_else_is_refused(self, sandbox: Sandbox) -> None:
        asked = request(sandbox.approving)
        sandbox.provider.authorise(asked)
        with pytest.raises(ProviderRefused):
            sandbox.provider.authorise(replace(asked, amount=eur(1)))
        sandbox.provider.capture(asked.reference, amount=eur(4390), key="take")
        sandbox.provider.refund(asked.reference, amount=eur(100), key="back")
        with pytest.raises(ProviderRefused):
            sandbox.provider.refund(asked.reference, amount=eur(200), key="back")
        assert self.seen(sandbox, asked.reference).refunded == eur(100)

    def test_once_keys_are_forgotten_only_looking_up_prevents_a_second_refund(self, sandbox: Sandbox) -> None:
        careless, careful = self.captured(sandbox), self.captured(sandbox)
        for reference in (careless, careful):
            sandbox.provider.refund(reference, amount=eur(100), key=f"back {reference}")
        sandbox.forget_keys()
        sandbox.provider.refund(careless, amount=eur(100), key=f"back {careless}")
        if f"back {careful}" not in [done.key for done in self.seen(sandbox, careful).operations]:
            sandbox.provider.refund(careful, amount=eur(100), key=f"back {careful}")
        assert self.seen(sandbox, careless).refunded == eur(200)
        assert self.seen(sandbox, careful).refunded == eur(100)

    def test_a_provider_that_is_down_is_unreachable_and_does_nothing(self, sandbox: Sandbox) -> None:
        provider, asked = sandbox.provider, request(sandbox.approving)
        held, taken = self.authorised(sandbox), self.captured(sandbox)
        before = [sandbox.moved(reference) for reference in (held, taken)]
        calls: tuple[Callable[[], object], ...] = (
            lambda: provider.create(request(sandbox.hosted)),
            lambda: provider.authorise(asked),
            lambda: provider.capture(held, amount=eur(1), key=ids.token()),
            lambda: provider.void(held, key=ids.token()),
            lambda: provider.refund(taken, amount=eur(1), key=ids.token()),
            lambda: provider.look_up(held),
        )
        sandbox.go_down()
        for call in calls:
            with pytest.raises(ProviderUnreachable):
                call()
        sandbox.come_back()
        assert [sandbox.moved(reference) for reference in (held, taken)] == before
        assert provider.look_up(asked.reference) is None
        assert provider.authorise(asked).state is PaymentState.AUTHORISED

    def test_a_lost_answer_is_unreachable_and_looking_up_shows_what_was_done(self, sandbox: Sandbox) -> None:
        asked = request(sandbox.approving, minor=1000)
        sandbox.drop_next_answer()
        with pytest.raises(ProviderUnreachable):
            sandbox.provider.authorise(asked)
        assert self.seen(sandbox, asked.reference).state is PaymentState.AUTHORISED
        sandbox.drop_next_answer()
        with pytest.raises(ProviderUnreachable):
            sandbox.provider.capture(asked.reference, amount=eur(900), key="take")
        sandbox.drop_next_answer()
        with pytest.raises(ProviderUnreachable):
            sandbox.provider.refund(asked.reference, amount=eur(200), key="back")
        after = self.seen(sandbox, asked.reference)
        assert [(done.key, done.amount) for done in after.operations] == [
            ("take", eur(900)),
            ("back", eur(200)),
        ]
        assert len(sandbox.moved(asked.reference)) == 3
