"""The practice adapters of a demo, and the sample shop's people, for the console."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache

from django.conf import settings

from tacit.connectors import sample_shop
from tacit.connectors.practice_carrier.adapter import PracticeCarrier
from tacit.connectors.practice_provider.adapter import PracticeProvider
from tacit.core import clock, ports
from tacit.web.demo.ports import CarrierOrders, Cast, Member, ProviderSwitches

CARRIER_FILE = "practice-carrier.sqlite"


def provider(base_url: str) -> PracticeProvider:
    """The practice payment provider at ``base_url``; in a demo it is told the shop's time."""
    return PracticeProvider(
        base_url=base_url,
        secret=settings.PRACTICE_SECRET,
        ahead=clock.ahead if settings.DEMO else None,
    )


def carrier() -> PracticeCarrier:
    """The practice carrier of this home."""
    return PracticeCarrier(settings.HOME / CARRIER_FILE)


class SampleCast:
    """The people one can become."""

    def members(self) -> Sequence[Member]:
        return _members()


@cache
def _members() -> tuple[Member, ...]:
    return tuple(Member(each.part, each.name, each.email) for each in sample_shop.cast())


def wire_console(adapters: Sequence[object]) -> None:
    """Let the console reach what is practice among ``adapters``."""
    ports.register(Cast, SampleCast())
    for adapter in adapters:
        if isinstance(adapter, PracticeProvider):
            ports.register(ProviderSwitches, adapter)
        elif isinstance(adapter, PracticeCarrier):
            ports.register(CarrierOrders, adapter)
