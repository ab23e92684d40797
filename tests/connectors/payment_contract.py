"""What every payment adapter must do, as tests. An adapter's own test module subclasses PaymentContract
and gives it a `sandbox` fixture."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from tacit.checkout.types.payment import (
    Operation,
    OperationKind,
    PaymentAnswer,
    PaymentState,
    ProviderRefused,
    ProviderUnreachable,
)
from tacit.core import ids
from tacit.core.money import Money
from tests.connectors.payment_sandbox import Instrument, Sandbox, eur, long_ago, request


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
        shown = [sandbox.approving, sandbox.declining, sandbox.needs_action]
        assert not any(hosted[instrument.method] for instrument in shown if instrument.method)

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
        paid_with = (sandbox.approving, sandbox.approving, sandbox.other_approving)
        first, same, other = (sandbox.provider.authorise(request(one)).fingerprint for one in paid_with)
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
        # An adapter may look by itself; the caller must not count on it.
        assert self.seen(sandbox, careless).refunded in (eur(100), eur(200))
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
            lambda: list(provider.opened_since(long_ago())),
            lambda: provider.forget("kept"),
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

    def test_a_lost_answer_to_a_void(self, sandbox: Sandbox) -> None:
        reference = self.authorised(sandbox)
        sandbox.drop_next_answer()
        with pytest.raises(ProviderUnreachable):
            sandbox.provider.void(reference, key="release")
        if self.seen(sandbox, reference).state is not PaymentState.VOIDED:
            sandbox.provider.void(reference, key="release")
        after = self.seen(sandbox, reference)
        assert [(done.key, done.kind) for done in after.operations] == [("release", OperationKind.VOID)]

    def test_after_keys_are_forgotten_everything_is_still_found(self, sandbox: Sandbox) -> None:
        reference = self.captured(sandbox, minor=1000)
        sandbox.provider.refund(reference, amount=eur(300), key="back")
        opened = sandbox.provider.create(request(sandbox.hosted)).reference
        before = [sandbox.provider.look_up(one) for one in (reference, opened)]
        sandbox.forget_keys()
        for one, known in zip((reference, opened), before, strict=True):
            assert known is not None
            assert sandbox.provider.look_up(one) == known
            assert sandbox.provider.look_up(one, hint=known.provider_reference) == known
            assert sandbox.provider.look_up(one, since=long_ago()) == known

    def test_a_hint_that_leads_elsewhere_misleads_nobody(self, sandbox: Sandbox) -> None:
        mine, other = self.authorised(sandbox), self.authorised(sandbox)
        hint = self.seen(sandbox, other).provider_reference
        assert self.seen(sandbox, mine) == sandbox.provider.look_up(mine, hint=hint)

    # Taken at once

    def test_money_can_be_taken_at_once(self, sandbox: Sandbox) -> None:
        asked = request(sandbox.approving, minor=1000, capture=True)
        answer = sandbox.provider.authorise(asked)
        assert (answer.state, answer.authorised, answer.captured) == (
            PaymentState.CAPTURED,
            eur(1000),
            eur(1000),
        )
        assert answer.operations == (Operation(asked.reference, OperationKind.CAPTURE, eur(1000)),)
        assert sandbox.provider.refund(asked.reference, amount=eur(1000), key="back").refunded == eur(1000)

    def test_money_can_be_taken_at_once_on_the_page(self, sandbox: Sandbox) -> None:
        answer = sandbox.provider.create(request(sandbox.hosted, capture=True))
        sandbox.finish(answer.action_url, approve=True)
        after = self.seen(sandbox, answer.reference)
        assert (after.state, after.captured) == (PaymentState.CAPTURED, after.amount)
        assert [done.key for done in after.operations] == [answer.reference]

    # Kept for next time

    def kept(self, sandbox: Sandbox, *, capture: bool = False) -> Instrument:
        """What was kept when somebody paid on the page."""
        answer = sandbox.provider.create(request(sandbox.hosted, keep=True, capture=capture))
        assert answer.kept is None
        sandbox.finish(answer.action_url, approve=True)
        kept = self.seen(sandbox, answer.reference).kept
        assert kept is not None
        assert kept.token and kept.customer
        assert kept.label.endswith("4242")
        assert kept.expires is not None
        return Instrument(saved=kept.token, customer=kept.customer)

    def test_what_is_kept_can_be_charged_while_the_buyer_is_away(self, sandbox: Sandbox) -> None:
        instrument = self.kept(sandbox)
        for _ in range(2):
            answer = sandbox.provider.authorise(request(instrument, minor=700))
            assert (answer.state, answer.authorised) == (PaymentState.AUTHORISED, eur(700))

    def test_nothing_is_kept_unasked(self, sandbox: Sandbox) -> None:
        answer = sandbox.provider.create(request(sandbox.hosted))
        sandbox.finish(answer.action_url, approve=True)
        assert self.seen(sandbox, answer.reference).kept is None

    def test_what_is_kept_for_another_customer_cannot_be_charged(self, sandbox: Sandbox) -> None:
        mine, other = self.kept(sandbox), self.kept(sandbox)
        asked = request(replace(mine, customer=other.customer))
        with pytest.raises(ProviderRefused):
            sandbox.provider.authorise(asked)
        found = sandbox.provider.look_up(asked.reference)
        assert found is None or found.authorised == eur(0)

    @pytest.mark.parametrize(("approve", "state"), [(True, "authorised"), (False, "declined")])
    def test_the_bank_may_want_the_buyer_back(self, sandbox: Sandbox, approve: bool, state: str) -> None:
        answer = sandbox.provider.authorise(request(sandbox.watched))
        assert (answer.state, answer.authorised) == (PaymentState.NEEDS_ACTION, eur(0))
        assert answer.action_url
        sandbox.finish(answer.action_url, approve=approve)
        assert self.seen(sandbox, answer.reference).state == state

    def test_what_is_forgotten_cannot_be_charged(self, sandbox: Sandbox) -> None:
        instrument = self.kept(sandbox, capture=True)
        sandbox.provider.forget(instrument.saved, customer=instrument.customer)
        sandbox.provider.forget(instrument.saved, customer=instrument.customer)
        asked = request(instrument)
        with pytest.raises(ProviderRefused):
            sandbox.provider.authorise(asked)
        assert [kind for kind, _, _ in sandbox.moved(asked.reference)] == []

    # All of them

    def test_everything_opened_since_is_told(self, sandbox: Sandbox) -> None:
        references = {self.authorised(sandbox), self.captured(sandbox)}
        references.add(sandbox.provider.create(request(sandbox.hosted)).reference)
        paid = sandbox.provider.create(request(sandbox.hosted))
        sandbox.finish(paid.action_url, approve=True)
        told = list(sandbox.provider.opened_since(long_ago()))
        assert sorted(one.reference for one in told) == sorted({*references, paid.reference})
        assert {one.reference: one for one in told}[paid.reference] == self.seen(sandbox, paid.reference)
        assert list(sandbox.provider.opened_since(datetime.now(UTC) + timedelta(hours=1))) == []
