"""What the database refuses by itself, whoever forgets to ask first."""

from __future__ import annotations

from datetime import datetime

import pytest
from django.db import IntegrityError, transaction

from tacit.checkout.models import Order, Placing
from tests.checkout.fake_provider import FakeProvider
from tests.checkout.shopping import buy, fill

pytestmark = pytest.mark.django_db


def test_a_cart_is_one_live_order_and_a_key_one_placing(
    kettle: int, provider: FakeProvider, now: datetime
) -> None:
    buy(fill(kettle, now=now), method="slow", now=now)
    order = Order.objects.get()
    placing = Placing.objects.get()
    twin = Order.objects.get()
    twin.pk, twin.number = None, "A" * 12
    with pytest.raises(IntegrityError, match="order_one_live_a_cart"), transaction.atomic():
        twin.save()
    twin.cart = None
    twin.save()
    placing.pk, placing.order = None, twin
    with pytest.raises(IntegrityError, match="placing_once"), transaction.atomic():
        placing.save()
    assert Order.objects.get(cart=order.cart) == order
