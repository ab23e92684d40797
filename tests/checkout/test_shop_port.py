"""Our own checkout keeps the contract of the shop port."""

from __future__ import annotations

from datetime import datetime
from urllib.parse import urlsplit

import pytest
from django.test import Client

from tacit.accounts.types import Visitor
from tacit.checkout import actions
from tacit.checkout.models import CartLine, Order, Payment
from tacit.checkout.types.payment import PaymentState
from tacit.checkout.types.shop import ShopPort
from tacit.core.money import Money
from tests.checkout.fake_provider import FakeProvider, Held
from tests.checkout.shop_contract import ShopContract
from tests.checkout.shopping import buy, fill


class OurSandbox:
    skus = ("KETTLE", "LID")

    def __init__(self, variant: int, provider: FakeProvider, now: datetime) -> None:
        self.shop: ShopPort = actions.our_shop()
        self._variant, self._provider, self._now = variant, provider, now
        self._buyer = Client()

    def paid(self) -> str:
        return buy(fill(self._variant, now=self._now, quantity=2), now=self._now).number

    def hand_over(self, number: str) -> None:
        staff = Visitor(staff=True)
        actions.ship(staff, number, carrier="", tracking="", key="contract-parcel", now=self._now)
        self.settle()

    def settle(self) -> None:
        actions.sweep(now=self._now)

    def _books(self, number: str) -> Held:
        return self._provider.payments[Payment.objects.get(order__number=number).reference]

    def given_back(self, number: str) -> Money:
        return Money(self._books(number).refunded, "EUR")

    def held(self, number: str) -> Money:
        held = self._books(number)
        taken = held.authorised if held.state is PaymentState.AUTHORISED else held.captured
        return Money(taken - held.refunded, "EUR")

    def open_basket(self, link: str) -> dict[str, int]:
        assert self._buyer.get(urlsplit(link).path).status_code == 303
        token = self._buyer.cookies["cart"].value
        return dict(CartLine.objects.filter(cart=token).values_list("variant__sku", "quantity"))

    def orders(self) -> int:
        return Order.objects.count()


@pytest.mark.django_db
class TestOurShop(ShopContract):
    @pytest.fixture
    def sandbox(self, kettle, provider, now, settings) -> OurSandbox:
        settings.MIDDLEWARE = [each for each in settings.MIDDLEWARE if not each.startswith("whitenoise.")]
        return OurSandbox(kettle, provider, now)
