"""A shop that programs talk to, and the keys they show."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

import pytest

from tacit.accounts import actions as accounts
from tacit.accounts.types import Visitor
from tests.checkout.fake_provider import FakeProvider
from tests.web.conftest import desk, plain_files, rows

__all__ = ["desk", "plain_files", "rows"]

Key = Callable[..., dict[str, str]]


@pytest.fixture
def shop(kettle: int, provider: FakeProvider) -> FakeProvider:
    """The small shop with its payment provider."""
    return provider


@pytest.fixture
def key(db: None) -> Key:
    """Headers of a program whose key has these scopes."""

    def made(*scopes: str) -> dict[str, str]:
        _, secret = accounts.make_key(
            Visitor(staff=True), name="a program", scopes=scopes, days=30, now=datetime.now(UTC)
        )
        return {"Authorization": f"Bearer {secret}"}

    return made
