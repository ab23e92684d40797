"""What every shop behind the shop port must do, as tests. An adapter's own test module subclasses ShopContract
and gives it a `sandbox` fixture."""

from __future__ import annotations

from dataclasses import replace
from typing import Protocol

import pytest

from tacit.checkout.types.order import CheckoutError, NoSuchOrder, NotPossible, OrderStatus, OrderView
from tacit.checkout.types.shop import ShopPort
from tacit.core.address import Address
from tacit.core.money import Money

ELSEWHERE = Address("Ana Berg", "Elbchaussee 9", "2nd floor", "22765", "Hamburg", "DE")
ONE = "contract-key-1"
TWO = "contract-key-2"


class Sandbox(Protocol):
    """A shop with orders to try things on."""

    @property
    def shop(self) -> ShopPort: ...

    def paid(self) -> str:
        """A new paid order, sent within Germany, nothing of which is handed over; its number."""

    def hand_over(self, number: str) -> None:
        """All of it leaves the house, and its money is taken."""

    def settle(self) -> None:
        """Let money that is on its way arrive."""

    def given_back(self, number: str) -> Money:
        """What the buyer got back, by the books of whoever holds the money."""

    def held(self, number: str) -> Money:
        """What is authorised or taken and not given back, by the same books."""

    def open_basket(self, link: str) -> dict[str, int]:
        """What a buyer who follows the link finds in the basket, by SKU."""

    def orders(self) -> int:
        """How many orders there are."""

    skus: tuple[str, str]
    """Two things for sale."""


def cents(minor: int, order: OrderView) -> Money:
    return Money(minor, order.total.currency)


class ShopContract:
    def test_it_says_whose_orders_these_are(self, sandbox: Sandbox) -> None:
        assert sandbox.shop.origin
        assert isinstance(sandbox.shop.remote, bool)

    def test_an_order_is_read_whole(self, sandbox: Sandbox) -> None:
        number = sandbox.paid()
        order = sandbox.shop.read(number)
        assert (order.number, order.origin, order.status) == (number, sandbox.shop.origin, OrderStatus.PAID)
        assert order.email and order.address.country == "DE"
        assert order.lines and sum(line.total.minor for line in order.lines) == order.goods.minor
        assert order.total == order.goods + order.shipping == sandbox.held(number)

    def test_cancelling_gives_the_money_back_once(self, sandbox: Sandbox, now) -> None:
        number = sandbox.paid()
        for _ in range(2):
            assert sandbox.shop.cancel(number, by="test", key=ONE, now=now).status == OrderStatus.CANCELLED
            sandbox.settle()
        assert not sandbox.held(number)
        with pytest.raises(NotPossible):
            sandbox.shop.cancel(number, by="test", key=TWO, now=now)

    def test_a_cancelled_order_is_not_sent_elsewhere(self, sandbox: Sandbox, now) -> None:
        number = sandbox.paid()
        before = sandbox.shop.cancel(number, by="test", key=ONE, now=now)
        with pytest.raises(NotPossible):
            sandbox.shop.change(number, address=ELSEWHERE, by="test", key=TWO, now=now)
        assert sandbox.shop.read(number).address == before.address

    def test_it_is_sent_elsewhere(self, sandbox: Sandbox, now) -> None:
        number = sandbox.paid()
        before = sandbox.shop.read(number)
        for _ in range(2):
            after = sandbox.shop.change(number, address=ELSEWHERE, by="test", key=ONE, now=now)
            assert after == replace(before, address=ELSEWHERE)

    def test_a_repeated_key_does_not_bring_an_old_address_back(self, sandbox: Sandbox, now) -> None:
        number = sandbox.paid()
        first = sandbox.shop.read(number).address
        sandbox.shop.change(number, address=ELSEWHERE, by="test", key=ONE, now=now)
        sandbox.shop.change(number, address=first, by="test", key=TWO, now=now)
        assert sandbox.shop.change(number, address=ELSEWHERE, by="test", key=ONE, now=now).address == first

    @pytest.mark.parametrize(
        "address",
        [replace(ELSEWHERE, line1=""), replace(ELSEWHERE, city="x" * 500), replace(ELSEWHERE, name="\x00")],
    )
    def test_no_address_is_no_change(self, sandbox: Sandbox, now, address: Address) -> None:
        number = sandbox.paid()
        before = sandbox.shop.read(number)
        with pytest.raises(CheckoutError):
            sandbox.shop.change(number, address=address, by="test", key=ONE, now=now)
        assert sandbox.shop.read(number) == before

    def test_what_was_handed_over_is_neither_cancelled_nor_sent_elsewhere(
        self, sandbox: Sandbox, now
    ) -> None:
        number = sandbox.paid()
        sandbox.hand_over(number)
        before, held = sandbox.shop.read(number), sandbox.held(number)
        with pytest.raises(NotPossible):
            sandbox.shop.cancel(number, by="test", key=ONE, now=now)
        with pytest.raises(NotPossible):
            sandbox.shop.change(number, address=ELSEWHERE, by="test", key=TWO, now=now)
        sandbox.settle()
        assert (sandbox.shop.read(number), sandbox.held(number)) == (before, held)

    def test_a_refused_change_does_not_use_its_key_up(self, sandbox: Sandbox, now) -> None:
        number = sandbox.paid()
        with pytest.raises(CheckoutError):
            sandbox.shop.change(number, address=replace(ELSEWHERE, line1=""), by="test", key=ONE, now=now)
        after = sandbox.shop.change(number, address=ELSEWHERE, by="test", key=ONE, now=now)
        assert after.address == ELSEWHERE

    def test_money_goes_back_once_a_key_and_never_more_than_was_taken(self, sandbox: Sandbox, now) -> None:
        number = sandbox.paid()
        sandbox.hand_over(number)
        order = sandbox.shop.read(number)
        part = cents(100, order)
        for _ in range(2):
            sandbox.shop.refund(number, amount=part, reason="late", by="test", key=ONE, now=now)
            sandbox.settle()
        assert sandbox.given_back(number) == part
        with pytest.raises(NotPossible):
            sandbox.shop.refund(number, amount=order.total, reason="late", by="test", key=TWO, now=now)
        rest = order.total - part
        sandbox.shop.refund(number, amount=rest, reason="late", by="test", key="contract-key-3", now=now)
        sandbox.settle()
        assert sandbox.given_back(number) == order.total
        with pytest.raises(NotPossible):
            sandbox.shop.refund(
                number, amount=cents(1, order), reason="late", by="test", key="contract-key-4", now=now
            )

    def test_what_was_not_taken_cannot_go_back(self, sandbox: Sandbox, now) -> None:
        number = sandbox.paid()
        one = cents(1, sandbox.shop.read(number))
        with pytest.raises(NotPossible):
            sandbox.shop.refund(number, amount=one, reason="late", by="test", key=ONE, now=now)

    def test_no_amount_is_no_refund(self, sandbox: Sandbox, now) -> None:
        number = sandbox.paid()
        sandbox.hand_over(number)
        order = sandbox.shop.read(number)
        other = "USD" if order.total.currency != "USD" else "EUR"
        for amount in (cents(0, order), cents(-1, order), Money(100, other)):
            with pytest.raises(CheckoutError):
                sandbox.shop.refund(number, amount=amount, reason="", by="test", key=ONE, now=now)
        sandbox.settle()
        assert not sandbox.given_back(number)

    def test_an_unknown_order_is_unknown_to_all(self, sandbox: Sandbox, now) -> None:
        shop, amount = sandbox.shop, Money(100, "EUR")
        for number in ("NO-SUCH-ORDER", "", "x" * 500):
            with pytest.raises(NoSuchOrder):
                shop.read(number)
            with pytest.raises(NoSuchOrder):
                shop.cancel(number, by="test", key=ONE, now=now)
            with pytest.raises(NoSuchOrder):
                shop.change(number, address=ELSEWHERE, by="test", key=ONE, now=now)
            with pytest.raises(NoSuchOrder):
                shop.refund(number, amount=amount, reason="", by="test", key=ONE, now=now)

    def test_a_basket_link_fills_a_basket_and_orders_nothing(self, sandbox: Sandbox) -> None:
        first, second = sandbox.skus
        before = sandbox.orders()
        link = sandbox.shop.basket_link({first: 2, second: 1})
        assert link.startswith(("https://", "http://"))
        for _ in range(2):
            assert sandbox.open_basket(link) == {first: 2, second: 1}
        assert sandbox.orders() == before
