"""The buyer's page at the provider."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tacit.connectors.practice_provider import cards
from tests.connectors.payment_sandbox import request
from tests.connectors.practice import PracticeProcess


def test_the_page_says_what_it_is_and_what_is_paid(practice: PracticeProcess) -> None:
    opened = practice.provider.create(request(cards.PAGE, minor=4390))
    page = practice.look(opened.action_url)
    text = page.data.decode()
    assert page.status == 200
    assert "No real money moves here" in text
    assert "€43.90" in text
    assert all(f"Card ending {card.ending}" in text for card in cards.CARDS)


def test_the_page_fetches_nothing_and_may_only_lead_back_to_its_shop(practice: PracticeProcess) -> None:
    opened = practice.provider.create(request(cards.PAGE))
    page = practice.look(opened.action_url)
    policy = page.headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "form-action 'self' http://127.0.0.1:9;" in policy
    assert "http" not in page.data.decode()


def test_what_the_shop_sends_is_shown_as_text(practice: PracticeProcess) -> None:
    asked = replace(request(cards.PAGE), description="<script>alert('$amount')</script>")
    text = practice.look(practice.provider.create(asked).action_url).data.decode()
    assert "<script" not in text
    assert "&lt;script&gt;alert(&#x27;$amount&#x27;)" in text


@pytest.mark.parametrize(
    ("decision", "card", "state", "why"),
    [
        ("pay", "card-4242", "authorised", ""),
        ("pay", "card-7777", "processing", ""),
        ("pay", "card-0002", "declined", "card_declined"),
        ("cancel", "", "declined", "cancelled_by_buyer"),
    ],
)
def test_the_buyer_chooses_and_returns_to_the_shop(
    practice: PracticeProcess, decision: str, card: str, state: str, why: str
) -> None:
    asked = request(cards.PAGE)
    url = practice.provider.create(asked).action_url
    answer = practice.choose(url, decision, card)
    assert (answer.status, answer.headers["Location"]) == (303, asked.return_url)
    found = practice.provider.look_up(asked.reference)
    assert found
    assert (found.state, found.decline_code) == (state, why)
    # What is decided stays decided, and the way back stays open.
    again = practice.choose(url, "pay", "card-4242" if state != "authorised" else "card-0002")
    assert asked.return_url in again.data.decode()
    assert practice.provider.look_up(asked.reference) == found


def test_a_card_that_asks_first_asks_on_the_page(practice: PracticeProcess) -> None:
    asked = request(cards.PAGE)
    url = practice.provider.create(asked).action_url
    page = practice.choose(url, "pay", cards.ACTION.code)
    assert (page.status, b"Approve" in page.data) == (200, True)
    assert practice.ledger() == []
    assert practice.choose(url, "approve").status == 303
    assert len(practice.ledger(asked.reference)) == 1


@pytest.mark.parametrize(
    ("decision", "card"),
    [("", ""), ("steal", ""), ("pay", ""), ("pay", "card-1"), ("approve", ""), ("pay", "page")],
)
def test_a_choice_that_is_none_changes_nothing(practice: PracticeProcess, decision: str, card: str) -> None:
    asked = request(cards.PAGE)
    opened = practice.provider.create(asked)
    assert practice.choose(opened.action_url, decision, card).status == 400
    assert practice.provider.look_up(asked.reference) == opened


def test_an_address_nobody_was_given(practice: PracticeProcess) -> None:
    opened = practice.provider.create(request(cards.PAGE))
    answer = practice.choose(opened.action_url[:-1], "pay", "card-4242")
    assert (answer.status, b"No such payment" in answer.data) == (404, True)
