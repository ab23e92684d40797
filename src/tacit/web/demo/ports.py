"""What the console needs of practice adapters and the sample shop. ``config/wiring.py`` registers them in demos."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol


class ProviderSwitches(Protocol):
    """Trouble a practice payment provider makes on purpose. Raises ProviderUnreachable, ProviderRefused."""

    def switches(self) -> dict[str, Any]:
        """``next_payment``, ``late_seconds``, ``down`` and others, as they stand."""
        ...

    def switch(self, **changes: Any) -> dict[str, Any]:
        """Set some of them. Also tells the provider the shop's time."""
        ...


class CarrierOrders(Protocol):
    """What a practice carrier can be told to do with a parcel."""

    def tell(self, tracking: str, what: str, *, at: datetime | None = None) -> bool:
        """``what``: deliver, delay or lose; whether it can still be done. Raises CarrierUnreachable."""
        ...


@dataclass(frozen=True, slots=True)
class Member:
    """Somebody of the sample shop one can become. ``part``: shopper, friend or stranger."""

    part: str
    name: str
    email: str


class Cast(Protocol):
    """The sample shop's people, in the order in which they are offered."""

    def members(self) -> Sequence[Member]: ...
