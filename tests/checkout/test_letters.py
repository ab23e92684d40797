"""Every letter, written by the journal's reader about real orders; text and HTML say the same, once."""

from __future__ import annotations

import html
import re
import time
from datetime import timedelta

import pytest

from tacit.catalog import actions as catalog
from tacit.checkout import actions, tasks
from tacit.checkout.actions.importing import import_orders
from tacit.checkout.models import Order, OrderLine
from tacit.checkout.types.importing import ImportedLine, ImportedOrder
from tacit.checkout.types.order import OrderKind
from tacit.checkout.types.payment import PaymentState
from tacit.core import journal
from tacit.core.events import OrderPaid
from tacit.core.models import JournalEntry, JournalReader, OutboxMail
from tacit.core.money import Money
from tacit.web import links
from tests.checkout.shopping import CONTACT, buy, fill

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def addresses(settings):
    settings.SHOP_URL = "https://shop.example"


def letters(now) -> list[OutboxMail]:
    """All letters there are once the reader has read all of the journal."""
    deadline = time.monotonic() + 60
    while True:
        tasks.write_letters(now)
        if all(lag.entries == 0 for lag in journal.lags(now=now) if lag.reader == tasks.READER):
            return list(OutboxMail.objects.order_by("id"))
        assert time.monotonic() < deadline, "the journal was not read to its end"
        time.sleep(0.02)  # rows wait for every older transaction on this server


def words(shown: str) -> list[str]:
    """What a reader sees of a text or of HTML."""
    body = re.sub(r"<head>.*?</head>", "", shown, flags=re.DOTALL)
    return html.unescape(re.sub(r"<[^>]+>", " ", body)).split()


def check(letter: OutboxMail, subject: str, *said: str) -> None:
    """To the buyer, under ``subject``, both bodies saying ``said`` and leading to the order."""
    number = Order.objects.get().number
    link = f"https://shop.example{links.order_path(number)}"
    assert (letter.to, letter.subject) == (CONTACT.email, subject.format(number))
    assert link in letter.text.split()
    assert f'href="{link}"' in letter.html
    for sentence in said:
        assert sentence.split() == within(sentence, words(letter.text)), letter.text
        assert sentence.split() == within(sentence, words(letter.html)), letter.html
    amounts = re.compile(r"[€£]\d[\d.,]*\d")
    assert sorted(amounts.findall(letter.text)) == sorted(amounts.findall(letter.html))


def within(sentence: str, seen: list[str]) -> list[str]:
    """The stretch of ``seen`` that is ``sentence``, or nothing."""
    wanted = sentence.split()
    starts = (n for n in range(len(seen)) if seen[n : n + len(wanted)] == wanted)
    begin = next(starts, None)
    return [] if begin is None else seen[begin : begin + len(wanted)]


PAID = ("Your order {}", "Thank you. Your order is paid and being packed.", "2 × Enamel kettle", "€78.00")


def test_a_paid_order_is_confirmed(kettle, provider, now):
    buy(fill(kettle, now=now, quantity=2), now=now, shipping="express")
    (letter,) = letters(now)
    check(letter, *PAID, "€9.90", "€87.90", "Ana Berg", "Hafenweg 3", "20457 Hamburg", "Germany")
    assert "€14.03" in letter.text  # the tax in it


def test_each_parcel_is_told_with_its_own_number(kettle, provider, now, staff):
    number = buy(fill(kettle, now=now, quantity=2), now=now).number
    line = OrderLine.objects.get().pk
    for key, tracking in (("parcel-one", "JJD-1"), ("parcel-two", "JJD-2")):
        actions.ship(staff, number, carrier="DHL", tracking=tracking, key=key, now=now, pieces={line: 1})
    _, one, two = letters(now)
    check(one, "On its way: order {}", "Your parcel is on its way. DHL, tracking number JJD-1.")
    check(two, "On its way: order {}", "Your parcel is on its way. DHL, tracking number JJD-2.")


def test_a_parcel_without_a_number_is_told_as_well(kettle, provider, now, staff):
    number = buy(fill(kettle, now=now), now=now).number
    actions.ship(staff, number, carrier="", tracking="", key="parcel-one", now=now)
    check(letters(now)[1], "On its way: order {}", "Your parcel is on its way.", "€43.90")


def test_a_cancelled_order_says_that_nothing_was_charged(kettle, provider, now, staff):
    number = buy(fill(kettle, now=now), now=now).number
    actions.cancel(staff, number, key="cancel-it", now=now)
    check(letters(now)[1], "Cancelled: order {}", "Your order is cancelled. Nothing was charged.", "€43.90")


def test_a_cancelled_order_whose_money_was_taken_says_that_it_comes_back(
    kettle, provider, now, staff, settings
):
    settings.PAYMENT_CAPTURE = "at_once"
    number = buy(fill(kettle, now=now), now=now).number
    actions.sweep(now=now)
    actions.cancel(staff, number, key="cancel-it", now=now)
    _, letter = letters(now)
    check(letter, "Cancelled: order {}", "Your order is cancelled. Your money is on its way back.")
    actions.sweep(now=now)
    check(letters(now)[2], "Money back: order {}", "€43.90 is on its way back to you.")


def test_who_did_not_pay_in_time_is_told(kettle, provider, now):
    buy(fill(kettle, now=now), now=now, method="ask")
    actions.sweep(now=now + timedelta(minutes=31))
    (letter,) = letters(now)
    check(letter, "Not made: order {}", "Your payment did not reach us in time,", "Nothing was charged.")


def test_whose_money_came_after_the_last_piece_is_told(kettle, provider, now, staff):
    bought = buy(fill(kettle, now=now), now=now, method="slow")
    provider.refuse_voids = True
    actions.sweep(now=now + timedelta(minutes=31))
    provider.refuse_voids = False
    catalog.set_stock(staff, sku="KETTLE", on_hand=0, now=now)
    provider.turn(bought.reference, PaymentState.AUTHORISED)
    for _ in range(2):
        actions.complete_payment(reference=bought.reference, now=now + timedelta(hours=1))
    late, sold_out = letters(now)
    check(late, "Not made: order {}", "Your payment did not reach us in time,")
    check(sold_out, "Not made: order {}", "Your payment arrived after the last piece was sold.")


def test_money_back_is_told_with_its_amount_and_no_list(kettle, provider, now, staff):
    number = buy(fill(kettle, now=now), now=now).number
    actions.ship(staff, number, carrier="", tracking="", key="parcel-one", now=now)
    actions.sweep(now=now)
    for key, minor in (("refund-1", 1234), ("refund-2", 1)):
        actions.refund(staff, number, amount=Money(minor, "EUR"), reason="late", key=key, now=now)
        actions.sweep(now=now)
    _, _, first, second = letters(now)
    check(first, "Money back: order {}", "€12.34 is on its way back to you.")
    check(second, "Money back: order {}", "€0.01 is on its way back to you.")
    assert "kettle" not in first.text + first.html


@pytest.mark.parametrize("method", ["bad", "slow"])
def test_who_saw_it_on_the_page_gets_no_letter(kettle, provider, now, method):
    buy(fill(kettle, now=now), now=now, method=method)
    assert letters(now) == []


def test_a_second_reading_tells_nobody_twice(kettle, provider, now):
    buy(fill(kettle, now=now), now=now)
    (letter,) = letters(now)
    assert letters(now) == [letter]
    JournalReader.objects.update(xid="0", entry=0)  # as if the reader had never been
    assert letters(now) == [letter]


def test_history_tells_nobody(kettle, provider, now):
    number = buy(fill(kettle, now=now), now=now).number
    journal.record(OrderPaid(number, None, 4390, "EUR"), at=now, historic=True)
    lines = (ImportedLine("KETTLE", "Kettle", 1, 3900, variant=kettle),)
    imported = ImportedOrder("536365", OrderKind.SALE, now, "17850", "DE", "EUR", lines)
    import_orders(origin="old-shop", orders=[imported], now=now)
    assert len(letters(now)) == 1
    journal.record(OrderPaid(number, None, 4390, "EUR"), at=now)  # the control: the same, but not history
    assert len(letters(now)) == 2
    assert JournalEntry.objects.filter(historic=True).count() == 2


def test_a_letter_is_in_the_language_the_order_was_made_in(kettle, provider, now):
    buy(fill(kettle, now=now), now=now)
    Order.objects.update(language="de")
    (letter,) = letters(now)
    number = Order.objects.get().number
    assert letter.subject == f"Ihre Bestellung {number}"
    assert "43,90 €" in letter.text.replace("\xa0", " ")
    assert f"https://shop.example/de/order/{number}/" in letter.text
