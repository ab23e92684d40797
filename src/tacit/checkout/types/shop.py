"""The shop port: what may be done to an order, whichever shop it lives in."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Protocol

from tacit.checkout.types.order import OrderView
from tacit.core.address import Address
from tacit.core.money import Money


class ShopPort(Protocol):
    """Our own checkout is the first implementation; a connector to another shop is the next.

    Every change takes ``key``: the same key changes nothing a second time. A remote shop's methods make
    network calls, so callers hold no transaction open around them unless ``remote`` is False.
    """

    @property
    def origin(self) -> str: ...

    @property
    def remote(self) -> bool: ...

    def read(self, number: str) -> OrderView:
        """The order. Raises NoSuchOrder."""
        ...

    def cancel(self, number: str, *, by: str, key: str, now: datetime) -> OrderView:
        """Cancel all of it; the money goes back. Raises NotPossible once something was handed over."""
        ...

    def change(self, number: str, *, address: Address, by: str, key: str, now: datetime) -> OrderView:
        """Send it elsewhere. Raises NotPossible once something was handed over."""
        ...

    def refund(
        self, number: str, *, amount: Money, reason: str, by: str, key: str, now: datetime
    ) -> OrderView:
        """Give ``amount`` back. Raises NotPossible above what was captured and not yet refunded."""
        ...

    def basket_link(self, items: Mapping[str, int]) -> str:
        """A link that opens a basket with these SKUs and quantities; it never places an order."""
        ...
