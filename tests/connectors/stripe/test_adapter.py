"""The adapter against a local Stripe: the contract of every provider, and what is its own."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from tacit.checkout.types.payment import (
    OperationKind,
    PaymentAnswer,
    PaymentState,
    ProviderRefused,
    ProviderUnreachable,
)
from tacit.connectors.stripe.adapter import StripeProvider
from tacit.connectors.stripe.amounts import from_stripe, to_stripe
from tacit.core.money import Money
from tests.connectors.payment_contract import PaymentContract
from tests.connectors.payment_sandbox import eur, request
from tests.connectors.stripe.fake import KEY, FakeStripe
from tests.connectors.stripe.sandbox import StripeSandbox, fake_stripe, sandbox

__all__ = ["fake_stripe", "sandbox"]


class TestStripe(PaymentContract):
    pass


def seen(sandbox: StripeSandbox, reference: str) -> PaymentAnswer:
    answer = sandbox.provider.look_up(reference)
    assert answer is not None
    return answer


@pytest.mark.parametrize(
    ("minor", "currency", "told"),
    [
        (4390, "EUR", 4390),
        (4390, "JPY", 4390),
        (500, "ISK", 50000),
        (500, "UGX", 50000),
        (5120, "KWD", 5120),
        (1045, "HUF", 1045),
    ],
)
def test_amounts_as_stripe_documents_them(minor: int, currency: str, told: int) -> None:
    assert to_stripe(Money(minor, currency)) == told
    assert from_stripe(told, currency.lower()) == Money(minor, currency)


def test_an_amount_that_stripe_cannot_hold_is_refused_rather_than_rounded() -> None:
    with pytest.raises(ProviderRefused) as refused:
        to_stripe(Money(5124, "KWD"))
    assert refused.value.code == "amount_not_payable"


def test_a_declined_card_leaves_the_page_open_for_another(sandbox: StripeSandbox) -> None:
    opened = sandbox.provider.create(request(sandbox.hosted))
    sandbox.finish(opened.action_url, approve=False)
    waiting = seen(sandbox, opened.reference)
    assert (waiting.state, waiting.action_url) == (PaymentState.NEEDS_ACTION, opened.action_url)
    sandbox.finish(opened.action_url, approve=True)
    paid = sandbox.provider.look_up(opened.reference, hint=opened.provider_reference)
    assert paid is not None
    assert (paid.state, paid.instrument) == (PaymentState.AUTHORISED, "Visa ending 4242")


def test_an_open_page_is_closed_by_a_void(sandbox: StripeSandbox) -> None:
    opened = sandbox.provider.create(request(sandbox.hosted))
    ended = sandbox.provider.void(opened.reference, key="stop", hint=opened.provider_reference)
    assert (ended.state, ended.action_url) == (PaymentState.VOIDED, "")
    assert [(one.key, one.kind) for one in ended.operations] == [("stop", OperationKind.VOID)]
    sandbox.finish(opened.action_url, approve=True)
    assert seen(sandbox, opened.reference) == ended


def test_the_page_is_open_as_long_as_stripe_wants_and_no_longer_than_the_shop_waits(
    sandbox: StripeSandbox,
) -> None:
    asked = request(sandbox.hosted)
    sandbox.provider.create(replace(asked, pay_by=datetime.now(UTC) + timedelta(minutes=30)))
    (session,) = sandbox.fake.books.sessions.values()
    assert session["asked"]["expires_at"] - session["created"] <= 41 * 60


@pytest.mark.parametrize("lists_releases", [True, False])
def test_what_a_partial_capture_releases_is_no_refund(sandbox: StripeSandbox, lists_releases: bool) -> None:
    sandbox.fake.books.lists_releases = lists_releases
    asked = request(sandbox.approving, minor=1000)
    sandbox.provider.authorise(asked)
    taken = sandbox.provider.capture(asked.reference, amount=eur(400), key="take")
    assert (taken.captured, taken.refunded) == (eur(400), eur(0))
    assert sandbox.provider.refund(asked.reference, amount=eur(400), key="back").refunded == eur(400)


def test_more_refunds_than_a_charge_shows_are_all_counted(sandbox: StripeSandbox) -> None:
    asked = request(sandbox.approving, minor=1300, capture=True)
    sandbox.provider.authorise(asked)
    for number in range(13):
        answer = sandbox.provider.refund(asked.reference, amount=eur(100), key=f"back {number}")
    assert answer.refunded == eur(1300)
    keys = [one.key for one in answer.operations if one.kind is OperationKind.REFUND]
    assert keys == [f"back {number}" for number in range(13)]


def test_a_refund_that_fails(sandbox: StripeSandbox) -> None:
    asked = request(sandbox.approving, minor=1000, capture=True)
    sandbox.provider.authorise(asked)
    sandbox.fake.books.next_refund = "failed"
    with pytest.raises(ProviderRefused) as refused:
        sandbox.provider.refund(asked.reference, amount=eur(100), key="one")
    assert refused.value.code == "expired_or_canceled_card"
    sandbox.fake.books.next_refund = "pending"
    assert sandbox.provider.refund(asked.reference, amount=eur(100), key="two").refunded == eur(100)
    (late,) = [one for one in sandbox.fake.books.refunds.values() if one["status"] == "pending"]
    sandbox.fake.books.fail_refund(late)
    assert seen(sandbox, asked.reference).refunded == eur(0)


def test_what_was_done_at_stripe_itself_has_no_key(sandbox: StripeSandbox) -> None:
    books, asked = sandbox.fake.books, request(sandbox.approving, minor=1000)
    intent = books.intents[sandbox.provider.authorise(asked).provider_reference]
    books.capture(intent, {})
    books.refund({"payment_intent": intent["id"], "amount": 250})
    answer = seen(sandbox, asked.reference)
    assert [(one.key, one.amount) for one in answer.operations] == [("", eur(1000)), ("", eur(250))]


def test_payments_of_others_in_the_same_account_are_told_without_a_reference(sandbox: StripeSandbox) -> None:
    sandbox.fake.books.open_intent({"amount": 1, "currency": "eur"})
    told = list(sandbox.provider.opened_since(datetime.now(UTC) - timedelta(minutes=1)))
    assert [one.reference for one in told] == [""]
    assert told[0].provider_reference


def test_lists_are_read_to_their_end(sandbox: StripeSandbox) -> None:
    sandbox.fake.page_size = 2
    references = [sandbox.provider.create(request(sandbox.hosted)).reference for _ in range(5)]
    told = sandbox.provider.opened_since(datetime.now(UTC) - timedelta(minutes=1))
    assert sorted(one.reference for one in told) == sorted(references)
    assert seen(sandbox, references[0]).reference == references[0]


@pytest.mark.parametrize("lost", [0, 1])
def test_an_answer_lost_while_the_bank_is_asked_leaves_nothing_held(
    sandbox: StripeSandbox, lost: int
) -> None:
    asked = request(sandbox.watched)
    sandbox.fake.drop, sandbox.fake.drop_after = 1, lost
    with pytest.raises(ProviderUnreachable):
        sandbox.provider.authorise(asked)
    found = seen(sandbox, asked.reference)
    assert found.state in (PaymentState.DECLINED, PaymentState.NEEDS_ACTION)
    assert found.authorised == eur(0)
    assert sandbox.provider.authorise(asked).reference == asked.reference
    assert len(sandbox.fake.books.intents) == 1


@pytest.mark.parametrize("lost", [0, 1])
def test_an_answer_lost_while_a_page_is_closed(sandbox: StripeSandbox, lost: int) -> None:
    opened = sandbox.provider.create(request(sandbox.hosted))
    sandbox.fake.drop, sandbox.fake.drop_after = 1, lost
    with pytest.raises(ProviderUnreachable):
        sandbox.provider.void(opened.reference, key="stop")
    sandbox.provider.void(opened.reference, key="stop")
    assert [one.key for one in seen(sandbox, opened.reference).operations] == ["stop"]


@pytest.mark.parametrize("status", ["429", "500", "502", "409", "401", "403", "close"])
def test_whatever_may_have_happened_or_will_be_mended_is_unreachable(
    sandbox: StripeSandbox, status: str
) -> None:
    asked = request(sandbox.approving)
    sandbox.fake.down = status
    calls: tuple[Callable[[], object], ...] = (
        lambda: sandbox.provider.authorise(asked),
        lambda: sandbox.provider.look_up(asked.reference),
    )
    for call in calls:
        with pytest.raises(ProviderUnreachable):
            call()
    assert len(sandbox.fake.requests) == 2, "Stripe was asked again unasked"


def test_many_threads_pay_one_reference_once(sandbox: StripeSandbox) -> None:
    asked = request(sandbox.approving)
    threads = [threading.Thread(target=sandbox.provider.authorise, args=(asked,)) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
    assert [kind for kind, _, _ in sandbox.moved(asked.reference)] == ["authorise"]


@pytest.mark.parametrize("api", ["http://api.stripe.com", "ftp://127.0.0.1", "api.stripe.com", ""])
def test_a_key_is_sent_nowhere_in_the_clear(api: str) -> None:
    with pytest.raises(ValueError, match="https"):
        StripeProvider(key="sk_test_x", api=api)


def test_the_moved_clock_of_a_demo_hides_no_payment(fake_stripe: FakeStripe, sandbox: StripeSandbox) -> None:
    asked = request(sandbox.hosted)
    sandbox.provider.create(asked)
    ahead = timedelta(days=3)
    moved = StripeProvider(key="sk_test_of_the_tests", api=fake_stripe.url, ahead=lambda: ahead)
    assert moved.look_up(asked.reference, since=datetime.now(UTC) + ahead) is not None
    assert moved.look_up(asked.reference, since=datetime.now(UTC) + 2 * ahead) is None


def page_paid(sandbox: StripeSandbox, *, capture: bool, customer: str = "") -> PaymentAnswer:
    """With the card kept."""
    asked = replace(request(sandbox.hosted, keep=True, capture=capture), customer=customer)
    sandbox.finish(sandbox.provider.create(asked).action_url, approve=True)
    answer = seen(sandbox, asked.reference)
    assert answer.kept is not None
    return answer


def is_there(sandbox: StripeSandbox, customer: str) -> bool:
    return "deleted" not in sandbox.fake.books.customers[customer]


def test_the_customer_goes_with_the_last_that_was_kept_for_them(sandbox: StripeSandbox) -> None:
    first = page_paid(sandbox, capture=True).kept
    assert first is not None
    second = page_paid(sandbox, capture=True, customer=first.customer).kept
    assert second is not None and second.customer == first.customer
    sandbox.provider.forget(first.token)
    assert is_there(sandbox, first.customer)
    sandbox.provider.forget(second.token)
    assert not is_there(sandbox, first.customer)
    sandbox.provider.forget(second.token, customer=first.customer)
    sandbox.provider.forget("pm_never_there", customer="cus_never_there")


def test_the_customer_stays_until_what_is_under_way_is_over(sandbox: StripeSandbox) -> None:
    answer = page_paid(sandbox, capture=False)
    kept = answer.kept
    assert kept is not None
    for _ in range(2):
        with pytest.raises(ProviderUnreachable):
            sandbox.provider.forget(kept.token, customer=kept.customer)
    assert sandbox.fake.books.methods[kept.token]["customer"] is None, "the card is let go at once"
    sandbox.provider.capture(answer.reference, amount=answer.amount, key="take")
    sandbox.provider.forget(kept.token, customer=kept.customer)
    assert not is_there(sandbox, kept.customer)


def test_a_customer_with_business_of_the_merchants_own_stays(sandbox: StripeSandbox) -> None:
    kept = page_paid(sandbox, capture=True).kept
    assert kept is not None
    sandbox.fake.books.open_intent({"amount": 1, "currency": "eur", "customer": kept.customer})
    sandbox.provider.forget(kept.token, customer=kept.customer)
    assert is_there(sandbox, kept.customer)


def test_a_customer_deleted_at_stripe_is_made_anew(sandbox: StripeSandbox) -> None:
    books, kept = sandbox.fake.books, page_paid(sandbox, capture=True).kept
    assert kept is not None
    books.delete_customer(books.customers[kept.customer])
    anew = page_paid(sandbox, capture=True, customer=kept.customer)
    assert anew.kept is not None and anew.kept.customer != kept.customer
    asked = replace(request(sandbox.hosted, keep=True), customer=kept.customer)
    assert sandbox.provider.create(asked) == sandbox.provider.create(asked)


def test_two_shops_in_one_account_tell_their_payments_apart(sandbox: StripeSandbox) -> None:
    mine, other = (StripeProvider(key=KEY, api=sandbox.fake.url, shop=name) for name in ("mine", "other"))
    references = [
        mine.create(request(sandbox.hosted)).reference,
        mine.authorise(request(sandbox.approving)).reference,
    ]
    told = {
        shop: [one.reference for one in shop.opened_since(datetime.now(UTC) - timedelta(minutes=1))]
        for shop in (mine, other)
    }
    assert (sorted(told[mine]), told[other]) == (sorted(references), ["", ""])
    # Should the shop's secret change, what is under way is still found.
    assert other.look_up(references[0]) is not None


def test_a_missing_permission_is_named_and_the_key_is_not(
    sandbox: StripeSandbox, caplog: pytest.LogCaptureFixture
) -> None:
    sandbox.fake.forbidden = {"payment_methods"}
    with pytest.raises(ProviderUnreachable, match="lacks the permission payment_method_write"):
        sandbox.provider.forget("pm_1")
    assert "payment_method_write" in caplog.text and "rk_test" not in caplog.text
