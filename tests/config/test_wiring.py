"""Which adapter a setting chooses, and what it says when there is none."""

from __future__ import annotations

import pytest
from pytest_django.fixtures import Settings

from tacit.checkout import queries
from tacit.config import wiring
from tacit.config.environment import SettingError
from tacit.connectors.practice_carrier.adapter import PracticeCarrier
from tacit.core import ports
from tacit.web.demo.ports import Cast


def test_outside_a_demo_parcels_go_by_hand_and_the_console_reaches_nothing() -> None:
    assert queries.carrier_label() == ""
    with pytest.raises(ports.PortNotWired):
        ports.get(Cast)


def test_without_a_provider_nobody_can_pay_and_all_else_works(settings: Settings) -> None:
    settings.PAYMENT_PROVIDER = "none"
    assert wiring._provider() is None


def test_a_carrier_is_chosen_by_its_name(settings: Settings) -> None:
    settings.CARRIER = "practice"
    assert isinstance(wiring._carrier(), PracticeCarrier)
    settings.CARRIER = "pigeon"
    with pytest.raises(SettingError, match="TACIT_CARRIER is 'pigeon'; choose one of none, practice"):
        wiring._carrier()
